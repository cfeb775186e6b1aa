// Two clients that speak application/grpc-web-text unless they are told not to, and what they have in common.

import { GrpcWebFetchTransport } from "@protobuf-ts/grpcweb-transport";
import { type MethodInfo, RpcError as TransportError } from "@protobuf-ts/runtime-rpc";
import { GrpcWebClientBase, MethodDescriptor, MethodType, type RpcError } from "grpc-web";
import XMLHttpRequest = require("xhr2");

/** How a call failed: the number of its code, its text, and its google.rpc.Status in base64. */
export class Failure extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly details = "",
  ) {
    super(message);
  }
}

export interface Client {
  name: string;
  /** Make a call; an empty token is none. */
  unary<I extends object, O extends object>(method: MethodInfo<I, O>, request: I, token?: string): Promise<O>;
  /** Make a call that is answered with a stream; `received` gets what comes before it ends or fails. */
  stream<I extends object, O extends object>(method: MethodInfo<I, O>, request: I, received: O[]): Promise<void>;
}

export const TOKEN = "triptych-admin-token";
const DETAILS = "grpc-status-details-bin";
const CODES = [
  ...["OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS"],
  ...["PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE"],
  ...["UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"],
];

const metadata = (token: string): Record<string, string> => (token ? { authorization: `Bearer ${token}` } : {});
const pathOf = ({ service, name }: { service: { typeName: string }; name: string }) => `/${service.typeName}/${name}`;

/** The client of the official runtime, which sends with XMLHttpRequest. `format` is as the generator has it. */
export function grpcWeb(name: string, url: string, options: { format?: string }): Client {
  globalThis.XMLHttpRequest = XMLHttpRequest;
  const client = new GrpcWebClientBase(options);
  // What protoc-gen-grpc-web writes for each rpc.
  const described = <I extends object, O extends object>(method: MethodInfo<I, O>) =>
    new MethodDescriptor<I, O>(
      pathOf(method),
      method.serverStreaming ? MethodType.SERVER_STREAMING : MethodType.UNARY,
      Object as unknown as new () => I,
      Object as unknown as new () => O,
      (message: I) => method.I.toBinary(message),
      (bytes: Uint8Array) => method.O.fromBinary(bytes),
    );
  const failure = ({ code, message, metadata }: RpcError) => new Failure(code, message, metadata?.[DETAILS]);
  return {
    name,
    unary: (method, request, token = TOKEN) =>
      client
        .unaryCall(url + pathOf(method), request, metadata(token), described(method))
        .catch((error: RpcError) => Promise.reject(failure(error))),
    stream: (method, request, received) =>
      new Promise((resolve, reject) => {
        const stream = client.serverStreaming(url + pathOf(method), request, metadata(TOKEN), described(method));
        stream.on("data", (message) => received.push(message));
        stream.on("error", (error) => reject(failure(error)));
        stream.on("end", resolve);
      }),
  };
}

/** The client of @protobuf-ts, which sends with fetch. */
export function protobufTs(name: string, baseUrl: string, options: { format?: "text" | "binary" }): Client {
  const transport = new GrpcWebFetchTransport({ baseUrl, ...options });
  const callOptions = (token: string) => transport.mergeOptions({ meta: metadata(token) });
  const failed = (error: unknown): never => {
    if (!(error instanceof TransportError)) throw error;
    // It leaves the percent-encoding of grpc-message to those who read it.
    const message = decodeURIComponent(error.message);
    throw new Failure(CODES.indexOf(error.code), message, String(error.meta[DETAILS] ?? ""));
  };
  return {
    name,
    unary: (method, request, token = TOKEN) =>
      transport.unary(method, request, callOptions(token)).response.catch(failed),
    stream: async (method, request, received) => {
      const call = transport.serverStreaming(method, request, callOptions(TOKEN));
      try {
        for await (const message of call.responses) received.push(message);
        await call.status;
      } catch (error) {
        failed(error);
      }
    },
  };
}
