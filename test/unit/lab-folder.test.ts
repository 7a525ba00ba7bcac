import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { labIn } from "../../lab/lab";
import { takeLock } from "../../lab/ownership";
import { claimFolder, folderProblems, isLabFolder, refuseForeignFolder, removeLabFolder } from "../../lab/preflight";

describe("lab: its folder and its lock", () => {
  let folder = "";
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "lab-folder-"))));
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  it("names what is wrong with a folder and what to do", () => {
    for (const dir of ["/", "/etc", "/run/lab", "/tmp/a b", "/tmp/it's", "/tmp/$(id)"]) {
      const [problem = ""] = folderProblems(dir);
      assert.match(problem, /^LAB_DIR must be .*, got .*; leave it out to use /, dir);
    }
    for (const dir of ["/var/lib/private-registry-lab", "/home/me/lab", "/etcetera"]) {
      assert.deepEqual(folderProblems(dir), [], dir);
    }
  });

  it("claims a folder that is not there or empty, and knows it again", () => {
    const dir = path.join(folder, "new");
    claimFolder(dir);
    assert.equal(isLabFolder(dir), true);
    assert.equal(fs.statSync(dir).mode & 0o777, 0o700);
    fs.writeFileSync(path.join(dir, "state"), "");
    claimFolder(dir);
    claimFolder(path.join(folder, "new"));
  });

  it("refuses a folder that holds other files, for up and for down", async () => {
    fs.writeFileSync(path.join(folder, "thesis.txt"), "");
    assert.throws(() => claimFolder(folder), /holds files that are no lab's.*LAB_DIR/);
    assert.throws(() => refuseForeignFolder(folder), /holds files that are no lab's/);
    await removeLabFolder(folder);
    assert.equal(fs.existsSync(path.join(folder, "thesis.txt")), true);
  });

  it("removes a lab's folder with all that is in it", async () => {
    const dir = path.join(folder, "lab");
    claimFolder(dir);
    fs.mkdirSync(path.join(dir, "a", "b"), { recursive: true });
    await removeLabFolder(dir);
    assert.equal(fs.existsSync(dir), false);
  });

  it("gives the lock to one command at a time, and takes over that of a dead one", () => {
    const lab = labIn(path.join(folder, "lab"), "/some/checkout");
    const file = path.join(folder, "lock");
    const release = takeLock(lab, "up", file);
    assert.throws(
      () => takeLock(lab, "down", file),
      new RegExp(`'npm run lab -- up' of /some/checkout \\(process ${process.pid}\\) is at work`),
    );
    release();
    assert.deepEqual(fs.readdirSync(folder), []);

    const dead = { mark: { pid: process.pid, startTime: "1", boot: "another" }, command: "up", checkout: "/gone" };
    for (const left of [JSON.stringify(dead), '{"mark": {"pi', ""]) {
      fs.writeFileSync(file, left);
      takeLock(lab, "up", file)();
      assert.deepEqual(fs.readdirSync(folder), []);
    }
  });
});
