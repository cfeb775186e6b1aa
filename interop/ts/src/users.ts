// UserService: every rpc, and pages to the end.

import assert from "node:assert/strict";

import { timestampDate, timestampMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";

import { Principal } from "../gen/gitpod/v1/identity_pb.js";
import { UserStatus } from "../gen/gitpod/v1/user_pb.js";
import { ADA, as, asMax, fails, MAX, type Scenario, unique } from "./support.js";

export const usersAndTokens: Scenario = async ({ users }) => {
  const me = (await users.getAuthenticatedUser({})).user;
  assert(me?.createdAt);
  assert.deepEqual([me.id, me.email, me.status], [ADA, "ada@example.org", UserStatus.ACTIVE]);
  assert.equal(timestampDate(me.createdAt).toISOString(), "2025-01-06T09:00:00.000Z");
  assert.equal((await users.getUser({ userId: MAX })).user?.name, "Max Planck");

  const description = unique("token");
  const validFor = { seconds: 3600n };
  const { token } = await users.createPersonalAccessToken({ userId: MAX, description, validFor, readOnly: true });
  assert.equal((await users.getAuthenticatedUser({}, as(token))).user?.id, MAX);
  const newest = (await users.listPersonalAccessTokens({}, as(token))).personalAccessTokens[0];
  assert.equal(newest?.description, description);
  const { pat } = await users.getPersonalAccessToken({ personalAccessTokenId: newest.id });
  assert(pat?.createdAt && pat.expiresAt && pat.lastUsed);
  assert.deepEqual([pat.userId, pat.readOnly, pat.creator?.principal], [MAX, true, Principal.USER]);
  assert.equal(timestampMs(pat.expiresAt) - timestampMs(pat.createdAt), 3_600_000);

  await users.deletePersonalAccessToken({ personalAccessTokenId: pat.id });
  await fails(users.getPersonalAccessToken({ personalAccessTokenId: pat.id }), Code.NotFound);
  await fails(users.getAuthenticatedUser({}, as(token)), Code.Unauthenticated);
};

export const pagesOfTokens: Scenario = async ({ users }) => {
  const description = unique("page");
  for (let number = 0; number < 5; number++) {
    await users.createPersonalAccessToken({ userId: MAX, description }, asMax);
  }
  const ours: string[] = [];
  let token = "";
  do {
    const filter = { userIds: [MAX] };
    const page = await users.listPersonalAccessTokens({ filter, pagination: { pageSize: 2, token } }, asMax);
    ours.push(...page.personalAccessTokens.filter((pat) => pat.description === description).map((pat) => pat.id));
    token = page.pagination?.nextToken ?? "";
  } while (token !== "");
  assert.equal(new Set(ours).size, 5);
  assert.equal(ours.length, 5);
  for (const personalAccessTokenId of ours) {
    await users.deletePersonalAccessToken({ personalAccessTokenId }, asMax);
  }
};
