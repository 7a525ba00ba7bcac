import * as assert from "node:assert/strict";
import * as path from "node:path";
import { execa } from "execa";

const root = path.join(__dirname, "..", "..");

describe("the command private-registry", function () {
  this.timeout(60_000);
  const run = (...args: string[]) =>
    execa(process.execPath, [require.resolve("ts-node/dist/bin"), "cli/main.ts", ...args], {
      cwd: root,
      reject: false,
    });

  it("ends with 2, and not as if something differed, when it is called wrongly", async () => {
    const { exitCode, stderr } = await run("drift", "--no-such-option");
    assert.match(stderr, /unknown option '--no-such-option'/);
    assert.equal(exitCode, 2);
  });

  it("ends with 0 when it is asked how it is called", async () => {
    const { exitCode, stdout } = await run("drift", "--help");
    assert.match(stdout, /--stack <name>/);
    assert.equal(exitCode, 0);
  });
});
