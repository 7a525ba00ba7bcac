import assert from "node:assert/strict";
import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

interface Step {
  uses?: string;
  run?: string;
  env?: Record<string, string>;
  with?: Record<string, unknown>;
}

interface Job {
  name?: string;
  if?: string;
  permissions?: Record<string, string>;
  environment?: string | { name: string };
  "timeout-minutes"?: number;
  steps: Step[];
}

interface Workflow {
  on: Record<string, unknown>;
  permissions?: Record<string, string>;
  jobs: Record<string, Job>;
}

const checkout = join(__dirname, "../..");
const folder = join(checkout, ".github/workflows");
const workflows = readdirSync(folder).map((file): [string, Workflow] => [
  file,
  parse(readFileSync(join(folder, file), "utf8")) as Workflow,
]);
const jobs = workflows.flatMap(([file, workflow]) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ at: `${file} ${name}`, workflow, job })),
);
const steps = jobs.flatMap(({ at, workflow, job }) => job.steps.map((step) => ({ at, workflow, job, step })));

describe("the workflows", () => {
  it("take every action in an exact version", () => {
    const used = steps.flatMap(({ step }) => step.uses ?? []);
    assert.ok(used.length > 10);
    for (const action of used) assert.match(action, /^[\w-]+\/[\w-]+@(v\d+\.\d+\.\d+|[0-9a-f]{40})$/);
  });

  it("may read, and write just where their work is to write", () => {
    const writing = jobs.flatMap(({ at, workflow, job }) =>
      Object.entries({ ...workflow.permissions, ...job.permissions }).flatMap(([what, how]) =>
        how === "write" ? [`${at} ${what}`] : [],
      ),
    );
    for (const [file, { permissions }] of workflows) assert.ok(permissions, `${file} says no permissions`);
    assert.deepEqual(writing.sort(), ["comment.yml comment pull-requests", "release.yml npm id-token"]);
  });

  it("apply by jobs with the names of their environments, by which the daily run knows what was applied where", () => {
    const of = (file: string): Workflow => Object.fromEntries(workflows)[file] as Workflow;
    const found = Object.values(of("apply.yml").jobs).map((job) => [String(job.name).toLowerCase(), job.environment]);
    assert.deepEqual(found, [
      ["test", "test"],
      ["production", "production"],
    ]);
    const daily = of("daily.yml");
    assert.deepEqual(daily.permissions, { actions: "read", contents: "read", deployments: "read" });
    const [fetch, find] = Object.values(daily.jobs).flatMap(({ steps }) => steps);
    assert.equal(fetch?.with?.["fetch-depth"], 0, "main's whole history");
    assert.match(find?.run ?? "", /deployed-commit\.sh/);
  });

  it("leave no credentials in the checkout, and end by themselves", () => {
    for (const { at, step } of steps.filter(({ step }) => step.uses?.startsWith("actions/checkout@"))) {
      assert.equal(step.with?.["persist-credentials"], false, at);
    }
    for (const { at, job } of jobs) assert.ok((job["timeout-minutes"] ?? 999) <= 120, at);
  });

  it("put nothing that others write into a shell's text", () => {
    for (const { at, step } of steps) assert.doesNotMatch(step.run ?? "", /\$\{\{/, at);
  });

  it("give secrets to nothing that runs a fork's code, and only within an environment", () => {
    const secret = steps.filter(({ step }) => /secrets\./.test(JSON.stringify(step)));
    assert.ok(secret.length >= 4);
    for (const { at, workflow, job } of secret) {
      assert.ok(job.environment, at);
      if (!("pull_request" in workflow.on)) continue;
      assert.match(job.if ?? "", /head\.repo\.full_name == github\.repository/, at);
    }
    assert.ok(!workflows.some(([, { on }]) => "pull_request_target" in on));
  });

  it("run scripts that are there, which docs/ci.md tells of for a plain shell", () => {
    const ran = new Set(steps.flatMap(({ step }) => step.run?.match(/scripts\/[\w-]+\.sh/g) ?? []));
    const there = readdirSync(join(checkout, "scripts")).map((name) => `scripts/${name}`);
    assert.deepEqual([...ran].sort(), there.sort());
    const guide = readFileSync(join(checkout, "docs/ci.md"), "utf8");
    for (const script of there) {
      accessSync(join(checkout, script), constants.X_OK);
      assert.ok(guide.includes(script), script);
    }
  });
});
