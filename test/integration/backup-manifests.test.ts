import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { execa } from "execa";
import { BackupScripts, blobFile, images, putByHand, storeOf, tagByHand, tagLink } from "../support/backup-scripts";
import { pullImage } from "../../rig/registry/images";
import { digestOf } from "../../rig/registry/process";

const GONE = `sha256:${"0123456789abcdef".repeat(4)}`;
const OCI = "application/vnd.oci.image";
const DOCKER = "application/vnd.docker.distribution.manifest";

describe("what a tag leads to, as a backup and a restore read it", () => {
  const scripts = new BackupScripts();
  before(() => scripts.prepare());
  after(() => scripts.remove());
  afterEach(() => scripts.stop());

  let folder: string;
  beforeEach(() => (folder = scripts.empty()));
  const blob = (content: string): string => putByHand(folder, "app", Buffer.from(content), "_layers");
  const manifest = (text: string): string => putByHand(folder, "app", Buffer.from(text), "_manifests/revisions");
  const tagged = (text: string): string => {
    const digest = manifest(text);
    tagByHand(folder, "app", "1", digest);
    return digest;
  };
  const described = (digest: string, mediaType = `${OCI}.layer.v1.tar`, more = {}) => ({ mediaType, digest, ...more });

  /** A snapshot and a restore, by either awk, come to the same. */
  const says = async (...problems: string[]): Promise<void> => {
    for (const PATH of [scripts.bin, `/usr/bin:${scripts.bin}`]) {
      const backups = scripts.empty();
      const { exitCode, all } = await scripts.backup(folder, backups, { PATH });
      const said = all.split("\n").filter((line) => line.startsWith("app:1: "));
      assert.deepEqual([exitCode, said], [problems.length > 0 ? 1 : 0, problems.map((each) => `app:1: ${each}`)], all);
      const restored = await scripts.restore(backups, scripts.empty(), "latest", { PATH });
      assert.equal(restored.exitCode, exitCode, restored.all);
    }
  };

  it("is every config and layer, in any order and form", async () => {
    const [config, layer] = [blob("config"), blob("layer")];
    const image = {
      annotations: { 'a "quoted" name\\': `{"layers":[{"digest":"${GONE}"}]}`, digest: GONE, config: GONE },
      layers: [{ annotations: { digest: GONE, urls: GONE }, size: 1, digest: layer, mediaType: "x" }],
      subject: described(GONE, `${OCI}.manifest.v1+json`),
      config: { data: GONE, digest: config, mediaType: "y" },
      schemaVersion: 2,
    };
    for (const text of [
      JSON.stringify(image),
      JSON.stringify(image, undefined, 3),
      `\n ${JSON.stringify(image)}\r\n`,
    ]) {
      tagged(text);
      await says();
    }
    tagged(JSON.stringify(image, undefined, "\t").replace(config, config.replace("sha", "\\u0073\\u0068a")));
    await says();
    fs.rmSync(blobFile(folder, config));
    await says(`blob ${config} is missing`);
  });

  it("names what is missing, and what is not linked", async () => {
    const [config, layer] = [blob("config"), blob("layer")];
    const other = putByHand(folder, "other", Buffer.from("of another repository"), "_layers");
    tagged(JSON.stringify({ config: described(config), layers: [layer, GONE, other].map((each) => described(each)) }));
    await says(`blob ${GONE} is missing`, `blob ${other} has no link in the repository`);
    const odd = JSON.stringify({ layers: [{ digest: layer }] }).replace('"layers"', '"\\u006cayers"');
    tagged(odd.replace(layer, GONE));
    await says(`blob ${GONE} is missing`);
  });

  it("is what a list names, however deep, and the parts of a build's cache", async () => {
    const child = manifest(JSON.stringify({ config: described(blob("c")), layers: [described(GONE)] }));
    const inner = manifest(JSON.stringify({ manifests: [described(child, `${OCI}.manifest.v1+json`)] }));
    const middle = manifest(JSON.stringify({ manifests: [described(inner, `${DOCKER}.list.v2+json`)] }));
    const cached = [described(blob("part")), described(blob("cache"), "application/vnd.buildkit.cacheconfig.v0")];
    tagged(JSON.stringify({ manifests: [described(middle, `${OCI}.index.v1+json`), ...cached, { digest: inner }] }));
    await says(`blob ${GONE} is missing`);
    putByHand(folder, "app", Buffer.from("other"), "_layers");
    tagged(JSON.stringify({ manifests: [described(GONE, `${DOCKER}.v2+json`), described(middle, "application\\/x")] }));
    await says(`manifest ${GONE} is missing`);
  });

  it("may lack a layer that clients have from elsewhere, and no other one", async () => {
    const urls = ["https://example.com/layer"];
    const config = described(blob("c"), "application/vnd.docker.container.image.v1+json");
    const foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    const layers = [
      described(GONE, foreign, { urls }),
      described(GONE, `${OCI}.layer.nondistributable.v1.tar`, { urls }),
    ];
    tagged(JSON.stringify({ config, layers }));
    await says();
    tagged(JSON.stringify({ config, layers: [described(GONE, foreign, { urls: [] })] }));
    await says(`blob ${GONE} is missing`);
    tagged(JSON.stringify({ config, layers: [described(GONE, `${OCI}.layer.v1.tar`, { urls })] }));
    await says(`blob ${GONE} is missing`);
  });

  it("is found in images of the first schema, whose history is JSON in text", async () => {
    const layer = blob("layer");
    const v1Compatibility = JSON.stringify({ id: "x", blobSum: GONE, note: 'a \\" b \\\\' });
    const image = {
      schemaVersion: 1,
      history: [{ v1Compatibility }],
      fsLayers: [{ blobSum: layer }, { blobSum: layer }],
    };
    tagged(JSON.stringify(image, undefined, 3));
    await says();
    fs.rmSync(blobFile(folder, layer));
    await says(`blob ${layer} is missing`);
  });

  it("is no manifest where it can't be read as one", async () => {
    for (const text of ["", "x", "[]", "{", '{"a', '{"layers":[{"digest":"x"}]', '"text"']) {
      const digest = tagged(text);
      await says(`manifest ${digest} is no manifest that can be read`);
    }
  });

  it("is read in moments where a manifest has all the 4 MB that a registry takes", async function () {
    this.timeout(60_000);
    const layer = blob("layer");
    const layers = Array.from({ length: 20_000 }, () => described(layer));
    const annotations = { text: 'a "quote" '.repeat(100_000) };
    tagged(JSON.stringify({ config: described(blob("c")), layers, annotations }));
    const began = Date.now();
    const { exitCode, all } = await scripts.backup(folder, scripts.empty());
    assert.equal(exitCode, 0, all);
    assert.ok(Date.now() - began < 20_000, `${Date.now() - began} ms`);
  });

  it("is linked by another digest where it was pushed by its sha512", async () => {
    const registry = await scripts.start();
    const body = Buffer.from("by sha512");
    const { stdout } = await execa("sha512sum", { input: body });
    const digest = `sha512:${stdout.slice(0, 128)}`;
    const started = await registry.ask("POST", "/v2/app/blobs/uploads/");
    const location = new URL(String(started.headers["location"]));
    location.searchParams.set("digest", digest);
    assert.equal((await registry.ask("PUT", location.pathname + location.search, { body })).status, 201);
    const manifest = { schemaVersion: 2, mediaType: `${OCI}.manifest.v1+json`, config: described(digest), layers: [] };
    await registry.manifest("app", manifest, "1");
    const backups = scripts.empty();
    await scripts.good(images(registry), backups);
    const empty = await scripts.start();
    assert.equal((await scripts.restore(backups, images(empty))).exitCode, 0);
    assert.equal((await empty.ask("GET", `/v2/app/blobs/${digest}`)).body.toString(), "by sha512");
    const link = path.join(storeOf(images(registry)), "repositories/app/_layers", digest.replace(":", "/"), "link");
    assert.equal(fs.readFileSync(link, "utf8"), digestOf(body));
    await assert.rejects(pullImage(empty, "app", "none"));
  });

  it("is whole in the store if it was pushed by its sha512 since the snapshot, so a restore leaves it", async () => {
    const tag = (): string => fs.readFileSync(tagLink(folder, "app", "1"), "utf8");
    tagged(JSON.stringify({ layers: [described(blob("older"))] }));
    const backups = scripts.empty();
    await scripts.good(folder, backups);
    const { stdout } = await execa("sha512sum", { input: "newer" });
    const digest = `sha512:${stdout.slice(0, 128)}`;
    const link = path.join(storeOf(folder), "repositories/app/_layers", digest.replace(":", "/"), "link");
    fs.mkdirSync(path.dirname(link), { recursive: true });
    fs.writeFileSync(link, blob("newer"));
    const newer = tagged(JSON.stringify({ layers: [described(digest)] }));
    const { exitCode, all } = await scripts.restore(backups, folder);
    assert.deepEqual([exitCode, tag()], [0, newer], all);
    fs.appendFileSync(blobFile(folder, digestOf(Buffer.from("newer"))), "!");
    const replaced = await scripts.restore(backups, folder);
    assert.notEqual(tag(), newer, replaced.all);
  });
});
