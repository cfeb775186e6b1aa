// Every scenario with every client, against the server that TRIPTYCH_HTTP names.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import type { MethodInfo, ServiceInfo } from "@protobuf-ts/runtime-rpc";

import { ConformanceService, type ServerStreamResponse } from "../gen/connectrpc/conformance/v1/service";
import { DocumentService } from "../gen/factify/api/v1beta/document_service";
import { ProjectService } from "../gen/gitpod/v1/project_service";
import { UserService } from "../gen/gitpod/v1/user_service";
import { BadRequest } from "../gen/google/rpc/error_details";
import { Status } from "../gen/google/rpc/status";
import { type Client, Failure, grpcWeb, protobufTs } from "./clients";

const { TRIPTYCH_HTTP: URL } = process.env;
assert(URL, "TRIPTYCH_HTTP does not say where the server is");

const ENGINE = "b0e12f6c-4c67-429d-a4a6-d9838b5da047";
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (data?: Uint8Array) => new TextDecoder().decode(data);
const unique = (text: string) => `${text} ${randomUUID()}`;

/** Return an rpc of a service; the fields of its messages are those that the caller writes and reads. */
function rpc<I extends object = any, O extends object = any>(service: ServiceInfo, name: string): MethodInfo<I, O> {
  const found = service.methods.find((method) => method.name === name);
  assert(found, name);
  return found as MethodInfo<any, any>;
}

const make = (method: MethodInfo<any, any>, fields: object) => method.I.create(fields);

async function fails(call: Promise<unknown>, code: number): Promise<Failure> {
  const error = await call.then(() => undefined, (error: unknown) => error);
  assert(error instanceof Failure, `the call ended with ${String(error)}`);
  assert.equal(error.code, code, error.message);
  return error;
}

const scenarios: Record<string, (client: Client) => Promise<void>> = {
  "the caller": async (client) => {
    const me = rpc(UserService, "GetAuthenticatedUser");
    const { user } = await client.unary(me, make(me, {}));
    assert.equal(user.name, "Ada Lovelace");
  },
  "a document": async (client) => {
    const [create, list] = [rpc(DocumentService, "CreateDocument"), rpc(DocumentService, "ListDocuments")];
    for (const size of [1, 2, 3, 300_000]) {
      const title = unique("Größe");
      const payload = encode("#".repeat(size));
      const { document } = await client.unary(create, make(create, { title, payload, fileName: "a.md" }));
      assert.equal(document.title, title);
      const { items } = await client.unary(list, make(list, { titleContains: title }));
      assert.deepEqual(items.map((item: { id: string }) => item.id), [document.id]);
    }
  },
  "bytes": async (client) => {
    const create = rpc(DocumentService, "CreateDocument");
    const payload = Uint8Array.from([...encode("%PDF-1.7\n"), ...Array(256).keys(), ...encode("\n%%EOF\n")]);
    const { document } = await client.unary(create, make(create, { title: unique("Bytes"), payload }));
    assert.equal(document.sourceFormat, "pdf");
    // What begins so is refused, and called by its name, if it arrives as it was sent.
    const ole = Uint8Array.from(Buffer.from("d0cf11e0a1b11ae1", "hex"));
    const { message } = await fails(client.unary(create, make(create, { title: "OLE", payload: ole })), 3);
    assert.match(message, /OLE/);
  },
  "an instant to the nanosecond": async (client) => {
    const list = rpc(DocumentService, "ListDocuments");
    const listed = async (after?: object) => {
      const fields = { titleContains: "Notes on the Analytical Engine", created: after && { after } };
      return (await client.unary(list, make(list, fields))).items;
    };
    const [notes, ...others] = await listed();
    assert.equal(others.length, 0);
    assert.equal(notes.createdAt.nanos, 123_456_789);
    assert.deepEqual((await listed(notes.createdAt)).map(({ id }: { id: string }) => id), [notes.id]);
    assert.deepEqual(await listed({ ...notes.createdAt, nanos: notes.createdAt.nanos + 1 }), []);
  },
  "pages": async (client) => {
    const list = rpc(ProjectService, "ListProjects");
    const ids: string[] = [];
    let token = "";
    do {
      const page = await client.unary(list, make(list, { pagination: { pageSize: 2, token } }));
      ids.push(...page.projects.map((project: { id: string }) => project.id));
      token = page.pagination.nextToken;
    } while (token);
    assert(ids.length > 2 && new Set(ids).size === ids.length && ids.includes(ENGINE));
  },
  "errors with details": async (client) => {
    const create = rpc(ProjectService, "CreateProject");
    const error = await fails(client.unary(create, make(create, { name: "", initializer: { specs: [] } })), 3);
    assert.match(error.message, /name/);
    const status = Status.fromBinary(Buffer.from(error.details, "base64"));
    assert.equal(status.code, 3);
    const [detail] = status.details.filter(({ typeUrl }) => typeUrl.endsWith("google.rpc.BadRequest"));
    assert(detail);
    assert.equal(BadRequest.fromBinary(detail.value).fieldViolations[0]?.field, "name");
    const get = rpc(ProjectService, "GetProject");
    await fails(client.unary(get, make(get, { projectId: randomUUID() })), 5);
    await fails(client.unary(get, make(get, { projectId: ENGINE }), ""), 16);
  },
  "a stream": async (client) => {
    const stream = rpc<object, ServerStreamResponse>(ConformanceService, "ServerStream");
    const texts = ["one", "", "three".repeat(10_000), "Größe"];
    const received: ServerStreamResponse[] = [];
    const responseDefinition = { responseData: texts.map(encode), responseDelayMs: 5 };
    await client.stream(stream, make(stream, { responseDefinition }), received);
    assert.deepEqual(received.map(({ payload }) => decode(payload?.data)), texts);
  },
  "a stream that fails": async (client) => {
    const stream = rpc<object, ServerStreamResponse>(ConformanceService, "ServerStream");
    const received: ServerStreamResponse[] = [];
    const message = "100 % größer";
    const responseDefinition = { responseData: [encode("half")], error: { code: 8, message } };
    const error = await fails(client.stream(stream, make(stream, { responseDefinition }), received), 8);
    assert.equal(error.message, message);
    assert.deepEqual(received.map(({ payload }) => decode(payload?.data)), ["half"]);
  },
};

const clients = [
  grpcWeb("grpc-web", URL, {}),
  grpcWeb("grpc-web binary", URL, { format: "binary" }),
  protobufTs("@protobuf-ts", URL, {}),
  protobufTs("@protobuf-ts binary", URL, { format: "binary" }),
];
for (const client of clients) {
  for (const [name, scenario] of Object.entries(scenarios)) {
    // The official runtime streams in text only.
    if (client.name === "grpc-web binary" && name.startsWith("a stream")) continue;
    test(`web ${client.name}: ${name}`, { timeout: 30_000 }, () => scenario(client));
  }
}
