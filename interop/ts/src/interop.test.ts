// Every scenario over every protocol, against the server that TRIPTYCH_HTTP and TRIPTYCH_GRPC name.

import assert from "node:assert/strict";
import { test } from "node:test";

import { cancellation, deadlineDuringADelay, deadlineOfTheServer, deadlinePassed } from "./deadlines.js";
import { instantsAsDates, lifeOfADocument, pagesOfDocuments } from "./documents.js";
import { errorsAskedFor, headersAndTrailers, refusedCaller, refusedRequest, whatIsNotThere } from "./errors.js";
import { fullDuplex, halfDuplex, streamFromTheClient, streamFromTheServer, streamThatFails } from "./kinds.js";
import { lifeOfAProject, manyProjectsAtOnce, pagesOfProjects } from "./projects.js";
import { type Protocol, protocols } from "./protocols.js";
import type { Scenario } from "./support.js";
import { pagesOfTokens, usersAndTokens } from "./users.js";
import { compression, everyRpcWasCalled, verbsOfRpcs } from "./wire.js";

const scenarios = {
  "users and tokens": usersAndTokens,
  "pages of tokens": pagesOfTokens,
  "the life of a project": lifeOfAProject,
  "many projects at once": manyProjectsAtOnce,
  "pages of projects": pagesOfProjects,
  "the life of a document": lifeOfADocument,
  "pages of documents": pagesOfDocuments,
  "instants as dates": instantsAsDates,
  "a refused request": refusedRequest,
  "a refused caller": refusedCaller,
  "what is not there": whatIsNotThere,
  "errors as they are asked for": errorsAskedFor,
  "headers and trailers": headersAndTrailers,
  "a deadline that has passed": deadlinePassed,
  "a deadline during a delay": deadlineDuringADelay,
  "a deadline that only the server knows": deadlineOfTheServer,
  "cancellation": cancellation,
  "a stream from the server": streamFromTheServer,
  "a stream that fails": streamThatFails,
  "a stream from the client": streamFromTheClient,
  "streams in both directions, half duplex": halfDuplex,
  "streams in both directions, full duplex": fullDuplex,
  "compression": compression,
  "the HTTP verbs": verbsOfRpcs,
  "every rpc was called": everyRpcWasCalled,
};

/** Whether a scenario makes sense over a protocol: gRPC has one HTTP verb, and nothing else is full duplex. */
function suits(scenario: Scenario, { duplex }: Protocol): boolean {
  if (scenario === fullDuplex) return duplex === "full";
  return scenario !== verbsOfRpcs || duplex !== "full";
}

const { TRIPTYCH_HTTP, TRIPTYCH_GRPC } = process.env;
assert(TRIPTYCH_HTTP && TRIPTYCH_GRPC, "TRIPTYCH_HTTP and TRIPTYCH_GRPC do not say where the server is");
for (const protocol of protocols(TRIPTYCH_HTTP, `http://${TRIPTYCH_GRPC}`)) {
  for (const [name, scenario] of Object.entries(scenarios)) {
    if (!suits(scenario, protocol)) continue;
    test(`connect-es ${protocol.name}: ${name}`, { timeout: 30_000 }, () => scenario(protocol));
  }
}
