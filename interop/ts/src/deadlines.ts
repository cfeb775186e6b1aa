// Calls that end early: by a deadline, or because the client gives up.

import assert from "node:assert/strict";

import { Code } from "@connectrpc/connect";

import { ADA, all, fails, type Scenario } from "./support.js";

const PATIENCE_MS = 30_000;
const LONG_DELAY_MS = 20_000; // longer than any deadline here
const delayed = { responseDefinition: { responseDelayMs: LONG_DELAY_MS } };

/** connect-es sends no deadline that has passed; its user can. */
export const deadlinePassed: Scenario = async ({ users }) => {
  const options = { headers: { "connect-timeout-ms": "0", "grpc-timeout": "1n" } };
  await fails(users.getUser({ userId: ADA }, options), Code.DeadlineExceeded);
};

export const deadlineDuringADelay: Scenario = async ({ conformance }) => {
  const { payload } = await conformance.unary({}, { timeoutMs: PATIENCE_MS });
  const told = payload?.requestInfo?.timeoutMs ?? 0n;
  assert(told > 0n && told <= BigInt(PATIENCE_MS), `the server was told ${told}`);
  await fails(conformance.unary(delayed, { timeoutMs: 200 }), Code.DeadlineExceeded);
};

/** The headers are written by hand: the client waits on, and it is the server that ends the call. */
export const deadlineOfTheServer: Scenario = async ({ conformance }) => {
  const options = { headers: { "connect-timeout-ms": "200", "grpc-timeout": "200m" } };
  await fails(conformance.unary(delayed, options), Code.DeadlineExceeded);
  const responseDefinition = { responseData: [new Uint8Array()], responseDelayMs: LONG_DELAY_MS };
  await fails(all(conformance.serverStream({ responseDefinition }, options)), Code.DeadlineExceeded);
};

export const cancellation: Scenario = async ({ users, conformance }) => {
  await fails(users.getUser({ userId: ADA }, { signal: AbortSignal.abort() }), Code.Canceled);
  const controller = new AbortController();
  const responseData = Array.from({ length: 1000 }, () => new Uint8Array());
  const responses = conformance.serverStream(
    { responseDefinition: { responseData, responseDelayMs: 20 } },
    { signal: controller.signal },
  );
  let received = 0;
  const reading = (async () => {
    for await (const _ of responses) {
      received++;
      controller.abort();
    }
  })();
  await fails(reading, Code.Canceled);
  assert(received >= 1 && received < responseData.length);
  await users.getUser({ userId: ADA }); // the connection is fit for the next call
};
