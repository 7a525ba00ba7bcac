import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { pushImage } from "../../rig/registry/images";
import { accepts, answerOf, digestOf, RegistryProcess, version2, version3 } from "../../rig/registry/process";

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
      const digest = await pushImage(refusing, "some/image", "kept", { tags: ["v1"] });
      assert.equal((await refusing.ask("DELETE", `/v2/some/image/manifests/${digest}`)).status, 405);
      const deleting = await start({ registry: { deleteEnabled: true } });
      const gone = await pushImage(deleting, "some/image", "gone", { tags: ["v1"] });
      assert.equal((await deleting.ask("DELETE", `/v2/some/image/manifests/${gone}`)).status, 202);
    });

    it("refuses pushes while it is read-only", async () => {
      const registry = await start({ registry: { readOnly: true } });
      assert.equal((await registry.ask("POST", "/v2/some/image/blobs/uploads/")).status, 405);
    });

    it("finishes a running push when it is told to stop, and ends soon after", async () => {
      const registry = await start({ registry: { shutdown: { drainSeconds: 20 } } });
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
  });
}
