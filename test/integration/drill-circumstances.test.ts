import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { execa } from "execa";
import { BackupScripts, blobFile, images, snapshots } from "../support/backup-scripts";
import { everything, filled, slowDrill } from "../support/drill";
import { layerOf, pushImage } from "../../rig/registry/images";
import { digestOf } from "../../rig/registry/process";

describe("a drill, whatever comes in between,", () => {
  const scripts = new BackupScripts();
  before(() => scripts.prepare());
  after(() => scripts.remove());
  afterEach(() => scripts.stop());

  it("without a snapshot, or without room for one, says so, and proves nothing", async () => {
    const none = await scripts.drill(scripts.empty());
    assert.equal(none.exitCode, 2);
    assert.match(none.all, /^there is no snapshot yet; the backup's job makes one on its schedule, and docs/);
    const { backups } = await filled(scripts);
    const small = scripts.empty();
    await execa("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", small]);
    try {
      const full = await scripts.drill(backups, { SCRATCH: small });
      assert.equal(full.exitCode, 2, full.all);
      assert.match(
        full.all,
        /room for 64 KiB\nthere is no room for the drill; set storage\.backup\.drill\.sizeGiB to 1 or/,
      );
      await execa("mount", ["-o", "remount,size=8m", small]);
      assert.match((await scripts.drill(backups, { SCRATCH: small, SPARE: "99" })).all, /no room for the drill/);
      assert.equal((await scripts.drill(backups, { SCRATCH: small, SPARE: "20" })).exitCode, 0);
      // It is measured before, and filled by somebody else meanwhile.
      const tools = scripts.empty();
      fs.writeFileSync(path.join(tools, "df"), '#!/bin/sh\necho "tmpfs 8192 0 8192 0% /"\n', { mode: 0o755 });
      await execa("mount", ["-o", "remount,size=64k", small]);
      fs.symlinkSync("/bin/dash", path.join(tools, "sh")); // BusyBox's takes its own df
      const late = await scripts.drill(backups, { SCRATCH: small, PATH: `${tools}:${scripts.bin}` });
      assert.equal(late.exitCode, 2, late.all);
      assert.match(
        late.all,
        /can't be written; is the disk full[^]*the restore did not come to its end, as said above/,
      );
    } finally {
      await execa("umount", [small]);
    }
  });

  it("takes the last good snapshot, as a restore does, and says which newer ones it leaves out", async () => {
    const { registry, backups, name } = await filled(scripts);
    fs.rmSync(blobFile(images(registry), digestOf(layerOf("amd64"))));
    const suspect = await scripts.suspect(images(registry), backups, /is missing/);
    const { exitCode, all } = await scripts.drill(backups);
    assert.equal(exitCode, 0, all);
    assert.ok(all.includes(`snapshot ${suspect} is newer, but suspect, and is left out`), all);
    assert.ok(all.includes(`snapshot ${name} restores`), all);
  });

  it("keeps its snapshot from a backup that removes old ones, and not for longer than it runs", async function () {
    this.timeout(60_000);
    const { registry, backups, name } = await filled(scripts);
    const drilling = slowDrill(scripts, backups, scripts.empty());
    await wait(1500);
    await pushImage(registry, "new", "new", { tags: ["1"] });
    const kept = await scripts.backup(images(registry), backups, { KEEP: "1" });
    assert.equal(kept.exitCode, 0, kept.all);
    assert.ok(kept.all.includes(`a drill reads snapshot ${name}; the next run removes it`), kept.all);
    const { exitCode, all } = await drilling;
    assert.equal(exitCode, 0, String(all));
    await scripts.good(images(registry), backups, { KEEP: "1" });
    assert.ok(!snapshots(backups).includes(name));
  });

  it("whose snapshot is removed all the same says that, and calls nothing broken", async function () {
    this.timeout(60_000);
    const { backups, snapshot } = await filled(scripts);
    const scratch = scripts.empty();
    const drilling = slowDrill(scripts, backups, scratch, 0.2);
    await wait(2000);
    fs.rmSync(snapshot, { recursive: true });
    const { exitCode, all } = await drilling;
    assert.equal(exitCode, 2, String(all));
    assert.match(String(all), /snapshot \w+ was removed while the drill read it; run the drill again/);
    assert.doesNotMatch(String(all), /the drill failed|the drill was good/);
    assert.deepEqual(fs.readdirSync(scratch), []);
  });

  it("that is killed halfway leaves the snapshots as they were, and no lock", async function () {
    this.timeout(60_000);
    const { registry, backups, name } = await filled(scripts);
    const before = everything(backups);
    const scratch = scripts.empty();
    for (const after of [300, 1500, 3000]) {
      const drilling = slowDrill(scripts, backups, scratch);
      await wait(after);
      drilling.kill("SIGKILL");
      await drilling;
    }
    assert.deepEqual(everything(backups), before);
    await wait(1000); // the cp that it had begun
    assert.equal((await scripts.run("drill.sh", { BACKUPS: backups, SCRATCH: scratch, SPARE: "0" })).exitCode, 0);
    await pushImage(registry, "new", "new", { tags: ["1"] });
    await scripts.good(images(registry), backups, { KEEP: "1" });
    assert.ok(!snapshots(backups).includes(name), "a killed drill keeps its snapshot");
  });
});
