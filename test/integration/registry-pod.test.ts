import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { pod } from "../support/pod";
import { accepts, answerOf, digestOf, RegistryProcess, version2, version3 } from "../support/registry-process";

const CONFIG = "application/vnd.oci.image.config.v1+json";
const LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";

/** Pushes an image of one layer; without a tag it is known by its digest alone. */
async function image(registry: RegistryProcess, content: string, tag?: string): Promise<string> {
  const config = Buffer.from(
    JSON.stringify({ architecture: content, os: "linux", rootfs: { type: "layers", diff_ids: [] } }),
  );
  const layer = Buffer.from(content.repeat(1000));
  const described = (mediaType: string, body: Buffer) => ({ mediaType, digest: digestOf(body), size: body.length });
  await registry.blob("some/image", config);
  await registry.blob("some/image", layer);
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: described(CONFIG, config),
    layers: [described(LAYER, layer)],
  };
  return registry.manifest("some/image", manifest, tag);
}

/** Pulls an image by digest, with all that it is made of. */
async function pulls(registry: RegistryProcess, digest: string): Promise<void> {
  const { status, body } = await registry.ask("GET", `/v2/some/image/manifests/${digest}`);
  assert.equal(status, 200, digest);
  assert.equal(digestOf(body), digest);
  const manifest = JSON.parse(body.toString()) as {
    manifests?: { digest: string }[];
    layers?: { digest: string }[];
    config?: { digest: string };
  };
  for (const child of manifest.manifests ?? []) await pulls(registry, child.digest);
  for (const blob of [...(manifest.layers ?? []), ...(manifest.config ? [manifest.config] : [])]) {
    const answer = await registry.ask("GET", `/v2/some/image/blobs/${blob.digest}`);
    assert.equal(digestOf(answer.body), blob.digest);
  }
}

for (const version of [version2, version3]) {
  describe(`${version.name}, set up as the pod does`, () => {
    const running: RegistryProcess[] = [];
    const start = async (args: Parameters<typeof RegistryProcess.prepare>[1] = {}): Promise<RegistryProcess> => {
      const registry = await RegistryProcess.prepare(version, args);
      running.push(registry);
      await registry.start();
      return registry;
    };
    after(() => Promise.all(running.map((registry) => registry.remove())));

    it("serves who has the gateway's certificate, and nobody else", async () => {
      const registry = await start();
      assert.equal((await registry.ask("GET", "/v2/")).status, 200);
      await assert.rejects(registry.ask("GET", "/v2/", { anonymous: true }));
      assert.equal(await accepts(5001), false);
    });

    it("deletes nothing unless that is allowed", async () => {
      const refusing = await start();
      const digest = await image(refusing, "kept", "v1");
      assert.equal((await refusing.ask("DELETE", `/v2/some/image/manifests/${digest}`)).status, 405);
      const deleting = await start({ registry: { deleteEnabled: true } });
      const gone = await image(deleting, "gone", "v1");
      assert.equal((await deleting.ask("DELETE", `/v2/some/image/manifests/${gone}`)).status, 202);
    });

    it("refuses pushes while it is read-only", async () => {
      const registry = await start({ registry: { readOnly: true } });
      assert.equal((await registry.ask("POST", "/v2/some/image/blobs/uploads/")).status, 405);
    });

    it("finishes a running push when it is told to stop, and ends soon after", async () => {
      const registry = await start({ shutdown: { drainSeconds: 20 } });
      const body = Buffer.alloc(1 << 20, "x");
      const started = await registry.ask("POST", "/v2/some/image/blobs/uploads/");
      const location = new URL(String(started.headers["location"]));
      location.searchParams.set("digest", digestOf(body));
      const upload = registry.open("PUT", location.pathname + location.search, { type: "application/octet-stream" });
      upload.setHeader("content-length", body.length);
      upload.write(body.subarray(0, 1000));
      await wait(300);
      const ended = registry.stop();
      await wait(500);
      assert.equal(await accepts(registry.port), false, "it takes new connections");
      upload.end(body.subarray(1000));
      assert.equal((await answerOf(upload)).status, 201);
      const before = Date.now();
      assert.equal((await ended).exitCode, 0);
      assert.ok(Date.now() - before < 5000);
    });

    it("keeps every image through a collection, those of several platforms too, and forgets the rest", async () => {
      const registry = await start({ registry: { deleteEnabled: true } });
      const kept = await image(registry, "single", "v1");
      const gone = await image(registry, "deleted", "v2");
      const platforms = [await image(registry, "amd64"), await image(registry, "arm64")];
      const manifests = await Promise.all(
        platforms.map(async (digest) => {
          const { body } = await registry.ask("GET", `/v2/some/image/manifests/${digest}`);
          return { mediaType: MANIFEST, digest, size: body.length, platform: { architecture: "any", os: "linux" } };
        }),
      );
      const index = await registry.manifest(
        "some/image",
        { mediaType: INDEX, schemaVersion: 2, manifests } as never,
        "all",
      );
      assert.equal((await registry.ask("DELETE", `/v2/some/image/manifests/${gone}`)).status, 202);
      await registry.stop();
      const config = (await pod({ cleaning: {} })).one("ConfigMap").inputs["data"] as Record<string, string>;
      const said = await registry.collect(
        config["config.yml"] ?? "",
        version === version3 ? ["--delete-untagged"] : [],
      );
      assert.match(said, /eligible for deletion/);
      await registry.start();
      await pulls(registry, kept);
      await pulls(registry, index);
      assert.equal((await registry.ask("GET", `/v2/some/image/manifests/${gone}`)).status, 404);
      const layer = digestOf(Buffer.from("deleted".repeat(1000)));
      assert.equal((await registry.ask("GET", `/v2/some/image/blobs/${layer}`)).status, 404);
    });
  });
}
