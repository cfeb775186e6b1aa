// The releases of the SDK that send JSON: what all of them have.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  APIConnectionTimeoutError,
  AuthenticationError,
  BadRequestError,
  Gitpod,
  NotFoundError,
  PermissionDeniedError,
} from "@gitpod/sdk";

import {
  ABSENT,
  ADA,
  ADMIN_TOKEN,
  all,
  ENGINE,
  ENVIRONMENT,
  ENVIRONMENT_CLASS,
  MAX,
  MEMBER_TOKEN,
  READ_ONLY_TOKEN,
  unique,
  URL,
} from "./support.js";

const connect = (bearerToken: string, options = {}) => new Gitpod({ bearerToken, baseURL: URL, ...options });
const ada = connect(ADMIN_TOKEN);
const max = connect(MEMBER_TOKEN);

/** Return the request for a project; `environmentClass` is asked for by the types of old releases only. */
const newProject = (name: string) => ({ name, initializer: { specs: [] }, environmentClass: {} });

/** Create a token by a raw call, which the SDK has no method for. */
async function createToken(description: string): Promise<string> {
  const body = { userId: MAX, description, validFor: "3600s" };
  const created = await max.post<{ token: string }>("/gitpod.v1.UserService/CreatePersonalAccessToken", { body });
  return created.token;
}

test("the caller", async () => {
  const { user } = await ada.users.getAuthenticatedUser({});
  assert.deepEqual([user.id, user.name, user.status], [ADA, "Ada Lovelace", "USER_STATUS_ACTIVE"]);
  assert.equal(user.createdAt, "2025-01-06T09:00:00Z");
  assert.equal((await ada.users.getAuthenticatedUser({ empty: true })).user.id, ADA);
});

test("tokens, page by page, and one of them", async () => {
  const description = unique("token");
  const secrets = [await createToken(description), await createToken(description), await createToken(description)];
  assert.equal((await connect(secrets[0] ?? "").users.getAuthenticatedUser({})).user.id, MAX);
  for (const request of [{ pageSize: 2 }, { pagination: { pageSize: 1 } }]) {
    const pats = await all(max.users.pats.list(request));
    assert.equal(new Set(pats.map((pat) => pat.id)).size, pats.length);
    assert.equal(pats.filter((pat) => pat.description === description).length, 3);
  }
  const ours = (await all(max.users.pats.list({ filter: { userIds: [MAX] } }))).filter(
    (pat) => pat.description === description,
  );
  for (const { id: personalAccessTokenId } of ours) {
    const { pat } = await max.users.pats.get({ personalAccessTokenId });
    assert.deepEqual([pat.userId, pat.creator?.principal], [MAX, "PRINCIPAL_USER"]);
    assert.equal(Date.parse(pat.expiresAt ?? "") - Date.parse(pat.createdAt ?? ""), 3_600_000);
    await max.users.pats.delete({ personalAccessTokenId });
    await assert.rejects(max.users.pats.get({ personalAccessTokenId }), NotFoundError);
  }
});

test("the life of a project", async () => {
  const git = { remoteUri: "https://example.org/team/site.git", cloneTarget: "main" };
  const request = { ...newProject(unique("site")), initializer: { specs: [{ git }] }, automationsFilePath: "a.yaml" };
  const { project } = await max.projects.create(request);
  assert(project);
  assert.deepEqual([project.metadata?.name, project.metadata?.creator?.id], [request.name, MAX]);
  assert.equal(project.initializer?.specs?.[0]?.git?.remoteUri, git.remoteUri);
  assert(project.environmentClass, "a project always has one, be it an empty message");
  const projectId = project.id;
  assert.deepEqual((await max.projects.retrieve({ projectId })).project, project);
  const name = unique("renamed");
  const updated = (await max.projects.update({ projectId, name, initializer: null, automationsFilePath: "" })).project;
  assert(updated);
  assert.deepEqual([updated.metadata?.name, updated.initializer], [name, project.initializer]);
  assert(!updated.automationsFilePath);
  await max.projects.delete({ projectId });
  await assert.rejects(max.projects.retrieve({ projectId }), NotFoundError);
});

test("a seeded project, and a copy of an environment", async () => {
  const { project } = await max.projects.retrieve({ projectId: ENGINE });
  assert(project);
  assert.equal(project.environmentClass.environmentClassId, ENVIRONMENT_CLASS);
  assert.equal(project.usedBy?.totalSubjects, 2);
  const copy = await max.projects.createFromEnvironment({ name: unique("copy"), environmentId: ENVIRONMENT });
  assert.match(copy.project?.initializer?.specs?.[0]?.git?.remoteUri ?? "", /analytical-engine\.git$/);
});

test("projects, page by page", async () => {
  const ids: string[] = [];
  const name = unique("page");
  for (let number = 0; number < 5; number++) ids.push((await max.projects.create(newProject(name))).project?.id ?? "");
  for (const request of [{ pageSize: 2 }, { pagination: { pageSize: 3 } }]) {
    const listed = await all(max.projects.list(request));
    assert.equal(new Set(listed.map((project) => project.id)).size, listed.length);
    assert.equal(listed[0]?.id, ENGINE, "the most popular comes first");
    const ours = listed.filter((project) => project.metadata?.name === name).map((project) => project.id);
    assert.deepEqual(ours.sort(), [...ids].sort());
  }
  const found = await all(max.projects.list({ filter: { projectIds: ids.slice(0, 2) }, pageSize: 1 }));
  assert.equal(found.length, 2);
  const page = await max.projects.list({ filter: { projectIds: ids }, pageSize: 4 });
  assert.deepEqual([page.projects.length, page.hasNextPage()], [4, true]);
  const last = await page.getNextPage();
  assert.deepEqual([last.projects.length, last.hasNextPage()], [1, false]);
});

test("a refused request", async () => {
  await assert.rejects(max.projects.create(newProject("")), (error: unknown) => {
    assert(error instanceof BadRequestError);
    assert.match(error.message, /name/);
    const { code, details } = error.error as { code: string; details: { type: string }[] };
    assert.equal(code, "invalid_argument");
    assert.deepEqual(details.map(({ type }) => type), ["google.rpc.BadRequest", "google.rpc.ErrorInfo"]);
    return true;
  });
  await assert.rejects(all(max.projects.list({ pageSize: 101 })), BadRequestError);
  await assert.rejects(all(max.projects.list({ token: "none of ours" })), BadRequestError);
});

test("a refused caller", async () => {
  await assert.rejects(connect("none of ours").users.getAuthenticatedUser({}), AuthenticationError);
  const reader = connect(READ_ONLY_TOKEN);
  assert.equal((await reader.users.getAuthenticatedUser({})).user.id, MAX);
  await assert.rejects(reader.projects.create(newProject("p")), PermissionDeniedError);
  await assert.rejects(max.projects.delete({ projectId: ENGINE }), PermissionDeniedError);
});

test("what is not there", async () => {
  await assert.rejects(max.projects.retrieve({ projectId: ABSENT }), NotFoundError);
  await assert.rejects(max.users.pats.get({ personalAccessTokenId: ABSENT }), NotFoundError);
});

test("the server's answer comes too late", async () => {
  const impatient = connect(ADMIN_TOKEN, { maxRetries: 0, timeout: 200 });
  const body = { responseDefinition: { responseDelayMs: 20_000 } };
  const call = impatient.post("/connectrpc.conformance.v1.ConformanceService/Unary", { body });
  await assert.rejects(call, APIConnectionTimeoutError);
});
