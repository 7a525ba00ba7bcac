import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { type Deployment, githubAnswers } from "../support/github-answers";

const checkout = join(__dirname, "../..");
const EVIL = "e".repeat(40);

describe("the commit that was last applied", function () {
  this.timeout(60_000);
  let folder = "";
  let clone = "";
  /** Commits of main, oldest first, and one of a branch that was merged into the third. */
  let main: string[] = [];
  let merged = "";

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "deployed-"));
    clone = join(folder, "clone");
    mkdirSync(join(folder, "bin"));
    copyFileSync(join(checkout, "test/support/gh-stand-in.cjs"), join(folder, "bin/gh"));
    const who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"];
    const git = async (...args: string[]): Promise<string> =>
      (await execa("git", [...who, ...args], { cwd: args[0] === "init" ? folder : clone })).stdout;
    const commit = async (text: string): Promise<string> => {
      await git("commit", "-qm", text, "--allow-empty");
      return git("rev-parse", "HEAD");
    };
    await git("init", "-q", clone);
    main = [await commit("one"), await commit("two")];
    await git("checkout", "-qb", "topic");
    merged = await commit("of a pull request");
    await git("checkout", "-q", "main");
    await git("merge", "-q", "--no-ff", "-m", "three", "topic");
    main.push(await git("rev-parse", "HEAD"));
    await git("update-ref", "refs/remotes/origin/main", "HEAD");
    // What somebody may push: a branch and a tag whose names look like main's.
    await git("tag", "main", "topic");
    await git("update-ref", "refs/heads/refs/remotes/origin/main", "topic");
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Runs the script in the clone beside these deployments, the newest first. */
  async function ask(
    deployments: Deployment[],
    more: Record<string, unknown> = {},
    environment = "production",
    cwd = clone,
  ) {
    const file = join(folder, "answers.json");
    writeFileSync(file, JSON.stringify({ ...githubAnswers(deployments), ...more }));
    const log = join(folder, "log");
    rmSync(log, { force: true });
    const env = { PATH: `${join(folder, "bin")}:${process.env["PATH"]}`, GH_ANSWERS: file, GH_LOG: log, GH_PAGE: "7" };
    const script = join(checkout, "scripts/deployed-commit.sh");
    const { exitCode, stdout, stderr } = await execa("bash", [script, "a/b", environment], {
      cwd,
      env,
      reject: false,
    });
    return { exitCode, stdout, stderr, asked: readFileSync(log, "utf8") };
  }

  const good = (index = 2): Deployment => ({ sha: main[index] ?? "" });

  it("is that of the newest deployment which a run of apply.yml on main has made", async () => {
    const { stdout, stderr } = await ask([good(2), good(1), good(0)]);
    assert.deepEqual([stdout, stderr], [main[2], ""]);
    const dispatched = await ask([{ ...good(1), run: { event: "workflow_dispatch" } }, good(2)]);
    assert.equal(dispatched.stdout, main[1], "an older commit may be applied again");
  });

  it("is the one before where the newest failed, waits or goes on", async () => {
    for (const state of ["failure", "waiting", "in_progress"]) {
      const run = { conclusion: state === "failure" ? "failure" : null };
      const { stdout } = await ask([{ ...good(2), states: [state, "queued"], run }, good(1)]);
      assert.equal(stdout, main[1], state);
    }
  });

  it("does not change because somebody marks it as gone or failed", async () => {
    for (const state of ["inactive", "failure"]) {
      const { stdout } = await ask([{ ...good(2), states: [state, "success", "in_progress"] }, good(1)]);
      assert.equal(stdout, main[2], state);
    }
  });

  describe("is no commit of a record that somebody has made up", () => {
    const forgeries: [string, () => Deployment, RegExp][] = [
      ["of a commit that is nowhere on main", () => ({ sha: EVIL }), /the commit is not in main's history/],
      ["of a commit of a merged branch", () => ({ sha: merged }), /the commit is none of main's own/],
      ["of what is no commit", () => ({ sha: "--help" }), /it names no commit/],
      ["that names no run", () => ({ ...good(), names: "https://example.com/log" }), /no run is named/],
      [
        "that names a run of another repository",
        () => ({ ...good(), names: "https://github.com/c/d/actions/runs/200" }),
        /no run is/,
      ],
      ["that names a run which is not there", () => ({ ...good(), run: null }), /GitHub has no run 200/],
      [
        "that names a run for another commit",
        () => ({ ...good(), run: { head_sha: main[0] } }),
        /run 200 is for the commit/,
      ],
      [
        "by another workflow",
        () => ({ ...good(), run: { path: ".github/workflows/evil.yml" } }),
        /is of .*evil\.yml, not of/,
      ],
      ["by apply.yml on another branch", () => ({ ...good(), run: { head_branch: "topic" } }), /of the branch topic/],
      ["by a pull request", () => ({ ...good(), run: { event: "pull_request" } }), /run 200 is for a pull_request/],
      [
        "by a fork's main",
        () => ({ ...good(), run: { head_repository: { full_name: "c/b" } } }),
        /the repository c\/b/,
      ],
      [
        "by a run that failed",
        () => ({ ...good(), run: { conclusion: "failure" }, jobs: [] }),
        /job production of run 200 has/,
      ],
      [
        "by a run whose job for this environment was refused",
        () => ({
          ...good(),
          run: { conclusion: "failure" },
          jobs: [
            { id: 201, name: "Test", conclusion: "success" },
            { id: 202, name: "Production / Apply", conclusion: "failure" },
          ],
        }),
        /the job production of run 200 has not succeeded/,
      ],
      [
        "by a run that was approved for this environment, and then failed",
        () => ({
          ...good(),
          run: { conclusion: "failure" },
          jobs: [
            { id: 201, name: "Approval for production", conclusion: "success" },
            { id: 202, name: "Production / Apply", conclusion: "failure" },
          ],
        }),
        /the job production of run 200 has not succeeded/,
      ],
      [
        "by a run whose job for this environment was left out",
        () => ({
          ...good(),
          jobs: [
            { id: 202, name: "Test", conclusion: "success" },
            { id: 201, name: "Production", conclusion: "skipped" },
          ],
        }),
        /the job production of run 200 has not succeeded/,
      ],
      [
        "of an older run that was real, after its end",
        () => ({ ...good(0), created: "2027-02-01T00:00:00Z" }),
        /it was made after run 200 had ended/,
      ],
    ];
    for (const [what, forged, reason] of forgeries) {
      it(what, async () => {
        assert.equal((await ask([forged(), good(1)])).stdout, main[1]);
        const refused = await ask([{ ...good(0), states: ["failure"] }, forged()].reverse());
        assert.deepEqual([refused.exitCode, refused.stdout], [1, ""]);
        assert.match(
          refused.stderr,
          /no deployment to production has succeeded yet that a run of .*apply\.yml on main/,
        );
        assert.match(refused.stderr, reason);
      });
    }
  });

  it("is found behind any number of records that somebody has made up", async () => {
    const forged = Array.from({ length: 20 }, (): Deployment => ({ sha: EVIL, run: null }));
    const { stdout, asked } = await ask([...forged, good(2)]);
    assert.equal(stdout, main[2]);
    assert.doesNotMatch(asked, /deployments\/20\//, "GitHub is not asked about a commit that is not main's");
  });

  it("is that of this environment only", async () => {
    const run = { conclusion: null };
    const jobs = [
      { id: 202, name: "Test / Apply", conclusion: "success", completed_at: "2027-01-02T00:00:00Z" },
      { id: 203, name: "Approval for production", conclusion: null, completed_at: null },
    ];
    const waiting: Deployment[] = [
      { ...good(2), environment: "test", names: "https://github.com/a/b/actions/runs/200/job/202", run, jobs },
      good(1),
    ];
    assert.equal((await ask(waiting)).stdout, main[1]);
    assert.equal((await ask(waiting, {}, "test")).stdout, main[2], "the run still waits for production's approval");
  });

  it("is not an older one because GitHub did not answer", async () => {
    const failures = { "repos/a/b/actions/runs/200": "gh: Server Error (HTTP 502)" };
    const { exitCode, stdout, stderr } = await ask([good(2), good(1)], { failures });
    assert.deepEqual([exitCode, stdout], [1, ""]);
    assert.match(stderr, /HTTP 502/);
    assert.match(stderr, /can't ask GitHub for repos\/a\/b\/actions\/runs\/200; try again later/);
  });

  it("is that of a run from the time when the jobs themselves had the environments' names", async () => {
    const jobs = [{ id: 201, name: "Production", conclusion: "success", completed_at: "2027-01-02T00:00:00Z" }];
    assert.equal((await ask([{ ...good(2), jobs }, good(1)])).stdout, main[2]);
  });

  it("is one of main's history as GitHub has it, where no checkout can say", async () => {
    const compared = (status: string) => ({ [`repos/a/b/compare/${EVIL}...main`]: { status } });
    for (const [status, found] of [
      ["ahead", EVIL],
      ["identical", EVIL],
      ["diverged", main[1]],
      ["behind", main[1]],
    ] as const) {
      const known = { [`repos/a/b/compare/${main[1]}...main`]: { status: "ahead" } };
      const { stdout } = await ask([{ sha: EVIL }, good(1)], { ...compared(status), ...known }, "production", folder);
      assert.equal(stdout, found, status);
    }
  });

  it("is none where there are no records", async () => {
    const { exitCode, stderr } = await ask([]);
    assert.equal(exitCode, 1);
    assert.match(stderr, /there are none to production/);
  });
});
