import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
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
import { everything, filled, place } from "../support/drill";
import { layerOf } from "../../rig/registry/images";
import { digestOf, version2, version3 } from "../../rig/registry/process";

/** The digest of a file as it is now. */
const has = (file: string): string => digestOf(fs.readFileSync(file));
describe("a drill", () => {
  const scripts = new BackupScripts();
  before(() => scripts.prepare());
  after(() => scripts.remove());
  afterEach(() => scripts.stop());

  for (const version of [version2, version3]) {
    it(`of what ${version.name} has restores and follows all of it, says how much, and changes no snapshot`, async () => {
      const { backups, name } = await filled(scripts, version);
      const before = everything(backups);
      const { exitCode, all } = await scripts.drill(backups);
      assert.equal(exitCode, 0, all);
      assert.match(all, new RegExp(`drill of snapshot ${name}: 11 blobs, \\d+ KiB to restore, room for `));
      assert.match(all, /restored: 4 tags, each with every layer/, "it is the restore that says so");
      assert.match(all, /2 repositories, 4 tags, 4 manifests, 3 configs, 4 layers/);
      const days = Math.floor((Date.now() - Date.parse("2026-11-02T10:00:00Z")) / 86_400_000);
      assert.ok(all.includes(`the newest image is team/app:`), all);
      assert.ok(all.includes(`, built ${days} days ago, 2026-11-02T12:00:00+02:00`), all);
      assert.match(all, /the snapshot is \d+ s old\n/);
      assert.match(
        all,
        new RegExp(`the drill was good, in \\d+ s: snapshot ${name} restores, every tag to every byte`),
      );
      assert.deepEqual(everything(backups), before);
    });
  }

  it("names a layer in which a byte was flipped, with every tag that needs it, and what it has become", async () => {
    const { registry, backups, name, snapshot } = await filled(scripts);
    const layer = digestOf(layerOf("base"));
    const file = blobFile(snapshot, layer);
    const bytes = fs.readFileSync(file);
    bytes[17] = (bytes[17] ?? 0) ^ 1;
    fs.writeFileSync(file, bytes);
    const { exitCode, all } = await scripts.drill(backups);
    assert.equal(exitCode, 1, all);
    for (const tag of ["team/app:all", "team/app:latest", "single:1", "single:2"]) {
      const said = `${tag}: blob ${layer}: expected ${layer}, has ${has(file)} in ${bytes.length} bytes, `;
      assert.ok(all.includes(said + place(name, layer)), all);
    }
    assert.match(all, /the drill failed after \d+ s: not whole are 4 of 4 tags of snapshot/);

    // As docs/runbooks/drill.md says: the next snapshots have it, too, until it is removed from all of them.
    await scripts.good(images(registry), backups);
    assert.equal((await scripts.drill(backups)).exitCode, 1);
    for (const each of snapshots(backups)) fs.rmSync(blobFile(path.join(backups, each), layer));
    await scripts.good(images(registry), backups);
    const repaired = await scripts.drill(backups);
    assert.equal(repaired.exitCode, 0, repaired.all);
  });

  it("names what is missing, cut short, or leads nowhere, each in its own words, and nothing else", async () => {
    const { backups, name, snapshot, platforms, single } = await filled(scripts);
    const [layer, cut] = [digestOf(layerOf("arm64")), digestOf(layerOf("single"))];
    fs.rmSync(blobFile(snapshot, layer));
    fs.truncateSync(blobFile(snapshot, cut), 10);
    fs.truncateSync(blobFile(snapshot, platforms[0] ?? ""));
    fs.truncateSync(tagLink(snapshot, "single", "2"), 9);
    const { exitCode, all } = await scripts.drill(backups);
    assert.equal(exitCode, 1, all);
    const empty = digestOf(Buffer.alloc(0));
    const amd64 = platforms[0] ?? "";
    const ten = has(blobFile(snapshot, cut));
    const lines = all.split("\n").slice(all.split("\n").findIndex((line) => line.startsWith("not whole are")) + 1);
    const named = ["all", "latest"].flatMap((tag) => [
      `team/app:${tag}: manifest ${amd64}: expected ${amd64}, has ${empty} in 0 bytes, ${place(name, amd64)}`,
      `team/app:${tag}: blob ${layer}: is missing, ${place(name, layer)}`,
    ]);
    named.push(
      `single:1: blob ${cut}: expected ${cut}, has ${ten} in 10 bytes, ${place(name, cut)}`,
      "single:2: tag: is missing, or its link is empty or cut short",
    );
    assert.deepEqual(lines.slice(0, named.length).sort(), named.sort(), all);
    assert.match(all, /not whole are 4 of 4 tags/);
    fs.rmSync(blobFile(snapshot, single));
    const gone = await scripts.drill(backups);
    assert.ok(gone.all.includes(`single:1: manifest ${single}: is missing, ${place(name, single)}`), gone.all);
  });

  it("names a broken blob that no tag needs, and of the wrong ones only those that are wrong", async () => {
    const { registry, backups } = await filled(scripts);
    const loose = await registry.blob("team/app", Buffer.from("of no image"));
    const name = await scripts.good(images(registry), backups);
    fs.appendFileSync(blobFile(path.join(backups, name), loose), "!");
    const { exitCode, all } = await scripts.drill(backups);
    assert.equal(exitCode, 1, all);
    const said = `of no tag: blob ${loose}: expected ${loose}, has ${digestOf(Buffer.from("of no image!"))} in 12 bytes, `;
    assert.ok(all.includes(said + place(name, loose)), all);
    assert.match(all, /not whole are 0 of 4 tags/);
  });

  it("follows what was pushed by its sha512, and names the file behind it", async () => {
    const folder = scripts.empty();
    const sha512 = (body: Buffer): string => `sha512:${createHash("sha512").update(body).digest("hex")}`;
    const [layer, config] = [Buffer.from("layer"), Buffer.from('{"created":"2026-11-05T00:00:00Z"}')];
    const link = (digest: string) =>
      path.join(storeOf(folder), "repositories/app/_layers", digest.replace(":", "/"), "link");
    for (const body of [layer, config]) {
      putByHand(folder, "app", body, "_layers");
      fs.mkdirSync(path.dirname(link(sha512(body))), { recursive: true });
      fs.writeFileSync(link(sha512(body)), digestOf(body));
    }
    const own = path.join(storeOf(folder), "blobs/sha512", sha512(Buffer.from("own")).slice(7, 9));
    fs.mkdirSync(path.join(own, sha512(Buffer.from("own")).slice(7)), { recursive: true });
    fs.writeFileSync(path.join(own, sha512(Buffer.from("own")).slice(7), "data"), "own");
    fs.mkdirSync(path.dirname(link(sha512(Buffer.from("own")))), { recursive: true });
    fs.writeFileSync(link(sha512(Buffer.from("own"))), sha512(Buffer.from("own")));
    const layers = [layer, Buffer.from("own")].map((body) => ({ digest: sha512(body) }));
    const image = Buffer.from(JSON.stringify({ config: { digest: sha512(config) }, layers }));
    tagByHand(folder, "app", "1", putByHand(folder, "app", image, "_manifests/revisions"));
    const backups = scripts.empty();
    const name = await scripts.good(folder, backups);
    const good = await scripts.drill(backups);
    assert.equal(good.exitCode, 0, good.all);
    assert.match(good.all, /1 repositories, 1 tags, 1 manifests, 1 configs, 2 layers[^]*the newest image is app:1, /);
    fs.writeFileSync(blobFile(path.join(backups, name), digestOf(layer)), "LAYER");
    const file = blobFile(path.join(backups, name), "").replace("sha256", "sha512");
    assert.ok(!fs.existsSync(file));
    const { exitCode, all } = await scripts.drill(backups);
    assert.equal(exitCode, 1, all);
    const wrong = `app:1: blob ${sha512(layer)}: expected ${digestOf(layer)}, has ${digestOf(Buffer.from("LAYER"))} in 5 `;
    assert.ok(all.includes(`${wrong}bytes, ${place(name, digestOf(layer))}`), all);
    assert.equal((all.match(/expected/g) ?? []).length, 1, "once, and not also as a blob of no tag");
  });

  it("of a cache lets it lack what it has not fetched, and names what is broken", async () => {
    const { registry, backups } = await filled(scripts);
    fs.rmSync(blobFile(images(registry), digestOf(layerOf("amd64"))));
    const name = await scripts.good(images(registry), backups, { CACHE: "true" });
    const good = await scripts.drill(backups, { CACHE: "true" });
    assert.equal(good.exitCode, 0, good.all);
    const base = digestOf(layerOf("base"));
    fs.appendFileSync(blobFile(path.join(backups, name), base), "!");
    const { exitCode, all } = await scripts.drill(backups, { CACHE: "true" });
    assert.equal(exitCode, 1, all);
    assert.ok(all.includes(`blob ${base}: expected ${base}, has `), all);
  });

  it("reads times as they are written in configs, and nothing else as one", async () => {
    const folder = path.join(__dirname, "../../components/registry/backup");
    const program = `${fs.readFileSync(path.join(folder, "times.awk"), "utf8")}{ printf "%.0f\\n", seconds($0) }`;
    const times = Array.from({ length: 400 }, (_, number) => new Date(number * 4_321_987_000).toISOString());
    times.push("2026-11-02T12:00:00+02:00", "2024-12-31t00:00:00-05:30", "2000-02-29T23:59:59.123456789Z");
    for (const awk of [path.join(scripts.bin, "awk"), "/usr/bin/awk"]) {
      const { stdout } = await execa(awk, [program], { input: times.join("\n") });
      const expected = times.map((time) => Math.floor(Date.parse(time.toUpperCase()) / 1000));
      assert.deepEqual(stdout.split("\n").map(Number), expected);
      const none = await execa(awk, [program.replace("%.0f", "%s")], { input: "yesterday\n2026-11-02\n12:00:00\n" });
      assert.equal(none.stdout.trim(), "");
    }
  });

  it("reads each of many images once, however many tags share it, by either awk", async function () {
    this.timeout(240_000);
    const folder = scripts.empty();
    const shared = putByHand(folder, "team/app", Buffer.from("shared"), "_layers");
    for (let number = 0; number < 500; number++) {
      const layer = putByHand(folder, "team/app", Buffer.from(`layer ${number}`), "_layers");
      const image = Buffer.from(JSON.stringify({ layers: [{ digest: layer }, { digest: shared }] }));
      const digest = putByHand(folder, "team/app", image, "_manifests/revisions");
      for (const kind of ["v", "w"]) tagByHand(folder, "team/app", `${kind}${number}`, digest);
    }
    const backups = scripts.empty();
    await scripts.good(folder, backups);
    for (const PATH of [scripts.bin, `/usr/bin:${scripts.bin}`]) {
      const started = Date.now();
      const { exitCode, all } = await scripts.drill(backups, { PATH });
      assert.equal(exitCode, 0, all);
      assert.match(all, /1 repositories, 1000 tags, 500 manifests, 0 configs, 501 layers/);
      assert.match(all, /no image says when it was built/);
      console.log(`      1,000 tags, 1,001 blobs: ${((Date.now() - started) / 1000).toFixed(1)} s`);
    }
  });
});
