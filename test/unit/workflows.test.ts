import assert from "node:assert/strict";
import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { blockBelow } from "../support/docs";

interface Step {
  if?: string;
  uses?: string;
  run?: string;
  env?: Record<string, string>;
  with?: Record<string, unknown>;
}

interface Group {
  group: string;
  "cancel-in-progress"?: boolean;
}

interface Job {
  name?: string;
  if?: string;
  needs?: string;
  with?: Record<string, string>;
  concurrency?: string | Group;
  permissions?: Record<string, string>;
  environment?: string | { name: string };
  "timeout-minutes"?: number;
  /** The workflow that is called, in the place of steps. */
  uses?: string;
  steps?: Step[];
}

interface Workflow {
  concurrency?: string | Group;
  on: Record<string, unknown>;
  permissions?: Record<string, string>;
  jobs: Record<string, Job>;
}

/** An action or a workflow of somebody else's by its commit, or an image by its digest, and which version that is. */
const PINNED =
  /^(- )?uses: ([\w.-]+\/[\w./-]+@[0-9a-f]{40}|docker:\/\/[\w./:-]+@sha256:[0-9a-f]{64}) # v?\d+\.\d+\.\d+$/;

const checkout = join(__dirname, "../..");
const folder = join(checkout, ".github/workflows");
const workflows = readdirSync(folder).map((file): [string, Workflow] => [
  file,
  parse(readFileSync(join(folder, file), "utf8")) as Workflow,
]);
const jobs = workflows.flatMap(([file, workflow]) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ at: `${file} ${name}`, workflow, job })),
);
const steps = jobs.flatMap(({ at, workflow, job }) => (job.steps ?? []).map((step) => ({ at, workflow, job, step })));

const of = (file: string): Workflow => Object.fromEntries(workflows)[file] ?? { on: {}, jobs: {} };
const applied = of("apply-stack.yml").jobs["apply"] as Job;
const daily = of("daily.yml").jobs["daily"] as Job;
const groupsOf = ({ concurrency }: Job): Group[] =>
  concurrency === undefined ? [] : [typeof concurrency === "string" ? { group: concurrency } : concurrency];

const isQuestion = (job: Job | undefined): boolean => /-approval"$/.test(JSON.stringify(job?.environment ?? ""));

describe("the workflows", () => {
  it("take everything of others by its commit or digest, with the version behind it for dependabot", () => {
    const lines = workflows.flatMap(([file]) =>
      readFileSync(join(folder, file), "utf8")
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => /^(- )?["']?uses\b/.test(line)),
    );
    const used = jobs.flatMap(({ job }) => [job.uses ?? [], (job.steps ?? []).map(({ uses }) => uses ?? [])].flat(2));
    assert.ok(used.length > 10);
    for (const use of used.filter((each) => !each.startsWith("./"))) {
      const seen = lines.filter((line) => line.includes(`uses: ${use}`));
      assert.ok(seen.length > 0, `${use} stands on a line of its own`);
      for (const line of seen) assert.match(line, PINNED);
    }
  });

  it("are kept up to date by dependabot", () => {
    const { updates } = parse(readFileSync(join(checkout, ".github/dependabot.yml"), "utf8")) as {
      updates: { "package-ecosystem": string; directory: string }[];
    };
    assert.ok(updates.some((each) => each["package-ecosystem"] === "github-actions" && each.directory === "/"));
  });

  it("may read, and write just where their work is to write", () => {
    const writing = jobs.flatMap(({ at, workflow, job }) =>
      Object.entries({ ...workflow.permissions, ...job.permissions }).flatMap(([what, how]) =>
        how === "write" ? [`${at} ${what}`] : [],
      ),
    );
    for (const [file, { permissions }] of workflows) assert.ok(permissions, `${file} says no permissions`);
    assert.deepEqual(writing.sort(), [
      "apply-stack.yml apply id-token",
      "apply.yml production id-token",
      "apply.yml test id-token",
      "comment.yml comment pull-requests",
      "daily.yml daily id-token",
      "preview.yml stack id-token",
      "release.yml npm id-token",
    ]);
  });

  it("apply by calls with the names of their environments, by which the daily run knows what was applied where", () => {
    const calls = Object.values(of("apply.yml").jobs).filter(({ uses }) => uses !== undefined);
    const found = calls.map(({ name, uses, with: inputs }) => [name?.toLowerCase(), inputs?.["environment"], uses]);
    assert.deepEqual(found, [
      ["test", "test", "./.github/workflows/apply-stack.yml"],
      ["production", "production", "./.github/workflows/apply-stack.yml"],
    ]);
    assert.equal(applied.environment, "${{ inputs.environment }}");
    assert.deepEqual(of("daily.yml").permissions, {
      ...{ actions: "read", contents: "read", deployments: "read" },
      "id-token": "write",
    });
    const [fetch, find] = daily.steps ?? [];
    assert.equal(fetch?.with?.["fetch-depth"], 0, "main's whole history");
    assert.match(find?.run ?? "", /deployed-commit\.sh/);
  });

  it("let an apply and a daily run exclude each other from the search for the commit on", () => {
    assert.deepEqual(
      [applied.concurrency, daily.concurrency],
      ["stack-${{ inputs.environment }}", "stack-${{ matrix.environment }}"],
    );
    assert.equal(groupsOf(daily).length, 1);
  });

  it("let nothing wait for an approval in a group that a daily run needs", () => {
    const { jobs: all } = of("apply.yml");
    assert.equal(of("apply.yml").concurrency, undefined, "it would be held from the first question to the last apply");
    for (const [name, job] of Object.entries(all)) {
      const asks = isQuestion(job);
      assert.notEqual(asks, job.uses !== undefined, `${name} asks or applies`);
      if (!asks) assert.ok(isQuestion(all[job.needs ?? ""]), `${name} is approved`);
      for (const { group } of groupsOf(job)) assert.match(group, asks ? /^approve-/ : /^apply-/, name);
      if (asks) assert.doesNotMatch(JSON.stringify(job), /secrets\./, name);
    }
    assert.ok(!JSON.stringify(daily.environment).includes("approval"));
  });

  it("never have two that wait in a stack's group, of which GitHub would cancel the first", () => {
    const callers = Object.values(of("apply.yml").jobs).filter(({ uses }) => uses !== undefined);
    for (const { concurrency, with: inputs } of callers) assert.equal(concurrency, `apply-${inputs?.["environment"]}`);
    assert.equal(of("daily.yml").concurrency, "daily");
    const working = [...callers, applied, daily, { concurrency: of("daily.yml").concurrency } as Job];
    for (const each of working.flatMap(groupsOf)) assert.notEqual(each["cancel-in-progress"], true, each.group);
  });

  it("hand on the same credentials to every job that works on a stack, and take the kubeconfig away", () => {
    const working = jobs.filter(({ job }) => JSON.stringify(job).includes("PULUMI_BACKEND_URL"));
    assert.equal(working.length, 3);
    const parts = working.map(({ job: { steps: all = [] } }) => {
      const from = all.findIndex(({ run }) => run === "npm ci --ignore-scripts");
      return { given: all.slice(from + 1, from + 4), work: all[from + 4], removed: all[from + 5] };
    });
    for (const { given, work, removed } of parts) {
      assert.deepEqual(given, parts[0]?.given);
      assert.match(JSON.stringify(given), /role-to-assume.*AWS_ACCESS_KEY_ID.*secrets\.KUBECONFIG/);
      assert.match(work?.run ?? "", /^scripts\//);
      assert.deepEqual([removed?.if, removed?.run], ["always()", 'rm -f "$RUNNER_TEMP/kubeconfig"']);
    }
  });

  it("leave no credentials in the checkout, and end by themselves", () => {
    for (const { at, step } of steps.filter(({ step }) => step.uses?.startsWith("actions/checkout@"))) {
      assert.equal(step.with?.["persist-credentials"], false, at);
    }
    for (const { at, job } of jobs.filter(({ job: { uses } }) => uses === undefined))
      assert.ok((job["timeout-minutes"] ?? 999) <= 120, at);
  });

  it("put nothing that others write into a shell's text", () => {
    for (const { at, step } of steps) assert.doesNotMatch(step.run ?? "", /\$\{\{/, at);
  });

  it("give secrets to nothing that runs a fork's code, and only within an environment", () => {
    const secret = [
      ...steps.filter(({ step }) => /secrets\./.test(JSON.stringify(step))),
      ...jobs.filter(({ job }) => job.permissions?.["id-token"] === "write" && job.uses === undefined),
    ];
    assert.ok(secret.length >= 9);
    for (const { at, workflow, job } of secret) {
      assert.ok(job.environment, at);
      if (!("pull_request" in workflow.on)) continue;
      assert.match(job.if ?? "", /head\.repo\.full_name == github\.repository/, at);
    }
    assert.ok(!workflows.some(([, { on }]) => "pull_request_target" in on));
  });

  it("run scripts that are there, which docs/ci.md tells of for a plain shell", () => {
    const named = (text = ""): string[] => text.match(/scripts\/[\w-]+\.sh/g) ?? [];
    const direct = steps.flatMap(({ step }) => named(step.run));
    const commands = (name: string): string => readFileSync(join(checkout, name), "utf8").replace(/^#.*/gm, "");
    const ran = new Set([...direct, ...direct.flatMap((name) => named(commands(name)))]);
    const there = readdirSync(join(checkout, "scripts")).map((name) => `scripts/${name}`);
    assert.deepEqual([...ran].sort(), there.sort());
    const guide = readFileSync(join(checkout, "docs/ci.md"), "utf8");
    for (const script of there) {
      accessSync(join(checkout, script), constants.X_OK);
      assert.ok(guide.includes(script), script);
    }
  });

  it("of docs/ci.md take the same actions, and hand a state in S3 and a kubeconfig to the script", () => {
    const text = blockBelow("docs/ci.md", "github", "yaml");
    const lines = (all: string): string[] => (all.match(/uses: .*$/gm) ?? []).map((line) => line.trim());
    const ours = new Set(workflows.flatMap(([file]) => lines(readFileSync(join(folder, file), "utf8"))));
    assert.equal(lines(text).length, 3);
    assert.deepEqual(
      lines(text).filter((line) => !ours.has(line)),
      [],
      "as in .github/workflows, which dependabot renews",
    );
    const shown = (parse(text) as Workflow).jobs["daily"]?.steps ?? [];
    const work = shown.find(({ run }) => run?.startsWith("scripts/daily.sh"));
    const given = Object.keys(work?.env ?? {}).sort();
    const names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE"];
    assert.deepEqual(given, names);
    const kubeconfig = shown.find(({ env }) => env?.["KUBECONFIG_TEXT"]);
    const script = (applied.steps ?? []).find(({ env }) => env?.["KUBECONFIG_TEXT"])?.run ?? "";
    assert.ok(script.endsWith(kubeconfig?.run ?? "none"), "the same lines as in apply-stack.yml");
    assert.match(shown.at(-1)?.run ?? "", /^rm -f .*kubeconfig/);
  });

  it("of docs/ci.md for GitLab run one at a time, with the programs that are tested", () => {
    const { registry } = parse(blockBelow("docs/ci.md", "gitlab", "yaml")) as {
      registry: { resource_group: string; before_script: string[]; script: string[] };
    };
    assert.ok(registry.resource_group);
    const lab = (file: string): string => readFileSync(join(checkout, "lab/programs", file), "utf8");
    const [, pulumi] = /pulumi\/pkg\/v3 v(\S+)/.exec(lab("pulumi/go.mod")) ?? [];
    const [, kubernetes] = /k8s\.io\/kubernetes (v\S+)/.exec(lab("kubernetes/go.mod")) ?? [];
    const before = registry.before_script.join("\n");
    assert.ok(before.includes(`--version ${pulumi}\n`) && before.includes(`/${kubernetes}/`), before);
    assert.match(registry.script.join(), /scripts\/daily\.sh .*scripts\/apply\.sh /);
  });
});
