import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { BackupScripts, blobFile, images, snapshots, storeOf, tagLink } from "../support/backup-scripts";
import { layerOf, pullImage, pushImage, tagsOf } from "../../rig/registry/images";
import { digestOf, type RegistryProcess } from "../../rig/registry/process";

const KEEP = { KEEP: "2" };

describe("snapshots are thrown away only for good ones", () => {
  const scripts = new BackupScripts();
  before(() => scripts.prepare());
  after(() => scripts.remove());
  afterEach(() => scripts.stop());

  const push = async (registry: RegistryProcess, tags: string[]): Promise<void> => {
    for (const tag of tags) await pushImage(registry, "app", tag, { tags: [tag] });
  };
  const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `v${index}`);
  const removeTags = (folder: string, tags: string[]): void => {
    for (const tag of tags) fs.rmSync(path.dirname(path.dirname(tagLink(folder, "app", tag))), { recursive: true });
  };
  /** A registry with so many tags, and two good snapshots of it. */
  const filled = async (count: number) => {
    const registry = await scripts.start();
    await push(registry, numbered(count));
    const backups = scripts.empty();
    const good = [
      await scripts.good(images(registry), backups, KEEP),
      await scripts.good(images(registry), backups, KEEP),
    ];
    return { registry, folder: images(registry), backups, good };
  };

  it("a store that was lost and is pushed to again costs none of them, however often the job runs", async function () {
    this.timeout(60_000);
    const { backups, good } = await filled(20);
    const empty = await scripts.start();
    for (const folder of [images(empty), scripts.empty()]) {
      const none = await scripts.backup(folder, backups, KEEP);
      assert.equal(none.exitCode, 1, none.all);
      assert.match(none.all, /there is no image below .*, where snapshot \d{8}T\d{6}Z has 20 tags and 60 blobs/);
    }
    await push(empty, ["new"]);
    const less = new RegExp(`far less than before: 1 tags and 3 blobs where snapshot ${good[1]} had 20 and 60`);
    const small: string[] = [];
    for (let run = 0; run < 3; run++) small.push(await scripts.suspect(images(empty), backups, less, KEEP));
    assert.deepEqual(snapshots(backups), [...good, ...small]);
    const restored = await scripts.restore(backups, images(empty));
    assert.equal(restored.exitCode, 0, restored.all);
    assert.match(restored.all, new RegExp(`snapshot ${small[2]} is newer, but suspect, and is left out.*1 tags and 3`));
    assert.match(restored.all, new RegExp(`restoring snapshot ${good[1]}`));
    assert.deepEqual(await tagsOf(empty, "app"), ["new", ...numbered(20)].sort());

    const next = await scripts.good(images(empty), backups, KEEP);
    assert.deepEqual(snapshots(backups), [good[1], ...small, next], "old ones go again, with what is older than them");
    assert.equal(fs.statSync(blobFile(path.join(backups, next), digestOf(layerOf("v7")))).nlink, 2, "a link still");
  });

  it("tags that are lost, with every blob still there, are noticed", async () => {
    const { folder, backups, good } = await filled(5);
    removeTags(folder, numbered(3));
    const suspect = await scripts.suspect(folder, backups, /2 tags and 15 blobs where .* had 5 and 15/, KEEP);
    assert.deepEqual(snapshots(backups), [...good, suspect]);
  });

  it("blobs that are lost, with every tag still there, are noticed, and the tags that lead nowhere named", async () => {
    const { folder, backups } = await filled(5);
    const gone = ["v0", "v1"].map((tag) => digestOf(layerOf(tag)));
    for (const digest of gone) fs.rmSync(blobFile(folder, digest));
    await scripts.suspect(folder, backups, new RegExp(`app:v1: blob ${gone[1]} is missing`), KEEP);
    fs.rmSync(path.join(storeOf(folder), "blobs"), { recursive: true });
    await scripts.suspect(folder, backups, /5 tags and 0 blobs where .* had 5 and 15, 0 bytes where it had/, KEEP);
  });

  it("layers that have become far smaller are noticed by their bytes", async () => {
    const registry = await scripts.start();
    await push(registry, ["a", "a".repeat(50)]);
    const backups = scripts.empty();
    await scripts.good(images(registry), backups);
    await push(registry, ["b"]);
    removeTags(images(registry), ["a".repeat(50)]);
    fs.rmSync(blobFile(images(registry), digestOf(layerOf("a".repeat(50)))));
    const less = /2 tags and 8 blobs where .* had 2 and 6, \d\.\d KiB where it had 5\d KiB/;
    await scripts.suspect(images(registry), backups, less);
  });

  it("a little less every night is noticed before the last one that has it all may go", async function () {
    this.timeout(60_000);
    const { folder, backups, good } = await filled(10);
    removeTags(folder, ["v0", "v1", "v2"]);
    const third = await scripts.good(folder, backups, { KEEP: "3" });
    removeTags(folder, ["v3", "v4", "v5"]);
    await scripts.suspect(folder, backups, /4 tags and 30 blobs where snapshot .* had 10 and 30/, { KEEP: "3" });
    assert.deepEqual(snapshots(backups).slice(0, 3), [...good, third]);
  });

  it("a smaller store counts once it was accepted, and the later ones are compared with it", async function () {
    this.timeout(60_000);
    const { folder, backups, good } = await filled(10);
    removeTags(folder, numbered(7));
    const suspect = await scripts.suspect(folder, backups, /3 tags/, KEEP);
    const { exitCode, all } = await scripts.backup(folder, backups, { ...KEEP, LOSSES: "accepted" });
    assert.equal(exitCode, 0, all);
    assert.match(all, /far less than before: 3 tags and 30 blobs/);
    assert.deepEqual(snapshots(backups).slice(0, 2), [good[1], suspect]);
    await new Promise((next) => setTimeout(next, 1100));
    await scripts.good(folder, backups, { KEEP: "9" });
    assert.match((await scripts.restore(backups, scripts.empty())).all, /restored: 3 tags/);
  });

  it("one that was found suspect counts after its mark was renamed by hand", async () => {
    const { folder, backups } = await filled(5);
    removeTags(folder, numbered(4));
    const suspect = await scripts.suspect(folder, backups, /1 tags/, KEEP);
    fs.renameSync(path.join(backups, suspect, "suspect"), path.join(backups, suspect, "accepted"));
    await scripts.good(folder, backups, KEEP);
  });

  it("a broken blob or tag stops them, until it was accepted, and then only new ones do", async function () {
    this.timeout(60_000);
    const { registry, folder, backups, good } = await filled(4);
    fs.truncateSync(tagLink(folder, "app", "v3"), 20);
    await scripts.suspect(folder, backups, /^app:v3: tag has a link that is empty or cut short$/m, KEEP);
    const layer = blobFile(folder, digestOf(layerOf("v1")));
    fs.truncateSync(layer);
    await scripts.suspect(folder, backups, /broken in the registry: \.\/sha256/, KEEP);
    assert.deepEqual(snapshots(backups).slice(0, 2), good);
    assert.equal((await scripts.backup(folder, backups, { ...KEEP, LOSSES: "accepted" })).exitCode, 0);
    await new Promise((next) => setTimeout(next, 1100));
    await scripts.good(folder, backups, KEEP);
    fs.rmSync(blobFile(folder, digestOf(layerOf("v2"))));
    await scripts.suspect(folder, backups, /app:v2: blob sha256:\w+ is missing/, KEEP);

    const empty = await scripts.start();
    const restored = await scripts.restore(backups, images(empty));
    assert.equal(restored.exitCode, 0, `the earlier snapshot had the layer as it was: ${restored.all}`);
    await pullImage(empty, "app", "v1");
    await registry.stop();
  });

  it("those of the version before count with what they have", async () => {
    const { folder, backups, good } = await filled(6);
    for (const each of good) for (const file of ["counts", "problems"]) fs.rmSync(path.join(backups, each, file));
    removeTags(folder, numbered(4));
    await scripts.suspect(folder, backups, /2 tags and 18 blobs where .* had 6 and 18/, KEEP);
  });

  it("those of a cache may have less, and only what is broken counts there", async () => {
    const { folder, backups } = await filled(6);
    const cache = { ...KEEP, CACHE: "true" };
    removeTags(folder, numbered(4));
    fs.rmSync(blobFile(folder, digestOf(layerOf("v4"))));
    await scripts.good(folder, backups, cache);
    const restored = await scripts.restore(backups, scripts.empty(), "latest", { CACHE: "true" });
    assert.equal(restored.exitCode, 0, restored.all);
    assert.equal((await scripts.backup(scripts.empty(), backups, cache)).exitCode, 0);
    fs.truncateSync(blobFile(folder, digestOf(layerOf("v5"))), 3);
    await scripts.suspect(folder, backups, /broken in the registry/, cache);
  });
});
