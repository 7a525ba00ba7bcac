import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { blockBelow } from "../support/docs";
import { ensurePrograms } from "../../lab/programs";

const checkout = join(__dirname, "../..");
const workflows = readdirSync(join(checkout, ".github/workflows")).map((name) => `.github/workflows/${name}`);
const scripts = readdirSync(join(checkout, "scripts")).map((name) => `scripts/${name}`);

describe("the workflows and their scripts", function () {
  this.timeout(120_000);
  let folder = "";
  before(() => (folder = mkdtempSync(join(tmpdir(), "workflows-"))));
  after(() => rmSync(folder, { recursive: true }));

  it("have nothing that actionlint complains of", async () => {
    const { actionlint } = await ensurePrograms(["actionlint"], () => undefined);
    const { all } = await execa(actionlint, ["-no-color", ...workflows], { cwd: checkout, all: true, reject: false });
    assert.equal(all, "");
  });

  it("of examples/ have nothing that actionlint complains of", async () => {
    const { actionlint } = await ensurePrograms(["actionlint"], () => undefined);
    const args = ["-no-color", "examples/github-actions/push.yml"];
    const { all } = await execa(actionlint, args, { cwd: checkout, all: true, reject: false });
    assert.equal(all, "");
  });

  it("of docs/ci.md has nothing that actionlint complains of", async () => {
    const { actionlint } = await ensurePrograms(["actionlint"], () => undefined);
    const input = blockBelow("docs/ci.md", "github", "yaml");
    const { all } = await execa(actionlint, ["-no-color", "-"], { input, all: true, reject: false });
    assert.equal(all, "");
  });

  it("have nothing that shellcheck complains of", async () => {
    const { all } = await execa("shellcheck", scripts, { cwd: checkout, all: true, reject: false });
    assert.equal(all, "");
  });

  describe("the offline preview", () => {
    let clone = "";
    const git = (...args: string[]) =>
      execa("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd: clone });
    const change = async (from: string, to: string): Promise<void> => {
      const file = join(clone, "Pulumi.dev.yaml");
      writeFileSync(file, readFileSync(file, "utf8").replace(from, to));
      await git("commit", "-qam", "a change");
    };
    const preview = async () => {
      const report = join(folder, "report.md");
      const args = [`${clone}/scripts/offline-preview.sh`, "start", report, "Pulumi.dev.yaml"];
      const { exitCode, all } = await execa("bash", args, { all: true, reject: false });
      return { exitCode, all, report: readFileSync(report, "utf8") };
    };

    before(async () => {
      clone = join(folder, "clone");
      // What is checked out here, committed or not.
      await execa("git", ["clone", "--quiet", "--shared", checkout, clone]);
      const list = "git ls-files -z --cached --others --exclude-standard";
      const copy = `${list} | tar --create --null --ignore-failed-read --files-from=- | tar --extract --directory "$0"`;
      await execa("bash", ["-c", copy, clone], { cwd: checkout });
      symlinkSync(join(checkout, "node_modules"), join(clone, "node_modules"));
      await git("add", "--all", "--", ":!node_modules");
      await git("commit", "-qm", "as it is here", "--allow-empty");
      await git("tag", "start");
    });
    afterEach(() => git("reset", "-q", "--hard", "start"));

    it("says that nothing differs", async () => {
      const { exitCode, report, all } = await preview();
      assert.equal(exitCode, 0, all);
      assert.match(report, /The config is right\. It makes the same nginx files and manifests as before/);
    });

    it("shows what a changed setting changes, by the files' names", async () => {
      await change("nodeName: node-1", "nodeName: node-1\n  private-registry:nginx:\n    readTimeoutSeconds: 901");
      const { exitCode, report, all } = await preview();
      assert.equal(exitCode, 0, all);
      assert.match(report, /^\+\+\+ after\/nginx\/main-gateway\/site\.conf$/m);
      assert.match(report, /^\+ *proxy_read_timeout 901s;$/m);
      assert.match(report, /^- *proxy_read_timeout 900s;$/m);
    });

    it("ends with 1 and the problems of a config that is not right", async () => {
      await change("nodeName: node-1", "nodeName: node-1\n  private-registry:cluster: {nodePorts: {registry: 70000}}");
      const { exitCode, report } = await preview();
      assert.equal(exitCode, 1);
      assert.match(report, /cluster\.nodePorts\.registry must be 1-65535, got 70000/);
    });
  });

  describe("that ask GitHub", () => {
    /** A `gh` that answers from a table by the path, and writes down what it is told to send. */
    const gh = (answers: Record<string, string>): Record<string, string> => {
      const bin = mkdtempSync(join(folder, "bin-"));
      const lines = Object.entries(answers).map(([path, answer]) => `*" ${path}"*) cat <<'.'\n${answer}\n.\n;;`);
      const log = `{ printf '%s\\n' "$*"; [[ $* != *--input* ]] || cat; } >>${bin}/sent`;
      writeFileSync(join(bin, "gh"), `#!/usr/bin/env bash\n${log}\ncase " $*" in\n${lines.join("\n")}\nesac\n`);
      chmodSync(join(bin, "gh"), 0o755);
      return { PATH: `${bin}:${process.env["PATH"]}`, BIN: bin };
    };
    const run = (script: string, args: string[], env: Record<string, string>) =>
      execa("bash", [join(checkout, "scripts", script), ...args], { env, all: true, reject: false });
    const sent = (env: Record<string, string>): string => readFileSync(join(env["BIN"] ?? "", "sent"), "utf8");
    const COMMIT = "0123456789abcdef0123456789abcdef01234567";

    it("keep one comment up to date", async () => {
      const report = join(folder, "text.md");
      writeFileSync(report, "#### all is `well`\n");
      const pull = "repos/a/b/pulls/7";
      const comments = "repos/a/b/issues/7/comments";
      const first = gh({ [pull]: COMMIT });
      assert.equal((await run("comment.sh", ["a/b", "7", COMMIT, report], first)).exitCode, 0);
      assert.match(sent(first), /--method POST repos\/a\/b\/issues\/7\/comments/);
      assert.match(sent(first), /all is `well`/);
      const second = gh({ [pull]: COMMIT, [comments]: "99" });
      assert.equal((await run("comment.sh", ["a/b", "7", COMMIT, report], second)).exitCode, 0);
      assert.match(sent(second), /--method PATCH repos\/a\/b\/issues\/comments\/99/);
      assert.doesNotMatch(sent(second), /POST/);
    });

    it("comment on no request that has not this commit, whatever number they are told", async () => {
      const env = gh({ "repos/a/b/pulls/7": "f".repeat(40) });
      assert.equal((await run("comment.sh", ["a/b", "7", COMMIT, "/dev/null"], env)).exitCode, 0);
      assert.doesNotMatch(sent(env), /POST|PATCH/);
      assert.equal((await run("comment.sh", ["a/b", "7/../8", COMMIT, "/dev/null"], gh({}))).exitCode, 1);
    });
  });

  it("refuse a tag that the package and the changelog don't have", async () => {
    const check = (tag: string) => execa("bash", ["scripts/release-check.sh", tag], { cwd: checkout, reject: false });
    const refused = await check("v99.0.0");
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /the tag is v99\.0\.0, and package\.json has version /);
  });
});
