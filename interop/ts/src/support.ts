// What the scenarios share.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { type CallOptions, Code, ConnectError, createContextValues } from "@connectrpc/connect";

import { BadRequestSchema, ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { type Protocol, TOKEN } from "./protocols.js";

/** What is tried over each protocol. */
export type Scenario = (protocol: Protocol) => Promise<void>;

// What the seed file of the examples has.
export const ADA = "f53d2330-3795-4c5d-a1f3-453121af9c60";
export const MAX = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e";
export const ENGINE = "b0e12f6c-4c67-429d-a4a6-d9838b5da047";
export const ENVIRONMENT = "07e03a28-65a5-4d98-b532-8ea67b188048";
export const ENVIRONMENT_CLASS = "b0e12f6c-4c67-429d-a4a6-d9838b5da041";
export const ABSENT = "00000000-0000-4000-8000-000000000000";

export const as = (token: string): CallOptions => ({ contextValues: createContextValues().set(TOKEN, token) });
export const asMax = as("triptych-member-token");

export function unique(text: string): string {
  return `${text} ${randomUUID()}`;
}

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
export const decode = (data?: Uint8Array): string => new TextDecoder().decode(data);

/** Return the items of an iterable. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** Return the error that a call ends with, once its code was checked. */
export async function fails(call: Promise<unknown>, code: Code): Promise<ConnectError> {
  try {
    await call;
  } catch (error) {
    assert(error instanceof ConnectError, String(error));
    assert.equal(Code[error.code], Code[code], error.message);
    return error;
  }
  assert.fail(`the call succeeded, and ${Code[code]} was expected`);
}

/** Return the one detail of a type that an error has. */
export function detail<T extends DescMessage>(error: ConnectError, schema: T): MessageShape<T> {
  const found = error.findDetails(schema);
  assert.equal(found.length, 1, `details of type ${schema.typeName}`);
  return found[0] as MessageShape<T>;
}

/** Check the reason that an error gives. */
export function tells(error: ConnectError, reason: string): void {
  const info = detail(error, ErrorInfoSchema);
  assert.deepEqual([info.reason, info.domain], [reason, "triptych"]);
}

/** Return the fields that an error finds fault with. */
export function fields(error: ConnectError): string[] {
  return detail(error, BadRequestSchema).fieldViolations.map((violation) => violation.field);
}
