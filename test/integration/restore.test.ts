import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { execa } from "execa";
import {
  BackupScripts,
  blobFile,
  images,
  putByHand,
  snapshots,
  storeOf,
  tagByHand,
  tagLink,
} from "../support/backup-scripts";
import { layerOf, pullImage, pushImage, pushIndex, tagsOf } from "../../rig/registry/images";
import { withCollection } from "../../rig/registry/pod";
import { digestOf, RegistryProcess, version2, version3 } from "../../rig/registry/process";

describe("a restore", () => {
  const scripts = new BackupScripts();
  before(() => scripts.prepare());
  after(() => scripts.remove());
  afterEach(() => scripts.stop());

  /** Three images, one for two platforms in a list of lists, and a snapshot of them. */
  const filled = async () => {
    const registry = await scripts.start();
    const platforms = [await pushImage(registry, "team/app", "amd64"), await pushImage(registry, "team/app", "arm64")];
    const inner = await pushIndex(registry, "team/app", platforms);
    const index = await pushIndex(registry, "team/app", [inner], ["all", "latest"]);
    const single = await pushImage(registry, "single", "single", { tags: ["1", "2"] });
    const backups = scripts.empty();
    await scripts.good(images(registry), backups);
    return { registry, backups, platforms, inner, index, single };
  };
  const holder = (file: string, how: string) =>
    execa("flock", [how, file, "sleep", "30"], { reject: false, forceKillAfterDelay: 100, detached: true });
  const end = async (held: ReturnType<typeof holder>): Promise<void> => {
    process.kill(-(held.pid ?? 0), "SIGKILL");
    await held;
  };

  for (const version of [version2, version3]) {
    it(`of ${version.name} waits for a collection, and has a share of its lock that the next one waits for`, async () => {
      const { backups, index } = await filled();
      const storage = withCollection({ deleteUntagged: version === version3 });
      const args = { storage, registry: { image: `registry:${version.name.slice(-1)}` } };
      const empty = await RegistryProcess.prepare(version, args);
      try {
        const lock = path.join(images(empty), ".collection-lock");
        const collecting = holder(lock, "-x");
        await wait(300);
        const restoring = scripts.begin("restore.sh", { IMAGES: images(empty), BACKUPS: backups, SNAPSHOT: "latest" });
        await wait(1500);
        assert.ok(!fs.existsSync(blobFile(images(empty), index)), "it writes beside a collection");
        await end(collecting); // a kill leaves no lock behind
        const { exitCode, all } = await restoring;
        assert.equal(exitCode, 0, String(all));
        assert.match(String(all), /a collection is at work; the restore begins when it has ended[^]*restored: 4 tags/);

        const half = holder(lock, "-s"); // as a restore that is still at work
        await wait(300);
        let collected = false;
        const collection = empty.collect().then((said) => ((collected = true), said));
        await wait(1500);
        assert.equal(collected, false, "it collects beside a restore");
        await end(half);
        assert.match(await collection, /the collection waits for a registry, a restore[^]*eligible for deletion/);
        await empty.start();
        await pullImage(empty, "team/app", index);
      } finally {
        await empty.remove();
      }
    });
  }

  it("holds the locks as long as it writes, and tells another restore and a backup so", async () => {
    const { backups } = await filled();
    const into = scripts.empty();
    const slow = scripts.empty();
    fs.writeFileSync(path.join(slow, "cp"), '#!/bin/sh\nsleep 0.4\nexec busybox cp "$@"\n', { mode: 0o755 });
    fs.symlinkSync("/bin/dash", path.join(slow, "sh")); // BusyBox's takes its own cp
    const env = { IMAGES: into, BACKUPS: backups, SNAPSHOT: "latest", PATH: `${slow}:${scripts.bin}` };
    const restoring = scripts.begin("restore.sh", env);
    await wait(1000);
    const collection = path.join(into, ".collection-lock");
    const collects = await execa("flock", ["-n", "-x", collection, "true"], { reject: false });
    assert.equal(collects.exitCode, 1);
    const second = await scripts.restore(backups, into);
    assert.equal(second.exitCode, 1);
    assert.match(second.all, /another restore is at work; start this one when it has ended/);
    const others = scripts.empty();
    const backup = await scripts.backup(into, others);
    assert.equal(backup.exitCode, 1);
    assert.match(backup.all, /a restore is at work, so the store is not whole yet/);
    restoring.kill("SIGKILL");
    await restoring;
    await wait(600); // what it has started still writes
    await execa("flock", ["-n", "-x", collection, "true"]);
    await scripts.suspect(into, others, /restore \d{8}T\d{6}Z was cut short/);
    assert.equal((await scripts.restore(backups, into)).exitCode, 0);
    await scripts.good(into, others);
  });

  it("says without flock that it can't keep apart from a registry that collects, and writes nothing", async () => {
    const { backups } = await filled();
    const into = scripts.empty();
    fs.writeFileSync(path.join(into, ".collection-lock"), "");
    const bin = scripts.empty();
    await execa("busybox", ["--install", "-s", bin]);
    fs.rmSync(path.join(bin, "flock"), { force: true });
    const { exitCode, all } = await scripts.restore(backups, into, "latest", { PATH: bin });
    assert.equal(exitCode, 1, all);
    assert.match(all, /a registry collects here, and without flock the restore can't keep apart/);
    assert.deepEqual(fs.readdirSync(path.join(storeOf(into), "blobs")), []);
  });

  it("puts back what is empty, cut short, wrong or gone in the store, and says so", async () => {
    const { registry, backups, platforms, index, single } = await filled();
    await registry.stop();
    const folder = images(registry);
    fs.truncateSync(blobFile(folder, digestOf(layerOf("amd64"))), 10);
    fs.truncateSync(blobFile(folder, platforms[1] ?? ""));
    fs.appendFileSync(blobFile(folder, single), " ");
    fs.rmSync(blobFile(folder, digestOf(layerOf("arm64"))));
    const link = (kind: string, digest: string) =>
      path.join(storeOf(folder), "repositories/team/app", kind, digest.replace(":", "/"), "link");
    fs.truncateSync(link("_manifests/revisions", index));
    fs.truncateSync(link("_layers", digestOf(layerOf("amd64"))), 30);
    fs.writeFileSync(link("_layers", digestOf(layerOf("arm64"))), digestOf(layerOf("amd64")));
    fs.truncateSync(tagLink(folder, "team/app", "all"));
    fs.truncateSync(tagLink(folder, "single", "1"), 40);
    fs.appendFileSync(tagLink(folder, "single", "2"), "\n");
    const left = `${blobFile(folder, digestOf(layerOf("arm64")))}.part`;
    fs.writeFileSync(left, layerOf("arm64")); // of a restore that was killed

    const { exitCode, all } = await scripts.restore(backups, folder);
    assert.equal(exitCode, 0, all);
    assert.ok(all.includes(`replaces what was broken in the store: ${single}`), all);
    assert.equal((all.match(/replaces what was broken/g) ?? []).length, 3, all);
    assert.match(all, /a registry that runs may remember how long the 3 broken ones were: restart it/);
    assert.ok(!fs.existsSync(left));
    await registry.start();
    for (const tag of ["all", "latest"]) assert.equal(await pullImage(registry, "team/app", tag), index);
    for (const tag of ["1", "2"]) assert.equal(await pullImage(registry, "single", tag), single);
  });

  it("gives a tag that leads nowhere in the store the snapshot's image, and leaves one that is whole", async () => {
    const { registry, backups, single } = await filled();
    const lost = await pushImage(registry, "single", "lost", { tags: ["1"] });
    const newer = await pushImage(registry, "single", "newer", { tags: ["2", "new"] });
    await pushImage(registry, "other", "other", { tags: ["gone"] });
    fs.rmSync(blobFile(images(registry), digestOf(layerOf("lost"))));
    fs.rmSync(blobFile(images(registry), digestOf(layerOf("other"))));
    const { exitCode, all } = await scripts.restore(backups, images(registry));
    assert.equal(exitCode, 0, all);
    assert.ok(all.includes(`names ${single} again, in the place of ${lost}, which is not whole: ./single/`), all);
    assert.match(all, /broken in the store, and not in this snapshot:\s+other:gone: blob sha256:\w{64} is missing/);
    assert.equal(await pullImage(registry, "single", "1"), single);
    assert.equal(await pullImage(registry, "single", "2"), newer);
  });

  it("of a snapshot that is not whole names tag and digest, fails, and puts back the rest", async () => {
    const { backups, platforms, index, single } = await filled();
    const snapshot = path.join(backups, snapshots(backups)[0] ?? "");
    const [, arm64 = ""] = platforms;
    const layer = digestOf(layerOf("arm64"));
    for (const [damage, said] of [
      [() => fs.rmSync(blobFile(snapshot, layer)), `team/app:all: blob ${layer} is missing`],
      [() => fs.writeFileSync(blobFile(snapshot, layer), "x"), `broken in the snapshot: ${layer}`],
      [() => fs.rmSync(blobFile(snapshot, arm64)), `team/app:latest: manifest ${arm64} is missing`],
    ] as const) {
      damage();
      const empty = await scripts.start();
      const { exitCode, all } = await scripts.restore(backups, images(empty));
      assert.equal(exitCode, 1, all);
      assert.ok(all.includes(said), all);
      assert.match(all, /not whole are 2 of 4 tags/);
      assert.equal(await pullImage(empty, "single", "1"), single);
      assert.deepEqual(await tagsOf(empty, "team/app"), ["all", "latest"], "amd64 can still be pulled");
    }
    fs.rmSync(blobFile(snapshot, index));
    fs.truncateSync(tagLink(snapshot, "single", "1"));
    const empty = await scripts.start();
    const { exitCode, all } = await scripts.restore(backups, images(empty));
    assert.equal(exitCode, 1, all);
    assert.ok(all.includes(`team/app:all: manifest ${index} is missing`), all);
    assert.match(all, /single:1: tag is not in the store/);
    assert.deepEqual(await tagsOf(empty, "team/app"), [], "nothing is listed and not there");
    assert.deepEqual(await tagsOf(empty, "single"), ["2"]);
  });

  it("goes on after it was killed, wherever that was", async function () {
    this.timeout(120_000);
    const { backups, index, single } = await filled();
    const empty = await scripts.start();
    const env = { IMAGES: images(empty), BACKUPS: backups, SNAPSHOT: "latest" };
    for (const after of [30, 60, 100, 150, 200, 260]) {
      const restoring = scripts.begin("restore.sh", env);
      await wait(after);
      restoring.kill("SIGKILL");
      await restoring;
    }
    const { exitCode, all } = await scripts.restore(backups, images(empty));
    assert.equal(exitCode, 0, all);
    assert.equal(await pullImage(empty, "team/app", "all"), index);
    assert.equal(await pullImage(empty, "single", "1"), single);
    const left = fs.readdirSync(storeOf(images(empty)), { recursive: true, encoding: "utf8" });
    assert.deepEqual(
      left.filter((name) => name.endsWith(".part")),
      [],
    );
    assert.equal(fs.readFileSync(path.join(images(empty), ".restore-lock"), "utf8"), "");
  });

  it("on a full disk says so, leaves nothing half written, and goes on where there is room", async () => {
    const { backups } = await filled();
    const into = scripts.empty();
    await execa("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", into]);
    try {
      const full = await scripts.restore(backups, into);
      assert.equal(full.exitCode, 1, full.all);
      assert.match(full.all, /can't be written; is the disk full\? Another run goes on from here/);
      await execa("mount", ["-o", "remount,size=8m", into]);
      const { exitCode, all } = await scripts.restore(backups, into);
      assert.equal(exitCode, 0, all);
    } finally {
      await execa("umount", [into]);
    }
  });

  it("is made of many images as of a few", async function () {
    this.timeout(240_000);
    const folder = scripts.empty();
    for (let number = 0; number < 500; number++) {
      const layer = putByHand(folder, `team/app${number % 3}`, Buffer.from(`layer ${number}`), "_layers");
      const image = Buffer.from(JSON.stringify({ layers: [{ digest: layer }] }));
      const digest = putByHand(folder, `team/app${number % 3}`, image, "_manifests/revisions");
      tagByHand(folder, `team/app${number % 3}`, `v${number}`, digest);
    }
    const backups = scripts.empty();
    const made = await scripts.backup(folder, backups);
    assert.deepEqual([made.exitCode, /500 tags, 1000 blobs, 1000 of/.test(made.all)], [0, true], made.all);
    const restored = await scripts.restore(backups, scripts.empty());
    assert.deepEqual([restored.exitCode, /restored: 500 tags/.test(restored.all)], [0, true], restored.all);
  });
});
