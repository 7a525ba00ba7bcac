import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";

const checkout = join(__dirname, "../..");
const LOCKED = "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end";
const CONFLICT = "error: [409] Conflict: Another update is currently in progress.";

interface Step {
  name?: string;
  run?: string;
}

describe("the scripts and steps that work on a stack", function () {
  this.timeout(60_000);
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "ci-scripts-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs a script beside a `pulumi` that says these texts in turn, the last one for ever: "" is a success. */
  async function script(args: string[], answers: string[], more: Record<string, string> = {}) {
    const cases = answers.map((text, index) => `${index === answers.length - 1 ? "*" : index + 1}) text='${text}' ;;`);
    const stub = (name: string, ...lines: string[]): void => {
      writeFileSync(join(folder, name), ["#!/usr/bin/env bash", ...lines, ""].join("\n"));
      chmodSync(join(folder, name), 0o755);
    };
    const count = `calls=$(($(cat ${folder}/calls 2>/dev/null || echo 0) + 1)); echo $calls >${folder}/calls`;
    const copy = `touch "\${TMPDIR:-/tmp}/kubeconfig$$" && echo "$TMPDIR" >>${folder}/temporary`;
    stub("pulumi", copy, count, `echo "pulumi $*" >>${folder}/log`, `case $calls in ${cases.join(" ")} esac`, FAILS);
    stub("npm", `echo "npm $*" >>${folder}/log`);
    const env = { PATH: `${folder}:${process.env["PATH"]}`, LOCK_PAUSE_SECONDS: "0", ...more };
    const [name = "", ...rest] = args;
    const { exitCode, all } = await execa("bash", [join(checkout, "scripts", name), ...rest], {
      env,
      all: true,
      reject: false,
    });
    return { exitCode, all, ran: readFileSync(join(folder, "log"), "utf8").trimEnd().split("\n") };
  }
  const FAILS = 'if [ -n "$text" ]; then echo "$text" >&2; exit 255; fi; echo done';

  for (const text of [LOCKED, CONFLICT]) {
    it(`wait for an update that runs, of which Pulumi says "${text.slice(7, 40)}..."`, async () => {
      const { exitCode, all, ran } = await script(["apply.sh", "prod"], [text, text, ""]);
      assert.equal(exitCode, 0, all);
      const up = "pulumi up --yes --skip-preview --non-interactive --color never --suppress-progress --stack prod";
      assert.deepEqual(ran, [up, up, up, "npm run --silent smoke -- --stack prod"]);
    });
  }

  for (const name of ["apply.sh", "daily.sh", "preview.sh"]) {
    it(`leave no copy of a kubeconfig that Pulumi's provider has made, with ${name}`, async () => {
      for (const answer of ["", "error: it failed"]) {
        const { exitCode, all } = await script([name, "prod", join(folder, "report.md")], [answer]);
        assert.equal(exitCode === 0, answer === "", all);
      }
      const used = readFileSync(join(folder, "temporary"), "utf8").trim().split("\n");
      assert.ok(used.length >= 2 && !used.includes("") && !used.includes(tmpdir()), used.join());
      assert.deepEqual(used.filter(existsSync), []);
    });
  }

  it("wait for a bounded time only, and say what to do about a lock that stays", async () => {
    const bound = { LOCK_WAIT_SECONDS: "2", LOCK_PAUSE_SECONDS: "1" };
    const { exitCode, all, ran } = await script(["apply.sh", "prod"], [LOCKED], bound);
    assert.equal(exitCode, 255);
    assert.match(all, /a different update has held it for \d s.* pulumi cancel --stack prod/s);
    assert.ok(ran.length >= 2 && ran.length <= 3, `${ran.length} tries`);
    assert.ok(!ran.some((line) => line.startsWith("npm")), "no smoke test of what was not applied");
  });

  it("try nothing again that failed for a different reason", async () => {
    const { exitCode, ran } = await script(["apply.sh", "prod"], ["error: Conflict: the object has been modified", ""]);
    assert.deepEqual([exitCode, ran.length], [255, 1]);
  });

  it("wait in each part of the daily run, and do not fail for having waited", async () => {
    const { exitCode, all, ran } = await script(["daily.sh", "prod"], [LOCKED, "", LOCKED, ""]);
    assert.equal(exitCode, 0, all);
    const order = ran.map((line) => line.split(" ").slice(0, 4).join(" ").replace("--yes", "").trim());
    const [drift, smoke] = ["npm run --silent drift", "npm run --silent smoke"];
    const refresh = "pulumi refresh --preview-only --expect-no-changes";
    assert.deepEqual(order.slice(0, 3), [drift, refresh, refresh]);
    assert.ok(order.slice(3, 5).every((line) => line.startsWith("pulumi up")));
    assert.deepEqual(order.slice(5), [smoke]);
  });

  it("fix what the daily run finds at the gateways only if that is wished", async () => {
    const fixes = async (wish: Record<string, string>) =>
      (await script(["daily.sh", "prod"], [], wish)).ran.filter((line) => line.includes("--fix")).length;
    assert.deepEqual(
      [await fixes({}), await fixes({ FIX_DRIFT: "no" }), await fixes({ FIX_DRIFT: "true" })],
      [0, 0, 1],
    );
  });

  /** Runs a step of apply-stack.yml as a runner does. */
  async function step(name: RegExp, env: Record<string, string>) {
    const file = readFileSync(join(checkout, ".github/workflows/apply-stack.yml"), "utf8");
    const { jobs } = parse(file) as { jobs: Record<string, { steps: Step[] }> };
    const found = Object.values(jobs).flatMap(({ steps }) => steps.filter((each) => name.test(each.name ?? "")));
    assert.equal(found.length, 1, `${name}`);
    const variables = join(folder, "variables");
    writeFileSync(variables, "");
    const runner = { PATH: process.env["PATH"] ?? "", RUNNER_TEMP: folder, GITHUB_ENV: variables, ...env };
    const text = found[0]?.run ?? "exit 99";
    const { exitCode, all } = await execa("bash", ["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", text], {
      env: runner,
      extendEnv: false,
      all: true,
      reject: false,
    });
    return { exitCode, all, set: readFileSync(variables, "utf8") };
  }
  const KUBECONFIG = "apiVersion: v1\nusers:\n  - user: {token: 'a $HOME `b` \"c\" %s'}";

  it("leave a kubeconfig that only the runner's user reads, and take it away", async () => {
    const file = join(folder, "kubeconfig");
    writeFileSync(file, "of a run before", { mode: 0o644 });
    const { exitCode, all, set } = await step(/kubeconfig, for/, { KUBECONFIG_TEXT: KUBECONFIG });
    assert.deepEqual([exitCode, all], [0, ""]);
    assert.equal(readFileSync(file, "utf8"), `${KUBECONFIG}\n`);
    assert.equal((statSync(file).mode & 0o777).toString(8), "600");
    assert.equal(set, `KUBECONFIG=${file}\n`);
    assert.equal((await step(/^Take the kubeconfig away$/, {})).exitCode, 0);
    assert.ok(!existsSync(file));
  });

  it("hand on the keys of an S3 store", async () => {
    const given = { KEY_ID: "id", SECRET_KEY: "k/+=", REGION: "eu-central-1" };
    const { exitCode, all, set } = await step(/by the environment's keys/, given);
    assert.deepEqual([exitCode, all], [0, ""]);
    assert.equal(set, "AWS_ACCESS_KEY_ID=id\nAWS_SECRET_ACCESS_KEY=k/+=\nAWS_REGION=eu-central-1\n");
  });

  it("do nothing for what an environment has not, so that a runner's own credentials stay", async () => {
    for (const [name, empty] of [
      [/kubeconfig, for/, { KUBECONFIG_TEXT: "" }],
      [/by the environment's keys/, { KEY_ID: "", SECRET_KEY: "", REGION: "" }],
    ] as const) {
      const { exitCode, set } = await step(name, empty);
      assert.deepEqual([exitCode, set, existsSync(join(folder, "kubeconfig"))], [0, "", false]);
    }
  });

  it("apply nothing in an attempt that nobody has approved", async () => {
    const attempt = async (approved: string) =>
      (await step(/attempt is the one/, { APPROVED: approved, GITHUB_RUN_ATTEMPT: "2" })).exitCode;
    assert.deepEqual([await attempt("2"), await attempt("1"), await attempt("")], [0, 1, 1]);
  });
});
