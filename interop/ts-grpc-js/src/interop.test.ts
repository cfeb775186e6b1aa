// @grpc/grpc-js with what @grpc/proto-loader reads at run time, against the gRPC port that TRIPTYCH_GRPC names.
// The types come from proto-loader-gen-types, which is run with the same options, and with keepCase: names in a set
// stay as they are, whatever the option says.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";

import { credentials, loadPackageDefinition, Metadata, type requestCallback, type ServiceError, status } from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";

import type { ProtoGrpcType as Documents } from "../gen/document_service.js";
import type { ProtoGrpcType as Details } from "../gen/error_details.js";
import type { CreateDocumentResponse__Output } from "../gen/factify/api/v1beta/CreateDocumentResponse.js";
import type { Document__Output } from "../gen/factify/api/v1beta/Document.js";
import type { ListDocumentsResponse__Output } from "../gen/factify/api/v1beta/ListDocumentsResponse.js";
import type { ListProjectsResponse__Output } from "../gen/gitpod/v1/ListProjectsResponse.js";
import type { Timestamp__Output } from "../gen/google/protobuf/Timestamp.js";
import type { ProtoGrpcType as Projects } from "../gen/project_service.js";
import type { ProtoGrpcType as Statuses } from "../gen/status.js";

const { TRIPTYCH_GRPC, TRIPTYCH_SET } = process.env;
assert(TRIPTYCH_GRPC && TRIPTYCH_SET, "TRIPTYCH_GRPC and TRIPTYCH_SET do not say where the server and the set are");

const definition = loadFileDescriptorSetFromBuffer(readFileSync(TRIPTYCH_SET), {
  longs: String,
  enums: String,
  arrays: true,
});
type Loaded = Documents & Projects & Statuses & Details;
const { gitpod, factify, google } = loadPackageDefinition(definition) as unknown as Loaded;
const projects = new gitpod.v1.ProjectService(TRIPTYCH_GRPC, credentials.createInsecure());
const documents = new factify.api.v1beta.DocumentService(TRIPTYCH_GRPC, credentials.createInsecure());
after(() => [projects, documents].forEach((client) => client.close()));
const metadata = new Metadata();
metadata.set("authorization", "Bearer triptych-admin-token");

/** Every byte, in what is a PDF by how it begins. */
const PDF = Buffer.concat([Buffer.from("%PDF-1.7\n"), Uint8Array.from(Array(256).keys()), Buffer.from("\n%%EOF\n")]);
/** What begins so is refused, and called by its name, if it arrives as it was sent. */
const OLE = Buffer.from("d0cf11e0a1b11ae1", "hex");

/** Make a call that takes a callback, as all do; return a promise. */
function promised<T>(call: (callback: requestCallback<T>) => unknown): Promise<T> {
  return new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value as T))));
}

/** Return the google.rpc.Status of a call that is refused: it is in the trailers. */
async function refusal(call: Promise<unknown>) {
  const error = await call.then(() => undefined, (error: ServiceError) => error);
  assert.equal(error?.code, status.INVALID_ARGUMENT);
  const [encoded] = error.metadata.get("grpc-status-details-bin");
  assert(encoded instanceof Buffer);
  return google.rpc.Status.deserialize(encoded);
}

test("grpc-js: pages", async () => {
  const ids: (string | undefined)[] = [];
  let token = "";
  do {
    const request = { pagination: { page_size: 2, token } };
    const page = await promised<ListProjectsResponse__Output>((callback) => projects.listProjects(request, metadata, callback));
    ids.push(...(page.projects ?? []).map(({ id }) => id));
    token = page.pagination?.next_token ?? "";
  } while (token);
  assert(ids.length > 2 && new Set(ids).size === ids.length && ids.every(Boolean));
});

test("grpc-js: an error with details", async () => {
  const call = promised((callback) => projects.getProject({ project_id: "engine" }, metadata, callback));
  const { details = [] } = await refusal(call);
  const value = (name: string) => details.find(({ type_url }) => type_url?.endsWith(`/${name}`))?.value;
  const [bad, info] = [value("google.rpc.BadRequest"), value("google.rpc.ErrorInfo")];
  assert(bad && info);
  assert.equal(google.rpc.BadRequest.deserialize(bad).field_violations?.[0]?.field, "project_id");
  assert.equal(google.rpc.ErrorInfo.deserialize(info).reason, "INVALID_ID_FORMAT");
});

test("grpc-js: bytes", async () => {
  const create = (payload: Buffer) => {
    const request = { title: "from grpc-js", payload };
    return promised<CreateDocumentResponse__Output>((callback) => documents.createDocument(request, metadata, callback));
  };
  assert.equal((await create(PDF)).document?.source_format, "pdf");
  assert.match((await refusal(create(OLE))).message ?? "", /OLE/);
});

test("grpc-js: an instant to the nanosecond", async () => {
  const listed = async (after?: Timestamp__Output): Promise<Document__Output[]> => {
    const request = { title_contains: "Notes on the Analytical Engine", created: after && { after } };
    const page = await promised<ListDocumentsResponse__Output>((callback) => documents.listDocuments(request, metadata, callback));
    return page.items ?? [];
  };
  const [notes, ...others] = await listed();
  const createdAt = notes?.created_at;
  assert(createdAt?.nanos && !others.length);
  assert.equal(createdAt.nanos, 123_456_789);
  assert.deepEqual((await listed(createdAt)).map(({ id }) => id), [notes.id]);
  assert.deepEqual(await listed({ ...createdAt, nanos: createdAt.nanos + 1 }), []);
});
