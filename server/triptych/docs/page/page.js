// Shows the document of one face at a time, and adds the token to what is called.
import { generators, samplesPlugin } from "./samples.js";

const DOCUMENTS = { rest: "/openapi.json", connect: "/openapi/connect.json" };
const KEPT = "triptych-token"; // for this tab only
const token = document.getElementById("token");
const settings = await (await fetch("/docs/settings.json")).json();
let viewer;
let loaded = false;
let authorized = false;

function show() {
  const face = location.hash.startsWith("#connect") ? "connect" : "rest";
  for (const link of document.querySelectorAll("header a")) {
    if (link.dataset.face === face) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.getElementById("viewer").replaceChildren();
  loaded = authorized = false;
  viewer = SwaggerUIBundle({
    url: DOCUMENTS[face],
    domNode: document.getElementById("viewer"),
    presets: [SwaggerUIBundle.presets.apis],
    plugins: [samplesPlugin(settings)],
    validatorUrl: null,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    filter: face === "connect",
    requestSnippetsEnabled: true,
    requestSnippets: { generators: generators(face), defaultExpanded: true, languages: Object.keys(generators(face)) },
    onComplete: () => {
      loaded = true;
      authorize();
    },
  });
}

function authorize() {
  sessionStorage.setItem(KEPT, token.value);
  if (!loaded) return;
  if (authorized) viewer.authActions.logout(["bearerAuth"]);
  authorized = token.value !== "";
  if (authorized) viewer.preauthorizeApiKey("bearerAuth", token.value);
}

token.value = sessionStorage.getItem(KEPT) ?? "";
document.getElementById("access").addEventListener("submit", (event) => event.preventDefault());
token.addEventListener("change", authorize);
window.addEventListener("hashchange", show);
show();
