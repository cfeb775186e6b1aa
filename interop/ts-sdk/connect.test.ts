// The current release of the SDK, which speaks Connect in binary.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Code, ConnectError } from "@connectrpc/connect";
import { CapabilityUnavailableError, createClient } from "@gitpod/sdk";
import { Principal } from "@gitpod/sdk/gitpod/v1/identity_pb";
import { SortOrder } from "@gitpod/sdk/gitpod/v1/pagination_pb";

import {
  ABSENT,
  ADA,
  ADMIN_TOKEN,
  ENGINE,
  ENVIRONMENT,
  ENVIRONMENT_CLASS,
  MAX,
  MEMBER_TOKEN,
  READ_ONLY_TOKEN,
  unique,
  URL,
} from "./support.js";

const connect = (apiKey?: string, options = {}) => createClient({ apiKey, baseUrl: URL, ...options }).services;
const ada = connect(ADMIN_TOKEN);
const max = connect(MEMBER_TOKEN);

/** Return the error that a call ends with, once its code was checked. */
async function fails(call: Promise<unknown>, code: Code): Promise<ConnectError> {
  const error: unknown = await call.then(
    () => assert.fail("the call succeeded"),
    (reason: unknown) => reason,
  );
  assert.equal((error as ConnectError).code, code, String(error));
  return ConnectError.from(error);
}

test("users", async () => {
  const { user } = await ada.user.getAuthenticatedUser({});
  assert.deepEqual([user?.id, user?.email], [ADA, "ada@example.org"]);
  assert.equal((await ada.user.getUser({ userId: MAX })).user?.name, "Max Planck");
});

test("tokens, page by page, and one of them", async () => {
  const description = unique("token");
  const create = () => max.user.createPersonalAccessToken({ userId: MAX, description, readOnly: true });
  const [{ token: secret }] = [await create(), await create(), await create()];
  assert.equal((await connect(secret).user.getAuthenticatedUser({})).user?.id, MAX);
  const ours: string[] = [];
  let token = "";
  do {
    const page = await max.user.listPersonalAccessTokens({ pagination: { pageSize: 2, token } });
    ours.push(...page.personalAccessTokens.filter((pat) => pat.description === description).map((pat) => pat.id));
    token = page.pagination?.nextToken ?? "";
  } while (token !== "");
  assert.equal(new Set(ours).size, 3);
  for (const personalAccessTokenId of ours) {
    const { pat } = await max.user.getPersonalAccessToken({ personalAccessTokenId });
    assert.deepEqual([pat?.userId, pat?.readOnly, pat?.creator?.principal], [MAX, true, Principal.USER]);
    await max.user.deletePersonalAccessToken({ personalAccessTokenId });
    await fails(max.user.getPersonalAccessToken({ personalAccessTokenId }), Code.NotFound);
  }
});

test("the life of a project", async () => {
  const name = unique("site");
  const remoteUri = "https://example.org/team/site.git";
  const initializer = { specs: [{ spec: { case: "git" as const, value: { remoteUri } } }] };
  const { project } = await max.project.createProject({ name, initializer, technicalDescription: "Größe" });
  assert.deepEqual([project?.metadata?.name, project?.metadata?.creator?.id], [name, MAX]);
  const projectId = project?.id ?? "";
  const got = (await max.project.getProject({ projectId })).project;
  assert.deepEqual(got, { ...project, technicalDescription: "" });
  const updated = (await max.project.updateProject({ projectId, name: unique("q") })).project;
  assert.deepEqual(updated?.initializer, project?.initializer);
  await max.project.deleteProject({ projectId });
  await fails(max.project.getProject({ projectId }), Code.NotFound);
});

test("a seeded project, and a copy of an environment", async () => {
  const { project } = await max.project.getProject({ projectId: ENGINE });
  assert.deepEqual(project?.environmentClasses[0]?.environmentClass, {
    case: "environmentClassId",
    value: ENVIRONMENT_CLASS,
  });
  const copied = await max.project.createProjectFromEnvironment({ name: unique("copy"), environmentId: ENVIRONMENT });
  const spec = copied.project?.initializer?.specs[0]?.spec;
  assert(spec?.case === "git");
  assert.match(spec.value.remoteUri, /analytical-engine\.git$/);
});

test("many projects at once: some fail, the others do not", async () => {
  const names = [unique("a"), unique("b")];
  const created = await max.project.createProjects({
    projects: [names[0], "x".repeat(81), names[1]].map((name) => ({ name, initializer: {} })),
  });
  assert.deepEqual(created.createdProjects.map((project) => project.metadata?.name), names);
  assert.deepEqual(created.failedProjects.map((failure) => failure.index), [1]);
  const ids = created.createdProjects.map((project) => project.id);
  const name = unique("c");
  const updated = await max.project.updateProjects({ projects: [ABSENT, ...ids].map((projectId) => ({ projectId, name })) });
  assert.equal(updated.updatedProjects.length, 2);
  assert.deepEqual(updated.failedProjects.map((failure) => failure.projectId), [ABSENT]);
  const deleted = await max.project.deleteProjects({ projectIds: [...ids, "no id"] });
  assert.deepEqual(deleted.deletedProjectIds, ids);
  assert.deepEqual(deleted.failedProjects.map((failure) => failure.index), [2]);
});

test("projects, page by page", async () => {
  const search = unique("word");
  const projects = Array.from({ length: 5 }, () => ({ name: search, initializer: {} }));
  const ids = (await max.project.createProjects({ projects })).createdProjects.map((project) => project.id);
  const pages: string[][] = [];
  let token = "";
  do {
    const page = await max.project.listProjects({
      pagination: { pageSize: 2, token },
      filter: { search },
      sort: { field: "id", order: SortOrder.ASC },
      count: { include: true },
    });
    assert.equal(page.count?.value, token === "" ? 5 : undefined);
    pages.push(page.projects.map((project) => project.id));
    token = page.pagination?.nextToken ?? "";
  } while (token !== "");
  assert.deepEqual(pages, [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
});

test("errors", async () => {
  const error = await fails(max.project.createProject({ name: "", initializer: {} }), Code.InvalidArgument);
  assert.match(error.rawMessage, /name/);
  const types = error.details.map((detail) => ("type" in detail ? detail.type : ""));
  assert.deepEqual(types, ["google.rpc.BadRequest", "google.rpc.ErrorInfo"]);
  for (const apiKey of [undefined, "none of ours"]) {
    await fails(connect(apiKey).user.getAuthenticatedUser({}), Code.Unauthenticated);
  }
  const creating = connect(READ_ONLY_TOKEN).project.createProject({ name: "p", initializer: {} });
  await fails(creating, Code.PermissionDenied);
  await fails(max.project.deleteProject({ projectId: ENGINE }), Code.PermissionDenied);
  await fails(max.user.getUser({ userId: ABSENT }), Code.NotFound);
  await fails(max.account.getAccount({}), Code.Unimplemented);
});

test("a deadline", async () => {
  await fails(max.user.getUser({ userId: MAX }, { headers: { "connect-timeout-ms": "0" } }), Code.DeadlineExceeded);
  const patient = connect(MEMBER_TOKEN, { defaultTimeoutMs: 30_000 });
  assert.equal((await patient.user.getUser({ userId: MAX })).user?.id, MAX);
});

test("the error of a workflow whose service is not served", async () => {
  const client = createClient({ apiKey: MEMBER_TOKEN, baseUrl: URL });
  await assert.rejects(client.environments().list().next(), CapabilityUnavailableError);
});
