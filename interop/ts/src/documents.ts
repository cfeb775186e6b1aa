// DocumentService: every rpc, and pages to the end and back.

import assert from "node:assert/strict";

import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";

import { AccessLevel, ProcessingStatus, SubjectType } from "../gen/factify/api/v1beta/document_pb.js";
import { encode, type Scenario, unique } from "./support.js";

const file = { fileName: "notes.md", payload: encode("# Größe\n") };
const POLLS = 1000;

export const lifeOfADocument: Scenario = async ({ documents }) => {
  const title = unique("Notes");
  const description = "of the engine";
  const { document } = await documents.createDocument({
    ...file,
    title,
    description,
    accessLevel: AccessLevel.PRIVATE,
  });
  assert(document);
  assert.deepEqual([document.title, document.description, document.sourceFormat], [title, description, "markdown"]);
  assert.equal(document.createdBy?.type, SubjectType.USER);

  const documentId = document.id;
  const get = async () => (await documents.getDocument({ documentId })).document;
  let got = await get();
  for (let poll = 0; poll < POLLS && got?.processingStatus === ProcessingStatus.PROCESSING; poll++) got = await get();
  assert.equal(got?.processingStatus, ProcessingStatus.READY);
  assert.deepEqual([got.accessLevel, got.permissionSet?.trash], [AccessLevel.PRIVATE, true]);

  const renamed = unique("Renamed");
  const updated = (await documents.updateDocument({ documentId, title: renamed, description: "" })).document;
  assert.deepEqual([updated?.title, updated?.description], [renamed, undefined]);
  await documents.trashDocument({ documentId });
  assert((await get())?.trashedAt);
  await documents.untrashDocument({ documentId });
  assert.equal((await get())?.trashedAt, undefined);
};

export const pagesOfDocuments: Scenario = async ({ documents }) => {
  const titleContains = unique("word");
  const ids: (string | undefined)[] = [];
  for (let number = 0; number < 5; number++) {
    ids.push((await documents.createDocument({ ...file, title: titleContains })).document?.id);
  }
  const list = (pageToken: string) =>
    documents.listDocuments({ pageToken, pageSize: 2, sort: "created_at", titleContains });
  const pages: string[][] = [];
  let page = await list("");
  for (;;) {
    pages.push(page.items.map((item) => item.id));
    if (!page.pagination?.hasMore) break;
    page = await list(page.pagination.nextPageToken);
  }
  assert.deepEqual(pages, [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
  const previous = await list(page.pagination?.prevPageToken ?? "");
  assert.deepEqual(previous.items.map((item) => item.id), ids.slice(2, 4));
};

export const instantsAsDates: Scenario = async ({ documents }) => {
  const { document } = await documents.createDocument({ ...file, title: unique("Dated") });
  assert(document?.createdAt);
  const created = timestampFromDate(timestampDate(document.createdAt));
  const titleContains = document.title;
  const { items } = await documents.listDocuments({ titleContains, created: { after: created, before: created } });
  assert.deepEqual(items.map((item) => item.id), [document.id]);
};
