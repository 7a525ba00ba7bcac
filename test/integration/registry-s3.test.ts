import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import type { RegistryPodArgs } from "../../components/registry/pod-args";
import { layerOf, pullImage, pushImage } from "../../rig/registry/images";
import { digestOf, RegistryProcess, version2, version3 } from "../../rig/registry/process";
import { type S3Server, startS3Server } from "../../rig/registry/s3-server";

for (const version of [version2, version3]) {
  describe(`${version.name} with its images in S3`, function () {
    this.timeout(60_000);
    const running: RegistryProcess[] = [];
    let store: S3Server;
    let checking: S3Server;
    before(async function () {
      this.timeout(600_000); // the server may have to be installed
      [store, checking] = await Promise.all([startS3Server(), startS3Server(true)]);
    });
    after(async () => {
      await Promise.all(running.map((registry) => registry.remove()));
      await Promise.all([store.stop(), checking.stop()]);
    });
    const start = async (more: Partial<RegistryPodArgs> = {}, server = store, secret = server.secretAccessKey) => {
      const s3 = {
        bucket: server.bucket,
        endpoint: server.url,
        accessKeyId: server.accessKeyId,
        secretAccessKey: secret,
        ...(server === store ? { rootDirectory: "/registry" } : {}),
      };
      const storage = { s3, ...more.storage };
      const registry = await RegistryProcess.prepare(version, { ...more, storage });
      running.push(registry);
      await registry.start();
      return registry;
    };

    it("keeps them there, below the directory, and serves them by itself", async () => {
      const registry = await start({ registry: { deleteEnabled: true } });
      const digest = await pushImage(registry, "some/image", "content", { tags: ["1"] });
      await pullImage(registry, "some/image", digest);
      const blob = digestOf(layerOf("content"));
      const answer = await registry.ask("GET", `/v2/some/image/blobs/${blob}`);
      assert.equal(answer.status, 200);
      const objects = await store.objects();
      assert.ok(objects.length > 0 && objects.every((name) => name.startsWith("registry/docker/")), objects.join());
      assert.ok(objects.some((name) => name.includes(blob.replace("sha256:", ""))));

      assert.equal((await registry.ask("DELETE", `/v2/some/image/manifests/${digest}`)).status, 202);
      assert.equal((await registry.ask("GET", `/v2/some/image/manifests/${digest}`)).status, 404);
    });

    it("sends clients there when told to, by a URL that is good for anybody for a short time", async () => {
      const storage = { redirects: true };
      const registry = await start({ storage });
      await pushImage(registry, "sent/image", "sent", { tags: ["1"] });
      const answer = await registry.ask("GET", `/v2/sent/image/blobs/${digestOf(layerOf("sent"))}`);
      assert.equal(answer.status, 307);
      const location = String(answer.headers["location"]);
      assert.ok(location.startsWith(`${store.url}/${store.bucket}/registry/`), location);
      assert.match(location, /X-Amz-Expires=\d+/);
      const layer = Buffer.from(await (await fetch(location)).arrayBuffer());
      assert.equal(digestOf(layer), digestOf(layerOf("sent")));
    });

    it("finishes on one pod what was begun on another, and serves it from both", async () => {
      const two = { registry: { replicas: 2 } };
      const [one, other] = [await start(two), await start(two)];
      const body = layerOf("in two parts");
      const begun = await one.ask("POST", "/v2/shared/image/blobs/uploads/");
      const path = (answer: { headers: Record<string, unknown> }): URL => new URL(String(answer.headers["location"]));
      const patch = path(begun);
      const type = "application/octet-stream";
      const half = await other.ask("PATCH", patch.pathname + patch.search, { body: body.subarray(0, 5000), type });
      assert.equal(half.status, 202);
      const put = path(half);
      put.searchParams.set("digest", digestOf(body));
      const done = await one.ask("PUT", put.pathname + put.search, { body: body.subarray(5000), type });
      assert.equal(done.status, 201);
      for (const registry of [one, other]) {
        const { body: got } = await registry.ask("GET", `/v2/shared/image/blobs/${digestOf(body)}`);
        assert.equal(digestOf(got), digestOf(body));
      }
    });

    it("is ready while its secret is the store's, and only then", async () => {
      const environment = {
        REGISTRY_HEALTH_STORAGEDRIVER_INTERVAL: "300ms",
        REGISTRY_HEALTH_STORAGEDRIVER_THRESHOLD: "1",
      };
      const registry = { environment };
      const wellKnown = await start({ registry }, checking);
      await wait(1500);
      assert.equal(await wellKnown.isReady(), true);
      await wellKnown.stop();
      const stranger = await start({ registry }, checking, "another secret");
      await wait(1500);
      assert.equal(await stranger.isReady(), false);
      assert.equal((await stranger.ask("GET", "/v2/some/image/tags/list")).status >= 400, true);
    });
  });
}
