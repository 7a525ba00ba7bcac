import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { JobsFailed, runStages } from "../../lab/progress";
import { capture } from "../support/capture";

describe("lab: the display of its steps", () => {
  let folder = "";
  before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "lab-progress-"))));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  it("has a plain line for each step, with what it is doing and its time, where there is no terminal", async () => {
    const text = await capture(async () => {
      await runStages([[{ title: "Network", run: (say) => sleep(60).then(() => say("10.0.0.0/24")) }]]);
    });
    assert.match(text, /\[STARTED\] Network\n/);
    assert.match(text, /\[OUTPUT\] Network: 10\.0\.0\.0\/24\n/);
    assert.match(text, /\[COMPLETED\] Network \[/);
    assert.equal(text.includes("\u001b"), false);
  });

  it("has few lines of what a step is doing where there is no terminal, the first and the last among them", async () => {
    const packages = 400;
    const compile = async (say: (now: string) => void): Promise<void> => {
      for (let compiled = 1; compiled <= packages; compiled++) {
        say(`compiling (${compiled} of at most ${packages})`);
        await sleep(1);
      }
    };
    const started = Date.now();
    const text = await capture(async () => void (await runStages([[{ title: "Programs", run: compile }]], 100)));
    const most = 2 + (Date.now() - started) / 100;
    const said = [...text.matchAll(/\[OUTPUT\] Programs: compiling \((\d+) of/g)].map(([, count]) => Number(count));
    assert.ok(said.length >= 3 && said.length <= most, `${said.length} lines, at most ${most} expected`);
    assert.deepEqual([said[0], said.at(-1)], [1, packages]);
  });

  it("says what a step did last before it says that it failed", async () => {
    const run = (say: (now: string) => void): Promise<void> => {
      for (const file of ["first", "second", "third"]) say(`reading the ${file} file`);
      return Promise.reject(new Error("no such file"));
    };
    const text = await capture(() => assert.rejects(runStages([[{ title: "Files", run }]])));
    assert.equal(text.match(/\[OUTPUT\]/g)?.length, 2);
    assert.ok(text.indexOf("reading the third file") < text.indexOf("[FAILED] no such file"), text);
    assert.ok(text.includes("reading the third file"), text);
  });

  it("runs stages in order and the jobs of a stage side by side, and tells how long each took", async () => {
    const order: string[] = [];
    const job = (title: string, milliseconds: number) => ({
      title,
      run: async () => {
        order.push(`${title} starts`);
        await sleep(milliseconds);
        order.push(`${title} ends`);
      },
    });
    let seconds: Record<string, number> = {};
    await capture(async () => {
      const timings = await runStages([[job("slow", 120), job("quick", 10)], [job("last", 1)]]);
      seconds = Object.fromEntries(timings.map((one) => [one.title, one.seconds]));
    });
    const expected = ["slow starts", "quick starts", "quick ends", "slow ends", "last starts", "last ends"];
    assert.deepEqual(order, expected);
    assert.ok((seconds["slow"] ?? 0) >= 0.1 && (seconds["quick"] ?? 9) < 0.1);
  });

  it("does not run what is done", async () => {
    let ran = false;
    const text = await capture(async () => {
      const run = () => Promise.resolve(void (ran = true));
      assert.deepEqual(await runStages([[{ title: "Network", isDone: () => Promise.resolve(true), run }]]), []);
    });
    assert.equal(ran, false);
    assert.match(text, /\[SKIPPED\] Network: there already/);
  });

  it("runs what can't be judged", async () => {
    let ran = false;
    await capture(async () => {
      const run = () => Promise.resolve(void (ran = true));
      await runStages([[{ title: "Network", isDone: () => Promise.reject(new Error("no answer")), run }]]);
    });
    assert.equal(ran, true);
  });

  it("tells every failure with the end of its log and its path, lets the stage end, and starts no other", async () => {
    const log = path.join(folder, "pebble.log");
    fs.writeFileSync(log, `${Array.from({ length: 40 }, (_, index) => `line ${index}`).join("\n")}\n`);
    let ended = false;
    let later = false;
    let error: unknown;
    await capture(async () => {
      error = await runStages([
        [
          { title: "ACME server", run: () => Promise.reject(new Error("port 14000 is taken")), log: () => log },
          { title: "Client", run: () => Promise.reject(new Error("no such link")) },
          { title: "Gateway", run: () => sleep(50).then(() => void (ended = true)) },
        ],
        [{ title: "Stack", run: () => Promise.resolve(void (later = true)) }],
      ]).catch((caught: unknown) => caught);
    });
    assert.ok(error instanceof JobsFailed);
    assert.match(error.message, /^ACME server failed: port 14000 is taken\nthe end of .*pebble\.log:\n {2}line 25\n/);
    assert.match(error.message, / {2}line 39\n\nClient failed: no such link$/);
    assert.deepEqual([ended, later], [true, false]);
  });
});
