import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { BackupScripts, images, snapshots, storeOf } from "../support/backup-scripts";
import { pullImage, pushImage, pushIndex, tagsOf } from "../../rig/registry/images";
import { version2, version3 } from "../../rig/registry/process";

describe("the scripts of backup and restore, run by the shell of the registry's images", () => {
  const scripts = new BackupScripts();
  before(() => scripts.prepare());
  after(() => scripts.remove());
  afterEach(() => scripts.stop());

  for (const version of [version2, version3]) {
    it(`${version.name}: a snapshot that was made amid pushes is whole, and another store serves it`, async () => {
      const registry = await scripts.start(version);
      const platforms = [
        await pushImage(registry, "team/app", "amd64"),
        await pushImage(registry, "team/app", "arm64"),
      ];
      const index = await pushIndex(registry, "team/app", platforms, ["all", "latest"]);
      let pushing = true;
      const pusher = (async () => {
        for (let number = 0; pushing; number++) {
          const made = { tags: [`n${number}`, "moving"] };
          await pushImage(registry, `busy/app${number % 3}`, `content ${number}`, made);
        }
      })();
      const into = scripts.empty();
      const runs = [await scripts.backup(images(registry), into)];
      await new Promise((next) => setTimeout(next, 1100)); // a snapshot is named by its second
      runs.push(await scripts.backup(images(registry), into));
      pushing = false;
      await pusher;
      for (const { exitCode, all } of runs) assert.equal(exitCode, 0, all);
      assert.equal(snapshots(into).length, 2);
      assert.ok(!fs.existsSync(path.join(into, ".unfinished")));

      const empty = await scripts.start(version);
      const restored = await scripts.restore(into, images(empty));
      assert.equal(restored.exitCode, 0, restored.all);
      await pullImage(empty, "team/app", index);
      let seen = 0;
      for (const name of ["team/app", "busy/app0", "busy/app1", "busy/app2"]) {
        for (const tag of await tagsOf(empty, name)) seen += (await pullImage(empty, name, tag)) ? 1 : 0;
      }
      assert.ok(seen > 4, `${seen} tags`);
      assert.equal(await pushImage(empty, "team/app", "amd64", { tags: ["again"] }), platforms[0]);
    });
  }

  it("leaves out a tag whose first push is not through, which the registry would list and not have", async () => {
    const registry = await scripts.start();
    const digest = await pushImage(registry, "app", "one", { tags: ["whole", "half"] });
    const tags = path.join(images(registry), "docker/registry/v2/repositories/app/_manifests/tags");
    fs.rmSync(path.join(tags, "half/current"), { recursive: true });
    const into = scripts.empty();
    const { exitCode, all } = await scripts.backup(images(registry), into);
    assert.equal(exitCode, 0, all);
    const empty = await scripts.start();
    assert.equal((await scripts.restore(into, images(empty))).exitCode, 0);
    assert.deepEqual(await tagsOf(empty, "app"), ["whole"]);
    assert.equal(await pullImage(empty, "app", "whole"), digest);
  });

  it("keeps as many snapshots as asked for, and a layer of several once", async () => {
    const registry = await scripts.start();
    const into = scripts.empty();
    for (const content of ["one", "two", "three"]) {
      await pushImage(registry, "app", content, { tags: [content] });
      const { exitCode, all } = await scripts.backup(images(registry), into, { KEEP: "2" });
      assert.equal(exitCode, 0, all);
      await new Promise((next) => setTimeout(next, 1100));
    }
    const [second = "", third = ""] = snapshots(into);
    assert.equal(snapshots(into).length, 2);
    const blobs = (of: string): string => path.join(storeOf(path.join(into, of)), "blobs");
    const data = fs
      .readdirSync(blobs(second), { recursive: true, encoding: "utf8" })
      .filter((name) => /data$/.test(name));
    assert.equal(data.length, 6);
    for (const name of data) {
      assert.equal(fs.statSync(path.join(blobs(second), name)).ino, fs.statSync(path.join(blobs(third), name)).ino);
    }
  });

  it("says which blob of the registry is broken, keeps the rest, and fails", async () => {
    const registry = await scripts.start();
    const good = await pushImage(registry, "good", "good", { tags: ["1"] });
    await pushImage(registry, "bad", "bad", { tags: ["1"] });
    const { body } = await registry.ask("GET", "/v2/bad/manifests/1");
    const { layers } = JSON.parse(body.toString()) as { layers: { digest: string }[] };
    const hex = layers[0]?.digest.slice(7) ?? "";
    const blob = `sha256/${hex.slice(0, 2)}/${hex}/data`;
    fs.appendFileSync(path.join(images(registry), "docker/registry/v2/blobs", blob), "x");
    const into = scripts.empty();
    const { exitCode, all } = await scripts.backup(images(registry), into);
    assert.equal(exitCode, 1, all);
    assert.ok(all.includes(`broken in the registry: ./${blob}`), all);
    assert.ok(all.includes(`bad:1: blob sha256:${hex} is missing`), all);
    const empty = await scripts.start();
    const restored = await scripts.restore(into, images(empty));
    assert.equal(restored.exitCode, 1, restored.all);
    assert.ok(restored.all.includes(`bad:1: blob sha256:${hex} is missing`), restored.all);
    await pullImage(empty, "good", good);
  });

  it("restores nothing over what is there, and says which snapshots there are", async () => {
    const registry = await scripts.start();
    await pushImage(registry, "app", "old", { tags: ["latest", "old"] });
    const into = scripts.empty();
    await scripts.backup(images(registry), into);
    const newer = await pushImage(registry, "app", "newer", { tags: ["latest"] });
    assert.equal((await scripts.restore(into, images(registry))).exitCode, 0);
    assert.equal(await pullImage(registry, "app", "latest"), newer);
    const wrong = await scripts.restore(into, images(registry), "20200101T000000Z");
    assert.equal(wrong.exitCode, 1);
    assert.match(wrong.all, /no snapshot 20200101T000000Z; there are: \d{8}T\d{6}Z/);
  });

  it("finishes what an earlier run was killed in, and makes nothing of an empty store", async () => {
    const registry = await scripts.start();
    const into = scripts.empty();
    const none = await scripts.backup(images(registry), into);
    assert.deepEqual([none.exitCode, snapshots(into)], [0, []], none.all);
    const digest = await pushImage(registry, "app", "content", { tags: ["1"] });
    fs.writeFileSync(path.join(into, ".at-work"), "");
    const early = await scripts.backup(images(registry), into);
    assert.match(early.all, /another backup is at work, or was killed less than five minutes ago/);
    assert.equal(early.exitCode, 1);
    const then = Date.now() / 1000 - 600;
    fs.utimesSync(path.join(into, ".at-work"), then, then);
    const half = path.join(into, ".unfinished/docker/registry/v2");
    fs.mkdirSync(path.join(half, "repositories/gone/_manifests/tags/1/current"), { recursive: true });
    fs.mkdirSync(path.join(half, "blobs"));
    fs.writeFileSync(path.join(half, "repositories/gone/_manifests/tags/1/current/link"), "");
    const { exitCode, all } = await scripts.backup(images(registry), into);
    assert.equal(exitCode, 0, all);
    const empty = await scripts.start();
    await scripts.restore(into, images(empty));
    await pullImage(empty, "app", digest);
    assert.deepEqual(await tagsOf(empty, "gone"), []);
  });
});
