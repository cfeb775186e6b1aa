// ProjectService: every rpc, and pages to the end.

import assert from "node:assert/strict";

import { create, equals } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";

import { CountResponseRelation } from "../gen/gitpod/v1/count_pb.js";
import {
  EnvironmentInitializerSchema,
  GitInitializer_CloneTargetMode as CloneTargetMode,
} from "../gen/gitpod/v1/environment_initializer_pb.js";
import { ProjectSchema } from "../gen/gitpod/v1/project_pb.js";
import { SortOrder } from "../gen/gitpod/v1/sort_pb.js";
import { ABSENT, ADA, ENVIRONMENT, ENVIRONMENT_CLASS, fails, type Scenario, unique } from "./support.js";

export const lifeOfAProject: Scenario = async ({ projects }) => {
  const initializer = create(EnvironmentInitializerSchema, {
    specs: [
      {
        spec: {
          case: "git",
          value: {
            remoteUri: "https://example.org/team/site.git",
            targetMode: CloneTargetMode.REMOTE_BRANCH,
            cloneTarget: "main",
          },
        },
      },
    ],
  });
  const name = unique("site");
  const { project } = await projects.createProject({
    name,
    initializer,
    technicalDescription: "Größe: 1\n",
    prebuildConfiguration: {
      enabled: true,
      environmentClassIds: [ENVIRONMENT_CLASS],
      timeout: { seconds: 1800n },
    },
  });
  assert(project);
  assert.deepEqual([project.metadata?.name, project.metadata?.creator?.id], [name, ADA]);
  assert.equal(project.technicalDescription, "Größe: 1\n");
  assert.equal(project.prebuildConfiguration?.timeout?.seconds, 1800n);

  const projectId = project.id;
  const got = (await projects.getProject({ projectId })).project;
  project.technicalDescription = ""; // told when it is written, left out when it is read
  assert(got && equals(ProjectSchema, got, project));

  const editors = { goland: { versions: ["2025.1"] }, vscode: {} };
  const updated = await projects.updateProject({ projectId, name: unique("q"), recommendedEditors: { editors } });
  assert.deepEqual(Object.keys(updated.project?.recommendedEditors?.editors ?? {}).sort(), ["goland", "vscode"]);
  assert(updated.project?.initializer);
  assert(equals(EnvironmentInitializerSchema, updated.project.initializer, initializer));

  await projects.deleteProject({ projectId });
  await fails(projects.getProject({ projectId }), Code.NotFound);

  const copied = await projects.createProjectFromEnvironment({ name: unique("copy"), environmentId: ENVIRONMENT });
  const spec = copied.project?.initializer?.specs[0]?.spec;
  assert(spec?.case === "git");
  assert.match(spec.value.remoteUri, /\/analytical-engine\.git$/);
};

export const manyProjectsAtOnce: Scenario = async ({ projects }) => {
  const names = [unique("a"), unique("b")];
  const created = await projects.createProjects({
    projects: [names[0], "x".repeat(81), names[1]].map((name) => ({ name, initializer: {} })),
  });
  assert.deepEqual(created.createdProjects.map((project) => project.metadata?.name), names);
  assert.deepEqual(created.failedProjects.map((failure) => failure.index), [1]);
  const ids = created.createdProjects.map((project) => project.id);

  const name = unique("c");
  const updated = await projects.updateProjects({ projects: [ABSENT, ...ids].map((projectId) => ({ projectId, name })) });
  assert.deepEqual(updated.updatedProjects.map((project) => project.metadata?.name), [name, name]);
  assert.deepEqual(updated.failedProjects.map((failure) => [failure.index, failure.projectId]), [[0, ABSENT]]);

  const [first = "", second = ""] = ids;
  const deleted = await projects.deleteProjects({ projectIds: [first, "no id", second, first] });
  assert.deepEqual(deleted.deletedProjectIds, ids);
  assert.deepEqual(deleted.failedProjects.map((failure) => failure.index), [1, 3]);
};

export const pagesOfProjects: Scenario = async ({ projects }) => {
  const search = unique("word");
  const batch = Array.from({ length: 5 }, () => ({ name: search, initializer: {} }));
  const ids = (await projects.createProjects({ projects: batch })).createdProjects.map((project) => project.id);
  const pages: string[][] = [];
  let token = "";
  do {
    const page = await projects.listProjects({
      pagination: { pageSize: 2, token },
      filter: { search },
      sort: { field: "id", order: SortOrder.ASC },
      count: { include: true },
    });
    if (token === "") {
      assert.deepEqual([page.count?.value, page.count?.relation], [5, CountResponseRelation.EQ]);
    }
    pages.push(page.projects.map((project) => project.id));
    token = page.pagination?.nextToken ?? "";
  } while (token !== "");
  assert.deepEqual(pages, [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
};
