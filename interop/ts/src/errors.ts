// How calls fail: the code, the message and the details of each.

import assert from "node:assert/strict";

import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Code, encodeBinaryHeader } from "@connectrpc/connect";

import { ConformancePayload_RequestInfoSchema, HeaderSchema } from "../gen/connectrpc/conformance/v1/service_pb.js";
import { ABSENT, as, asMax, decode, detail, encode, ENGINE, fails, fields, type Scenario, tells } from "./support.js";

export const refusedRequest: Scenario = async ({ projects }) => {
  const request = { name: "", initializer: {}, automationsFilePath: "/absolute" };
  const error = await fails(projects.createProject(request), Code.InvalidArgument);
  tells(error, "INVALID_FIELD_VALUE");
  assert.deepEqual(fields(error).sort(), ["automations_file_path", "name"]);
  const listing = projects.listProjects({ pagination: { token: "none of ours" } });
  tells(await fails(listing, Code.InvalidArgument), "INVALID_CURSOR");
};

export const refusedCaller: Scenario = async ({ users, projects }) => {
  tells(await fails(users.getAuthenticatedUser({}, as("")), Code.Unauthenticated), "MISSING_API_KEY");
  tells(await fails(projects.listProjects({}, as("none of ours")), Code.Unauthenticated), "INVALID_API_KEY");
  const creating = projects.createProject({ name: "p", initializer: {} }, as("triptych-read-only-token"));
  tells(await fails(creating, Code.PermissionDenied), "INSUFFICIENT_PERMISSIONS");
  await fails(projects.deleteProject({ projectId: ENGINE }, asMax), Code.PermissionDenied);
};

export const whatIsNotThere: Scenario = async ({ users, projects, documents, conformance }) => {
  tells(await fails(users.getUser({ userId: ABSENT }), Code.NotFound), "RESOURCE_NOT_FOUND");
  await fails(projects.getProject({ projectId: ABSENT }), Code.NotFound);
  await fails(documents.getDocument({ documentId: "doc_01h2xcejqtf2nbrexx3vqjhp41" }), Code.NotFound);
  await fails(conformance.unimplemented({}), Code.Unimplemented);
};

export const errorsAskedFor: Scenario = async ({ conformance }) => {
  const message = "100 % größer\nas asked for";
  const asked = create(HeaderSchema, { name: "größe", value: ["1", ""] });
  const codes = Object.values(Code).filter((code) => typeof code === "number");
  assert.equal(codes.length, 16);
  for (const code of codes) {
    const error = { code: code as number, message, details: [anyPack(HeaderSchema, asked)] };
    const responseDefinition = { response: { case: "error", value: error } } as const;
    const failed = await fails(conformance.unary({ responseDefinition }), code);
    assert.equal(failed.rawMessage, message);
    assert.deepEqual(toBinary(HeaderSchema, detail(failed, HeaderSchema)), toBinary(HeaderSchema, asked));
    assert.equal(detail(failed, ConformancePayload_RequestInfoSchema).requests.length, 1);
  }
};

export const headersAndTrailers: Scenario = async ({ conformance }) => {
  const binary = encodeBinaryHeader(new Uint8Array([0, 1, 0xfe, 0xff]));
  let header = new Headers();
  let trailer = new Headers();
  const { payload } = await conformance.unary(
    {
      responseDefinition: {
        responseHeaders: [{ name: "x-header", value: ["one", "two"] }],
        responseTrailers: [{ name: "x-trailer", value: ["three"] }],
        response: { case: "responseData", value: encode("data") },
      },
    },
    {
      headers: { "x-asked": "for", "x-asked-bin": binary },
      onHeader: (headers) => (header = headers),
      onTrailer: (trailers) => (trailer = trailers),
    },
  );
  assert.equal(decode(payload?.data), "data");
  assert.equal(header.get("x-header"), "one, two");
  assert.equal(trailer.get("x-trailer"), "three");
  const sent = new Map(payload?.requestInfo?.requestHeaders.map(({ name, value }) => [name, value]));
  assert.deepEqual(sent.get("x-asked"), ["for"]);
  assert.deepEqual(sent.get("x-asked-bin"), [binary]);
};
