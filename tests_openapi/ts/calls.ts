// Calls with openapi-fetch and the types that openapi-typescript makes.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths } from "./schema.d.ts";

const client = createClient<paths>({
  baseUrl: process.env.URL,
  headers: { authorization: "Bearer triptych-admin-token" },
});

const form = new FormData();
form.set("title", "Made by a client");
form.set("payload", new File(["# Notes\n"], "notes.md", { type: "text/markdown" }));
const created = await client.POST("/v1beta/documents", {
  body: { title: "Made by a client", payload: "" },
  bodySerializer: () => form,
});
assert.equal(created.data?.document.source_format, "markdown");

const page = await client.GET("/v1beta/documents", {
  params: {
    query: { page_size: 1, query: "client", access_level: ["organization", "public"], sort: "-created_at" },
  },
});
assert.deepEqual(page.data?.items.map((each) => each.title), ["Made by a client"]);
assert.equal(page.data?.items[0].created_by.name, "Ada Lovelace");

const missing = await client.GET("/v1beta/documents/{document_id}", {
  params: { path: { document_id: "doc_01jw000000e0080000000000zz" } },
});
assert.equal(missing.response.status, 404);
assert.equal(missing.error?.code, "not_found");
assert.deepEqual(missing.error?.details?.map((each) => each.reason), ["resource_not_found"]);
console.log("ok");
