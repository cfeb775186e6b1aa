// What ts-proto generates, called with nice-grpc, against the gRPC port that TRIPTYCH_GRPC names.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { ClientError, createChannel, createClientFactory, Metadata, Status } from "nice-grpc";

import type { Document } from "../gen/factify/api/v1beta/document.js";
import { DocumentServiceDefinition } from "../gen/factify/api/v1beta/document_service.js";
import { ProjectServiceDefinition } from "../gen/gitpod/v1/project_service.js";
import type { Timestamp } from "../gen/google/protobuf/timestamp.js";
import { BadRequest, ErrorInfo } from "../gen/google/rpc/error_details.js";
import { Status as RpcStatus } from "../gen/google/rpc/status.js";

const { TRIPTYCH_GRPC } = process.env;
assert(TRIPTYCH_GRPC, "TRIPTYCH_GRPC does not say where the server is");

const channel = createChannel(TRIPTYCH_GRPC);
const metadata = Metadata({ authorization: "Bearer triptych-admin-token" });
const clients = createClientFactory();
const projects = clients.create(ProjectServiceDefinition, channel, { "*": { metadata } });
const documents = clients.create(DocumentServiceDefinition, channel, { "*": { metadata } });
after(() => channel.close());

/** Every byte, in what is a PDF by how it begins. */
const PDF = Buffer.concat([Buffer.from("%PDF-1.7\n"), Uint8Array.from(Array(256).keys()), Buffer.from("\n%%EOF\n")]);
/** What begins so is refused, and called by its name, if it arrives as it was sent. */
const OLE = Buffer.from("d0cf11e0a1b11ae1", "hex");

/** Make a call that is refused; return its google.rpc.Status, which is in a trailer that the error lacks. */
async function refusal(call: (options: { onTrailer(trailer: Metadata): void }) => Promise<unknown>): Promise<RpcStatus> {
  let details: Uint8Array | undefined;
  const onTrailer = (trailer: Metadata) => void (details = trailer.get("grpc-status-details-bin"));
  const error = await call({ onTrailer }).then(() => undefined, (error: unknown) => error);
  assert(error instanceof ClientError, `the call ended with ${String(error)}`);
  assert.equal(error.code, Status.INVALID_ARGUMENT, error.details);
  assert(details);
  return RpcStatus.decode(details);
}

test("ts-proto: pages", async () => {
  const ids: string[] = [];
  let token = "";
  do {
    const page = await projects.listProjects({ pagination: { pageSize: 2, token } });
    assert(page.projects.length <= 2);
    ids.push(...page.projects.map(({ id }) => id));
    token = page.pagination?.nextToken ?? "";
  } while (token);
  assert(ids.length > 2 && new Set(ids).size === ids.length);
});

test("ts-proto: an error with details", async () => {
  const { details } = await refusal((options) => projects.getProject({ projectId: "engine" }, options));
  const value = (name: string) => details.find(({ typeUrl }) => typeUrl.endsWith(`/${name}`))?.value;
  const [bad, info] = [value("google.rpc.BadRequest"), value("google.rpc.ErrorInfo")];
  assert(bad && info);
  assert.equal(BadRequest.decode(bad).fieldViolations[0]?.field, "project_id");
  assert.equal(ErrorInfo.decode(info).reason, "INVALID_ID_FORMAT");
});

test("ts-proto: bytes", async () => {
  const { document } = await documents.createDocument({ title: "from ts-proto", payload: PDF });
  assert.equal(document?.sourceFormat, "pdf");
  const { message } = await refusal((options) => documents.createDocument({ title: "OLE", payload: OLE }, options));
  assert.match(message, /OLE/);
});

test("ts-proto: an instant to the nanosecond", async () => {
  const listed = async (after?: Timestamp): Promise<Document[]> => {
    const created = after && { after };
    return (await documents.listDocuments({ titleContains: "Notes on the Analytical Engine", created })).items;
  };
  const [notes, ...others] = await listed();
  const createdAt = notes?.createdAt;
  assert(createdAt && !others.length);
  assert.equal(createdAt.nanos, 123_456_789);
  assert.deepEqual((await listed(createdAt)).map(({ id }) => id), [notes.id]);
  assert.deepEqual(await listed({ ...createdAt, nanos: createdAt.nanos + 1 }), []);
});
