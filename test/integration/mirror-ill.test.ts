import * as assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type Mirrored, MirrorsOnHost } from "../../rig/gateway/mirrors";
import { startVariant, type Variant } from "../../rig/gateway/variants";
import { needHost } from "../../rig/hosts/nginx-host";
import { FakeUpstream, Fault, Login } from "../../rig/registry/fake-upstream";
import { digestOf } from "../../rig/registry/process";

for (const variant of ["Debian's 1.22 with njs", "1.31"] satisfies Variant[]) {
  describe(`mirrors whose registries are ill, at nginx ${variant}`, function () {
    this.timeout(90_000);
    let mirrors: MirrorsOnHost;
    let hub: Mirrored;
    let ghcr: Mirrored;

    before(async function () {
      needHost(this);
      mirrors = new MirrorsOnHost(await startVariant(variant));
      await mirrors.prepare();
      hub = await mirrors.add("docker.io", await FakeUpstream.start(Login.Token));
      ghcr = await mirrors.add("ghcr.io", await FakeUpstream.start(Login.None));
      await mirrors.put();
    });
    after(() => mirrors?.stop());

    const code = async (target: string): Promise<number> => (await mirrors.ask(target)).status;

    it("answers a tag from what is kept while its registry hangs, is broken or gone, and at once after the first", async () => {
      const { digest } = ghcr.fake.image("some/ill", "1");
      await mirrors.ask("/v2/some/ill/manifests/1?ns=ghcr.io");
      await sleep(300);
      ghcr.fake.fault = Fault.Hang;
      const first = await mirrors.ask("/v2/some/ill/manifests/1?ns=ghcr.io");
      assert.deepEqual([first.status, first.headers["docker-content-digest"]], [200, digest]);
      assert.ok(first.seconds < 6, `${first.seconds} s`);
      const next = await mirrors.ask("/v2/some/ill/manifests/1?ns=ghcr.io");
      assert.equal(next.status, 200);
      assert.ok(next.seconds < 0.5, `${next.seconds} s`);
      const unknown = await mirrors.ask(`/v2/some/ill/manifests/sha256:${"0".repeat(64)}?ns=ghcr.io`);
      assert.equal(unknown.status, 404);
      assert.ok(unknown.seconds < 10, `${unknown.seconds} s`);
      console.log(
        `      hang: ${first.seconds.toFixed(1)} s, then ${next.seconds.toFixed(2)} s; not kept: ${unknown.seconds.toFixed(1)} s`,
      );
      assert.ok((await mirrors.log()).some(({ kept, mirror }) => kept === "yes" && mirror === "ghcr.io"));
      ghcr.fake.close();
      await ghcr.proxy.stop();
      await ghcr.proxy.start(); // while its registry is away
      assert.equal(await code("/v2/some/ill/manifests/1?ns=ghcr.io"), 200);
      ghcr.fake.fault = Fault.None;
      await ghcr.fake.open();
      for (const fault of [Fault.Broken, Fault.TooMany]) {
        ghcr.fake.fault = fault;
        assert.equal(await code("/v2/some/ill/manifests/1?ns=ghcr.io"), 200, fault);
      }
      ghcr.fake.fault = Fault.None;
    });

    it("hands out what is kept while the proxy is away", async () => {
      const { digest, layer } = hub.fake.image("library/away", "1");
      await mirrors.ask("/v2/library/away/manifests/1?ns=docker.io");
      await mirrors.ask(`/v2/library/away/blobs/${layer}?ns=docker.io`);
      await sleep(300);
      await hub.proxy.stop();
      assert.equal(await code("/v2/library/away/manifests/1?ns=docker.io"), 200);
      assert.equal(await code(`/v2/library/away/manifests/${digest}?ns=docker.io`), 200);
      assert.equal(await code(`/v2/library/away/blobs/${layer}?ns=docker.io`), 200);
      assert.equal(await code("/v2/library/none/manifests/1?ns=docker.io"), 404);
      await hub.proxy.start();
    });

    it("hand on no wrong bytes and no half of a layer as a whole one, and are right again after it", async () => {
      for (const fault of [Fault.WrongBytes, Fault.Cut]) {
        const { layer } = hub.fake.image(`library/${fault}`, "1");
        hub.fake.fault = fault;
        const got = await mirrors.ask(`/v2/library/${fault}/blobs/${layer}?ns=docker.io`).then(
          ({ status, body }) => (status === 200 ? digestOf(body) : String(status)),
          () => "cut",
        );
        assert.notEqual(got, layer, fault);
        hub.fake.fault = Fault.None;
        await sleep(300);
        const { status, body } = await mirrors.ask(`/v2/library/${fault}/blobs/${layer}?ns=docker.io`);
        assert.deepEqual([status, digestOf(body)], [200, layer], fault);
      }
    });
  });
}
