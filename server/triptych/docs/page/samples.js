// How else to make the call that was made: with the vendors' SDKs, and with grpcurl.

// The methods of the vendors' Python SDKs, by rpc.
const GITPOD = {
  "ProjectService/CreateProject": "projects.create",
  "ProjectService/CreateProjects": "projects.bulk_create",
  "ProjectService/UpdateProjects": "projects.bulk_update",
  "ProjectService/DeleteProjects": "projects.bulk_delete",
  "ProjectService/CreateProjectFromEnvironment": "projects.create_from_environment",
  "ProjectService/GetProject": "projects.retrieve",
  "ProjectService/ListProjects": "projects.list",
  "ProjectService/UpdateProject": "projects.update",
  "ProjectService/DeleteProject": "projects.delete",
  "UserService/GetAuthenticatedUser": "users.get_authenticated_user",
  "UserService/GetUser": "users.get_user",
  "UserService/GetPersonalAccessToken": "users.pats.get",
  "UserService/ListPersonalAccessTokens": "users.pats.list",
  "UserService/DeletePersonalAccessToken": "users.pats.delete",
};
const FACTIFY = {
  "get ": "list",
  "post ": "create",
  "get id": "get",
  "patch id": "update",
  "post id/trash": "trash",
  "post id/untrash": "untrash",
};

export function generators(face) {
  const sdk = { title: face === "rest" ? "factify" : "gitpod-sdk", syntax: "python" };
  return {
    curl_bash: { title: "curl", syntax: "bash" },
    sdk_python: sdk,
    ...(face === "connect" ? { grpcurl: { title: "grpcurl", syntax: "bash" } } : {}),
  };
}

export function samplesPlugin(settings) {
  return {
    fn: {
      requestSnippetGenerator_sdk_python: (request) => python(read(request)),
      requestSnippetGenerator_grpcurl: (request) => grpcurl(read(request), settings),
    },
  };
}

function read(request) {
  const url = new URL(request.get("url"), location.href);
  const body = request.get("body");
  let message = {};
  try {
    message = JSON.parse(url.searchParams.get("message") ?? (typeof body === "string" ? body : "{}"));
  } catch {
    // What cannot be read is the server's to explain.
  }
  const form = body && typeof body !== "string" ? Object.fromEntries(body.entrySeq?.() ?? []) : {};
  return { url, verb: request.get("method").toLowerCase(), message, form };
}

function grpcurl({ url, message }, { grpcPort }) {
  const plain = location.protocol === "http:" ? " -plaintext" : "";
  const data = JSON.stringify(message).replaceAll("'", "'\\''");
  const host = `${location.hostname}:${grpcPort || "GRPC_PORT"}`;
  const header = '-H "Authorization: Bearer $TRIPTYCH_TOKEN"';
  return `grpcurl${plain} ${header} \\\n  -d '${data}' ${host} ${url.pathname.slice(1)}`;
}

function python(request) {
  return request.url.pathname.startsWith("/v1beta/documents") ? factify(request) : gitpod(request);
}

function gitpod({ url, message }) {
  const [service, rpc] = url.pathname.split(".").at(-1).split("/");
  const method = GITPOD[`${service}/${rpc}`];
  if (!method) return "# The vendor's SDK has no method for this call.";
  return [
    "import os",
    "",
    "from gitpod import Gitpod",
    "",
    `client = Gitpod(base_url="${url.origin}", bearer_token=os.environ["TRIPTYCH_TOKEN"])`,
    `print(client.${method}(${keywords(message)}))`,
  ].join("\n");
}

function factify({ url, verb, message, form }) {
  const [id, ...rest] = url.pathname.split("/").slice(3);
  const method = FACTIFY[`${verb} ${id ? ["id", ...rest].join("/") : ""}`];
  if (!method) return "# The vendor's SDK has no method for this call.";
  const given = { ...(id ? { document_id: id } : {}), ...query(url), ...message, ...form };
  if (rest.length) given.body = {};
  return [
    "import os",
    "",
    "from factify import Factify",
    "",
    `client = Factify(server_url="${url.origin}", bearer_auth=os.environ["TRIPTYCH_TOKEN"])`,
    `print(client.documents.${method}(${keywords(given)}))`,
  ].join("\n");
}

function query(url) {
  const found = {};
  for (const [name, value] of url.searchParams) {
    const key = name.replaceAll(".", "_");
    found[key] = key in found ? [found[key], value].flat() : value;
  }
  return found;
}

function keywords(message) {
  return Object.entries(message)
    .map(([name, value]) => `${snake(name)}=${literal(value)}`)
    .join(", ");
}

function literal(value) {
  if (value instanceof File) return `{"file_name": "${value.name}", "content": open("${value.name}", "rb")}`;
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, each]) => `${JSON.stringify(snake(name))}: ${literal(each)}`);
  return `{${entries.join(", ")}}`;
}

function snake(name) {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
