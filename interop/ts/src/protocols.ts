// The transports of connect-es and how each is told to speak. A scenario asks them what it can expect.
//
// TRIPTYCH_HTTP is the base URL of the HTTP port, TRIPTYCH_GRPC the host and port of gRPC.

import { subscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";

import { createRegistry } from "@bufbuild/protobuf";
import { type Client, createClient, createContextKey, type Interceptor, type Transport } from "@connectrpc/connect";
import * as node from "@connectrpc/connect-node";
import * as web from "@connectrpc/connect-web";

import { ConformanceService, file_connectrpc_conformance_v1_service } from "../gen/connectrpc/conformance/v1/service_pb.js";
import { DocumentService } from "../gen/factify/api/v1beta/document_service_pb.js";
import { ProjectService } from "../gen/gitpod/v1/project_service_pb.js";
import { UserService } from "../gen/gitpod/v1/user_service_pb.js";

export interface Protocol {
  name: string;
  users: Client<typeof UserService>;
  projects: Client<typeof ProjectService>;
  documents: Client<typeof DocumentService>;
  conformance: Client<typeof ConformanceService>;
  /** The paths of the unary rpcs that succeeded. */
  called: Set<string>;
  /** Whether rpcs without side effects are sent with GET. */
  gets: boolean;
  /** The compression of requests, as the header names it. */
  compression?: "gzip" | "br";
  /** Which streams of requests it can send: fetch sends none, and HTTP/1.1 is half duplex. */
  duplex: "none" | "half" | "full";
}

/** The token that a call is made with; none if empty. */
export const TOKEN = createContextKey("triptych-admin-token");

/** The HTTP verb of the last request to each path. */
export const verbs = new Map<string, string>();

subscribe("http.client.request.start", (message) => {
  const { method, path } = (message as { request: ClientRequest }).request;
  noteVerb(method, path);
});

function noteVerb(verb: string, path: string): void {
  verbs.set(path.split("?")[0] ?? path, verb);
}

const observedFetch: typeof fetch = (input, init) => {
  noteVerb(init?.method ?? "GET", new URL(String(input)).pathname);
  return fetch(input, init);
};

/** Return all that is tried; each makes connections of its own. */
export function protocols(httpUrl: string, grpcUrl: string): Protocol[] {
  const { createConnectTransport, createGrpcWebTransport, createGrpcTransport } = node;
  const { compressionBrotli: brotli, compressionGzip: gzip } = node;
  // In JSON, a google.protobuf.Any is read and written by its type.
  const jsonOptions = { registry: createRegistry(file_connectrpc_conformance_v1_service) };
  const onNode = { baseUrl: httpUrl, httpVersion: "1.1", jsonOptions } as const;
  const onGrpc = { baseUrl: grpcUrl };
  const onWeb = { baseUrl: httpUrl, fetch: observedFetch, jsonOptions };
  const json = { useBinaryFormat: false };
  const get = { useHttpGet: true };
  const half = { duplex: "half" } as const;
  const full = { duplex: "full" } as const;
  const none = { duplex: "none" } as const;
  return [
    protocol("node connect", (i) => createConnectTransport({ ...onNode, ...i }), half),
    protocol("node connect json", (i) => createConnectTransport({ ...onNode, ...json, ...i }), half),
    protocol("node connect get", (i) => createConnectTransport({ ...onNode, ...get, ...i }), {
      ...half,
      gets: true,
    }),
    protocol("node connect json get", (i) => createConnectTransport({ ...onNode, ...json, ...get, ...i }), {
      ...half,
      gets: true,
    }),
    protocol("node connect gzip", (i) => createConnectTransport({ ...onNode, sendCompression: gzip, ...i }), {
      ...half,
      compression: "gzip",
    }),
    protocol("node connect json br", (i) => createConnectTransport({ ...onNode, ...json, sendCompression: brotli, ...i }), {
      ...half,
      compression: "br",
    }),
    protocol("node grpc-web", (i) => createGrpcWebTransport({ ...onNode, ...i }), half),
    protocol("node grpc-web json", (i) => createGrpcWebTransport({ ...onNode, ...json, ...i }), half),
    protocol("node grpc-web gzip", (i) => createGrpcWebTransport({ ...onNode, sendCompression: gzip, ...i }), {
      ...half,
      compression: "gzip",
    }),
    protocol("node grpc", (i) => createGrpcTransport({ ...onGrpc, ...i }), full),
    protocol("node grpc gzip", (i) => createGrpcTransport({ ...onGrpc, sendCompression: gzip, ...i }), {
      ...full,
      compression: "gzip",
    }),
    protocol("fetch connect", (i) => web.createConnectTransport({ ...onWeb, useBinaryFormat: true, ...i }), none),
    protocol("fetch connect json", (i) => web.createConnectTransport({ ...onWeb, ...json, ...i }), none),
    protocol("fetch connect get", (i) => web.createConnectTransport({ ...onWeb, ...get, ...i }), {
      ...none,
      gets: true,
    }),
    protocol("fetch grpc-web", (i) => web.createGrpcWebTransport({ ...onWeb, ...i }), none),
    protocol("fetch grpc-web json", (i) => web.createGrpcWebTransport({ ...onWeb, ...json, ...i }), none),
  ];
}

function protocol(
  name: string,
  connect: (options: { interceptors: Interceptor[] }) => Transport,
  abilities: Pick<Protocol, "duplex"> & Partial<Pick<Protocol, "gets" | "compression">>,
): Protocol {
  const called = new Set<string>();
  const intercept: Interceptor = (next) => async (request) => {
    const token = request.contextValues.get(TOKEN);
    if (token !== "") request.header.set("authorization", `Bearer ${token}`);
    const response = await next(request);
    called.add(new URL(request.url).pathname);
    return response;
  };
  const transport = connect({ interceptors: [intercept] });
  return {
    name,
    users: createClient(UserService, transport),
    projects: createClient(ProjectService, transport),
    documents: createClient(DocumentService, transport),
    conformance: createClient(ConformanceService, transport),
    called,
    gets: false,
    ...abilities,
  };
}
