// What the last release of the SDK that sends JSON has, and earlier ones have not: several projects in one call, sorts.

import assert from "node:assert/strict";
import { test } from "node:test";

import { BadRequestError, Gitpod, NotFoundError } from "@gitpod/sdk";

import { ABSENT, all, MAX, MEMBER_TOKEN, unique, URL } from "./support.js";

const max = new Gitpod({ bearerToken: MEMBER_TOKEN, baseURL: URL });

/** Create projects of those names. */
async function create(...names: string[]) {
  return max.projects.bulkCreate({ projects: names.map((name) => ({ name, initializer: { specs: [] } })) });
}

test("another user", async () => {
  assert.equal((await max.users.getUser({ userId: MAX })).user.name, "Max Planck");
  await assert.rejects(max.users.getUser({ userId: ABSENT }), NotFoundError);
});

test("many projects at once: some fail, the others do not", async () => {
  const names = [unique("a"), unique("b")];
  const created = await create(names[0] ?? "", "x".repeat(81), names[1] ?? "", "");
  assert.deepEqual(created.createdProjects?.map((project) => project.metadata?.name), names);
  assert.deepEqual(created.failedProjects?.map((failure) => failure.index), [1, 3]);
  const ids = created.createdProjects?.map((project) => project.id ?? "") ?? [];

  const name = unique("renamed");
  const updated = await max.projects.bulkUpdate({ projects: [ABSENT, ...ids].map((projectId) => ({ projectId, name })) });
  assert.deepEqual(updated.updatedProjects?.map((project) => project.metadata?.name), [name, name]);
  assert.deepEqual(updated.failedProjects?.map((failure) => failure.projectId), [ABSENT]);

  const deleted = await max.projects.bulkDelete({ projectIds: [...ids, "no id"] });
  assert.deepEqual(deleted.deletedProjectIds, ids);
  assert.deepEqual(deleted.failedProjects?.map((failure) => failure.index), [2]);
  await assert.rejects(max.projects.bulkDelete({ projectIds: [] }), BadRequestError);
});

test("pages in the order that is asked for", async () => {
  const search = unique("word");
  const ids = (await create(search, search, search, search, search)).createdProjects?.map((project) => project.id);
  for (const [order, wanted] of [["SORT_ORDER_ASC", ids], ["SORT_ORDER_DESC", ids?.toReversed()]] as const) {
    const listed = await all(max.projects.list({ pageSize: 2, filter: { search }, sort: { field: "id", order } }));
    assert.deepEqual(listed.map((project) => project.id), wanted);
  }
});
