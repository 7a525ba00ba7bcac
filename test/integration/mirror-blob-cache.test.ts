import * as assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Mirrored, MirrorsOnHost } from "../../rig/gateway/mirrors";
import { startVariant, type Variant } from "../../rig/gateway/variants";
import { needHost } from "../../rig/hosts/nginx-host";
import { FakeUpstream, Fault, Login } from "../../rig/registry/fake-upstream";
import { digestOf } from "../../rig/registry/process";

const FOLDER = "/var/log/cache/mirrored"; // in the host's /var/log, which is its own
const blobCache = { path: FOLDER, sizeGiB: 1 };

for (const variant of ["Debian's 1.22 with njs", "1.31"] satisfies Variant[]) {
  describe(`a gateway that keeps blobs of mirrors, at nginx ${variant}`, function () {
    this.timeout(90_000);
    let mirrors: MirrorsOnHost;
    let hub: Mirrored;
    let ghcr: Mirrored;

    before(async function () {
      needHost(this);
      mirrors = new MirrorsOnHost(await startVariant(variant));
      await mirrors.prepare();
      hub = await mirrors.add("docker.io", await FakeUpstream.start(Login.Token));
      ghcr = await mirrors.add("ghcr.io", await FakeUpstream.start(Login.Basic), {
        username: "robot",
        password: "up@stream: [word",
        repositories: ["acme/**"],
      });
      await mirrors.put({ blobCache });
    });
    after(() => mirrors?.stop());

    const pathOf = (repository: string, digest: string, ns = "docker.io"): string =>
      `/v2/${repository}/blobs/${digest}?ns=${ns}`;
    const layerOf = (repository: string, of: Mirrored = hub, size = 1 << 20): string =>
      of.fake.image(repository, "1", randomBytes(size)).layer;
    const code = async (...asked: Parameters<MirrorsOnHost["ask"]>) => (await mirrors.ask(...asked)).status;
    /** Asks as so many nodes at once, each of which gets the very blob. */
    const gets = async (path: string, digest: string, nodes = 1): Promise<number> => {
      const all = await Promise.all(Array.from({ length: nodes }, () => mirrors.ask(path)));
      for (const { status, body } of all) assert.deepEqual([status, digestOf(body)], [200, digest]);
      return Math.max(...all.map(({ seconds }) => seconds));
    };
    const fetched = (of: Mirrored, digest: string): number =>
      of.fake.taken().filter((each) => each.startsWith("GET ") && each.endsWith(digest)).length;

    it("makes one fetch for twenty nodes, and says in the log what came from where", async () => {
      const layer = layerOf("library/one", hub, 8 << 20);
      const seconds = await gets(pathOf("library/one", layer), layer, 20);
      assert.equal(fetched(hub, layer), 1);
      console.log(`      20 nodes in ${seconds.toFixed(1)} s`);
      const lines = (await mirrors.log()).filter(({ path }) => path?.includes(layer));
      assert.equal(lines.filter(({ cache }) => cache === "MISS").length, 1);
      assert.ok(lines.some(({ cache }) => cache === "HIT"));
    });

    it("makes them wait for a long one no more than 4 s, and gives it to all", async () => {
      const layer = layerOf("library/long");
      hub.fake.fault = Fault.Slow;
      const seconds = await gets(pathOf("library/long", layer), layer, 5);
      hub.fake.fault = Fault.None;
      console.log(`      a layer of 6 s, for 5 nodes: ${fetched(hub, layer)} fetches, ${seconds.toFixed(1)} s`);
      assert.ok(seconds < 12, `${seconds} s`);
    });

    it("answers all within 10 s while the registry hangs", async () => {
      const layer = layerOf("library/hung");
      hub.fake.fault = Fault.Hang;
      const all = await Promise.all(Array.from({ length: 5 }, () => mirrors.ask(pathOf("library/hung", layer))));
      hub.fake.fault = Fault.None;
      await hub.proxy.stop(); // it would hang on
      await hub.proxy.start();
      console.log(`      at most ${Math.max(...all.map(({ seconds }) => seconds)).toFixed(1)} s`);
      for (const { status, seconds } of all) assert.ok(status === 404 && seconds <= 10, `${status} after ${seconds} s`);
      await gets(pathOf("library/hung", layer), layer);
    });

    it("keeps no wrong bytes and no half of a layer", async () => {
      for (const fault of [Fault.WrongBytes, Fault.Cut]) {
        const layer = layerOf(`library/${fault}`);
        hub.fake.fault = fault;
        const got = await mirrors.ask(pathOf(`library/${fault}`, layer)).then(
          ({ status, body }) => (status === 200 ? digestOf(body) : String(status)),
          () => "cut",
        );
        hub.fake.fault = Fault.None;
        assert.notEqual(got, layer, fault);
        await sleep(2100); // until what is kept is asked for again
        await gets(pathOf(`library/${fault}`, layer), layer);
      }
    });

    it("gives out parts, lengths and what is no blob as before", async () => {
      const layer = layerOf("library/parts");
      const path = pathOf("library/parts", layer);
      await gets(path, layer);
      await sleep(300);
      const part = await mirrors.ask(path, { headers: { range: "bytes=5-104" } });
      assert.deepEqual([part.status, part.body.length], [206, 100]);
      const head = await mirrors.ask(path, { method: "HEAD" });
      assert.deepEqual([head.status, head.headers["content-length"]], [200, String(1 << 20)]);
      assert.equal(await code(pathOf("library/parts", `sha256:${"0".repeat(64)}`)), 404);
      assert.equal(await code(pathOf("library/parts", "sha256:0")), 404);
    });

    it("is read by whom the mirror lets in, and of what it opens", async () => {
      const layer = layerOf("acme/held", ghcr);
      const path = pathOf("acme/held", layer, "ghcr.io");
      await gets(path, layer);
      for (const shown of [null, mirrors.certificates.unknown, mirrors.certificates.strange]) {
        assert.ok([400, 403].includes(await code(path, { shown })), path);
      }
      for (const other of [
        pathOf("acme/held", layer),
        pathOf("acme/other", layer, "ghcr.io"),
        pathOf("shop/held", layer, "ghcr.io"),
        pathOf("acme/held", layer, "quay.io"),
      ])
        assert.equal(await code(other), 404, other);
      assert.equal(await code(`/v2/ghcr.io/acme/held/blobs/${layer}`), 200, "as CRI-O asks");
    });

    it("costs no pull where it can't be used, and none while the proxy is away", async () => {
      const [layer, other] = [layerOf("library/closed"), layerOf("library/away")];
      await gets(pathOf("library/away", other), other);
      await mirrors.host.run(`find ${FOLDER} -type f -exec chown root {} +`);
      await gets(pathOf("library/away", other), other, 3);
      await gets(pathOf("library/closed", layer), layer, 3);
      await mirrors.host.run(`find ${FOLDER} -type f -delete`);
      await sleep(1500);
      await hub.proxy.stop();
      await gets(pathOf("library/closed", layer), layer);
      await gets(pathOf("library/away", other), other);
      await hub.proxy.start();
    });

    it("is hashed by drift, which names a damaged blob, and goes with the setting", async () => {
      const layer = layerOf("library/damaged");
      await gets(pathOf("library/damaged", layer), layer);
      const file = `$(grep -rl ${layer} ${FOLDER} | head -n 1)`;
      const check = async () => (await mirrors.host.activate("check", mirrors.input({ blobCache }))).stdout;
      assert.doesNotMatch(await check(), /damaged/);
      await mirrors.host.run(`printf x | dd of=${file} bs=1 seek=900000 conv=notrunc`);
      assert.match(await check(), new RegExp(`holds a damaged copy of ${layer} of docker.io/library/damaged`));
      await mirrors.put({ blobCache });
      await gets(pathOf("library/damaged", layer), layer);
      await mirrors.put();
      assert.equal((await mirrors.host.run(`ls -d ${FOLDER}`)).stdout, "");
      await gets(pathOf("library/damaged", layer), layer);
    });

    it("is refused a folder in which something is, by the name of the setting", async () => {
      await mirrors.host.run("mkdir -p /var/log/full/of");
      const done = await mirrors.host.activate(
        "update",
        mirrors.input({ blobCache: { ...blobCache, path: "/var/log/full" } }),
      );
      assert.equal(done.code, 1);
      assert.match(done.stderr, /give mirrors\.blobCache\.path a folder of its own/);
    });
  });
}
