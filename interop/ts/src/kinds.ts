// The kinds of rpc that stream.

import assert from "node:assert/strict";

import { create, equals } from "@bufbuild/protobuf";
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";

import {
  type BidiStreamRequest,
  BidiStreamRequestSchema,
  ClientStreamRequestSchema,
  HeaderSchema,
  UnaryResponseDefinitionSchema,
} from "../gen/connectrpc/conformance/v1/service_pb.js";
import { Code as SuiteCode } from "../gen/connectrpc/conformance/v1/config_pb.js";
import { all, decode, detail, encode, fails, type Scenario } from "./support.js";

const texts = ["one", "", "three".repeat(10_000)];
const chunks = texts.map(encode);

async function* each<T>(items: T[]): AsyncIterable<T> {
  yield* items;
}

/** Check that connect-es itself refuses what fetch cannot do. */
async function refusedByFetch(call: Promise<unknown>): Promise<void> {
  const error = await fails(call, Code.Unknown);
  assert.match(error.message, /fetch API does not support streaming request bodies/);
}

export const streamFromTheServer: Scenario = async ({ conformance }) => {
  let header = new Headers();
  let trailer = new Headers();
  const responseDefinition = {
    responseHeaders: [{ name: "x-header", value: ["one", "two"] }],
    responseTrailers: [{ name: "x-trailer", value: ["three"] }],
    responseData: chunks,
  };
  const responses = conformance.serverStream(
    { responseDefinition },
    { onHeader: (headers) => (header = headers), onTrailer: (trailers) => (trailer = trailers) },
  );
  assert.deepEqual((await all(responses)).map(({ payload }) => decode(payload?.data)), texts);
  assert.equal(header.get("x-header"), "one, two");
  assert.equal(trailer.get("x-trailer"), "three");
};

export const streamThatFails: Scenario = async ({ conformance }) => {
  const asked = create(HeaderSchema, { name: "asked for" });
  const error = {
    code: SuiteCode.RESOURCE_EXHAUSTED,
    message: "half of it",
    details: [anyPack(HeaderSchema, asked)],
  };
  const received: string[] = [];
  const reading = (async () => {
    for await (const { payload } of conformance.serverStream({ responseDefinition: { responseData: chunks, error } })) {
      received.push(decode(payload?.data));
    }
  })();
  const failed = await fails(reading, Code.ResourceExhausted);
  assert.deepEqual(received, texts);
  assert.equal(failed.rawMessage, "half of it");
  assert.equal(detail(failed, HeaderSchema).name, "asked for");
};

export const streamFromTheClient: Scenario = async ({ conformance, duplex }) => {
  const requests = chunks.map((requestData) => create(ClientStreamRequestSchema, { requestData }));
  if (duplex === "none") {
    await refusedByFetch(conformance.clientStream(each(requests)));
    return;
  }
  let trailer = new Headers();
  assert(requests[0]);
  requests[0].responseDefinition = create(UnaryResponseDefinitionSchema, {
    responseTrailers: [{ name: "x-trailer", value: ["three"] }],
    response: { case: "responseData", value: encode("all") },
  });
  const { payload } = await conformance.clientStream(each(requests), {
    onTrailer: (trailers) => (trailer = trailers),
  });
  assert.equal(decode(payload?.data), "all");
  assert.equal(trailer.get("x-trailer"), "three");
  const received = payload?.requestInfo?.requests.map((packed) => anyUnpack(packed, ClientStreamRequestSchema)) ?? [];
  assert.equal(received.length, requests.length);
  for (const [index, request] of received.entries()) {
    const sent = requests[index];
    assert(request && sent && equals(ClientStreamRequestSchema, request, sent));
  }
};

/** Return one request for each response that is asked for. */
function conversation(fullDuplex: boolean): BidiStreamRequest[] {
  return chunks.map((requestData, index) =>
    create(BidiStreamRequestSchema, {
      requestData,
      fullDuplex,
      ...(index === 0 ? { responseDefinition: { responseData: chunks } } : {}),
    }),
  );
}

export const halfDuplex: Scenario = async ({ conformance, duplex }) => {
  const responses = conformance.bidiStream(each(conversation(false)));
  if (duplex === "none") {
    await refusedByFetch(all(responses));
    return;
  }
  const received = await all(responses);
  assert.deepEqual(received.map(({ payload }) => decode(payload?.data)), texts);
  assert.equal(received[0]?.payload?.requestInfo?.requests.length, chunks.length);
};

/** Each request is made only when the response to the one before has come. */
export const fullDuplex: Scenario = async ({ conformance }) => {
  let answered = () => {};
  async function* requests(): AsyncIterable<BidiStreamRequest> {
    for (const request of conversation(true)) {
      const response = new Promise<void>((resolve) => (answered = resolve));
      yield request;
      await response;
    }
  }
  const received: string[] = [];
  for await (const { payload } of conformance.bidiStream(requests())) {
    received.push(decode(payload?.data));
    assert.equal(payload?.requestInfo?.requests.length, 1);
    answered();
  }
  assert.deepEqual(received, texts);
};
