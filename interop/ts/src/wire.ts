// What goes over the wire: compression, GET, and that nothing of the contract was left out.

import assert from "node:assert/strict";

import { DocumentService } from "../gen/factify/api/v1beta/document_service_pb.js";
import { ProjectService } from "../gen/gitpod/v1/project_service_pb.js";
import { UserService } from "../gen/gitpod/v1/user_service_pb.js";
import { verbs } from "./protocols.js";
import { decode, encode, ENGINE, type Scenario, unique } from "./support.js";

const ENCODINGS = ["content-encoding", "connect-content-encoding", "grpc-encoding"];

export const compression: Scenario = async ({ projects, conformance, compression, duplex }) => {
  const technicalDescription = "Größe ".repeat(1000);
  const created = await projects.createProject({ name: unique("large"), initializer: {}, technicalDescription });
  assert.equal(created.project?.technicalDescription, technicalDescription);
  const text = "Größe ".repeat(2000);
  const requestData = encode(text);
  const { payload } = await conformance.unary({
    requestData,
    responseDefinition: { response: { case: "responseData", value: requestData } },
  });
  assert.equal(decode(payload?.data), text);
  if (duplex === "full") return; // the server's gRPC library takes this header for itself
  const sent = payload?.requestInfo?.requestHeaders.find(({ name }) => ENCODINGS.includes(name));
  assert.equal(sent?.value[0], compression);
};

export const verbsOfRpcs: Scenario = async ({ projects, conformance, gets }) => {
  await projects.getProject({ projectId: ENGINE });
  await projects.createProject({ name: unique("posted"), initializer: {} });
  const response = { case: "responseData", value: encode("data") } as const;
  const { payload } = await conformance.idempotentUnary({ responseDefinition: { response } });
  assert.equal(decode(payload?.data), "data");
  assert.equal(verbs.get("/gitpod.v1.ProjectService/GetProject"), gets ? "GET" : "POST");
  assert.equal(verbs.get("/gitpod.v1.ProjectService/CreateProject"), "POST");
  assert.equal(verbs.get("/connectrpc.conformance.v1.ConformanceService/IdempotentUnary"), gets ? "GET" : "POST");
};

/** Check the scenarios before it: each rpc of the contract has succeeded once. */
export const everyRpcWasCalled: Scenario = async ({ called }) => {
  for (const service of [UserService, ProjectService, DocumentService]) {
    for (const { name } of service.methods) {
      assert(called.has(`/${service.typeName}/${name}`), `${service.typeName}/${name} did not succeed`);
    }
  }
};
