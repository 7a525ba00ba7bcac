import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { cacheKey, freeMiB, sourceFolder } from "../../lab/programs/cache";
import { PROGRAMS_FOR } from "../../lab/programs";
import { moduleOf, MODULES } from "../../lab/programs/catalogue";
import { DEBIAN_GROUPS, PACKAGES } from "../../lab/programs/debian-packages";
import { neededGo } from "../../lab/programs/go";
import { compareVersions, failure, isPassing } from "../../lab/programs/messages";
import { onPath } from "../../lab/programs/path";
import { quietly } from "../../lab/programs/policy";

const go = (output: string): Error =>
  failure({ what: "pebble", proxy: "https://proxy.test", output, reason: "exit 1" });

describe("the lab's programs", () => {
  it("are pinned: each module has a go.mod, and a go.sum where it requires anything", () => {
    for (const module of MODULES) {
      const folder = sourceFolder(module);
      const requires = fs.readFileSync(path.join(folder, "go.mod"), "utf8").includes("require");
      assert.equal(fs.existsSync(path.join(folder, "go.sum")), requires, module.folder);
    }
  });

  it("have one module each, and an unknown name is told with those that are known", () => {
    const names = MODULES.flatMap((module) => module.makes);
    assert.equal(new Set(names).size, names.length);
    assert.throws(
      () => moduleOf("dockerd"),
      /dockerd is not a program of the lab; known: (?=.*\bkube-apiserver\b)(?=.*\bcrane\b)/,
    );
  });

  it("are built with the lab only if it runs them, and those of single tests by these", () => {
    const lab = new Set<string>(PROGRAMS_FOR.lab);
    for (const name of [...PROGRAMS_FOR.clients, ...PROGRAMS_FOR.yaml]) assert.equal(lab.has(name), false, name);
    for (const name of ["pulumi", "kubelet", "crane", "registry"]) assert.equal(lab.has(name), true, name);
  });

  it("get another cache key with another Go", () => {
    const pause = moduleOf("pause");
    assert.equal(cacheKey(pause, "1.26.8"), cacheKey(pause, "1.26.8"));
    assert.notEqual(cacheKey(pause, "1.26.8"), cacheKey(pause, "1.26.9"));
  });

  it("need the newest Go that a go.mod names", () => {
    const versions = ["1.9", "1.26.1", "1.27rc1", "1.26"];
    assert.deepEqual(versions.sort(compareVersions), ["1.9", "1.26", "1.26.1", "1.27rc1"]);
    assert.match(neededGo(MODULES.map(sourceFolder)), /^1\.2\d/);
  });

  it("are taken from PATH in a fit version only", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "path-"));
    const { PATH } = process.env;
    try {
      process.env["PATH"] = `${folder}:${PATH}`;
      const put = (version: string): void =>
        fs.writeFileSync(path.join(folder, "crane"), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 });
      put("0.19.1");
      assert.equal(await onPath(moduleOf("crane"), ["crane"]), undefined);
      put("v0.21.0");
      assert.deepEqual(await onPath(moduleOf("crane"), ["crane"]), { crane: path.join(folder, "crane") });
      assert.equal(await onPath(moduleOf("pause"), ["pause"]), undefined);
    } finally {
      process.env["PATH"] = PATH;
      fs.rmSync(folder, { recursive: true });
    }
  });

  it("tell apart why a build failed, and what to do", () => {
    const full = go("compile: writing output: write /tmp/x: no space left on device");
    assert.match(full.message, /^building pebble: the disk is full; make room .*\ncompile: writing output/);
    const offline = go('go: github.com/x@v1: Get "https://proxy.test/x": dial tcp 192.0.2.1:443: i/o timeout');
    assert.match(offline.message, /modules can't be fetched through GOPROXY=https:\/\/proxy\.test; check the network/);
    assert.ok(isPassing(offline) && !isPassing(full));
    assert.match(go("verifying x@v1: checksum mismatch").message, /not the one whose checksum is committed in go\.sum/);
    assert.match(go("go: go.mod requires go >= 1.99 (running go 1.26.8)").message, /asks for a newer Go/);
    assert.match(go("main.go:1: syntax error").message, /exit 1; run this again, or report it/);
  });

  it("know how much room there is where a folder will be", () => {
    assert.ok(freeMiB("/tmp/not/there/yet") > 0);
  });
});

describe("Debian's packages for the lab", () => {
  it("of every group are known, with what shows that they are there", () => {
    for (const name of Object.values(DEBIAN_GROUPS).flat()) assert.ok(PACKAGES[name]?.shows.length, name);
  });

  describe("are installed with services held off, and the policy file", () => {
    let folder: string;
    let policy: string;
    beforeEach(() => {
      folder = fs.mkdtempSync(path.join(os.tmpdir(), "policy-"));
      policy = path.join(folder, "policy-rc.d");
    });
    afterEach(() => fs.rmSync(folder, { recursive: true }));
    const run = (script: string) => {
      const { file, args } = quietly(["/bin/sh", "-c", script], policy);
      return execa(file, args, { reject: false, env: { TMPDIR: folder } });
    };

    it("is there for the command only, and says no", async () => {
      const ran = await run(`sh ${policy} nginx start; echo $?`);
      assert.equal(ran.stdout, "101");
      assert.equal(fs.existsSync(policy), false);
    });

    it("goes when the command fails too, whose exit code stays", async () => {
      assert.equal((await run("exit 7")).exitCode, 7);
      assert.equal(fs.existsSync(policy), false);
    });

    it("of the machine's own stays as it is", async () => {
      fs.writeFileSync(policy, "#!/bin/sh\nexit 104\n");
      await run("true");
      assert.equal(fs.readFileSync(policy, "utf8"), "#!/bin/sh\nexit 104\n");
    });

    it("that a killed call left allows everything, and the next call removes it", async () => {
      const { file, args } = quietly(["/bin/sleep", "30"], policy);
      const killed = execa(file, args, { reject: false, env: { TMPDIR: folder }, detached: true });
      while (!fs.existsSync(policy)) await new Promise((resolve) => setTimeout(resolve, 10));
      process.kill(-(killed.pid ?? 0), "SIGKILL");
      await killed;
      assert.equal((await execa("sh", [policy], { reject: false })).exitCode, 0);
      await run("true");
      assert.equal(fs.existsSync(policy), false);
    });
  });
});
