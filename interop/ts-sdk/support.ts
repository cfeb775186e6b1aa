// What the checks know of the server: its address, and what the seed file of the examples put into it.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

assert(process.env.TRIPTYCH_HTTP, "TRIPTYCH_HTTP does not say where the server is");
export const URL = process.env.TRIPTYCH_HTTP;

export const ADMIN_TOKEN = "triptych-admin-token";
export const MEMBER_TOKEN = "triptych-member-token";
export const READ_ONLY_TOKEN = "triptych-read-only-token";
export const ADA = "f53d2330-3795-4c5d-a1f3-453121af9c60";
export const MAX = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e";
export const ENGINE = "b0e12f6c-4c67-429d-a4a6-d9838b5da047";
export const ENVIRONMENT = "07e03a28-65a5-4d98-b532-8ea67b188048";
export const ENVIRONMENT_CLASS = "b0e12f6c-4c67-429d-a4a6-d9838b5da041";
export const ABSENT = "00000000-0000-4000-8000-000000000000";

export function unique(text: string): string {
  return `${text} ${randomUUID()}`;
}

/** Return the items of an iterable. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected = [];
  for await (const item of items) collected.push(item);
  return collected;
}
