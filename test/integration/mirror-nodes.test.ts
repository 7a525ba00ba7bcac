import * as assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { commandsFor, RUNTIMES } from "../../cli/nodes/runtimes";
import type { NodeMirrors } from "../../components/nodes/upstreams";
import { MIRROR, type Mirrored, MirrorsOnHost } from "../../rig/gateway/mirrors";
import { NodeFixture, VERSIONS } from "../../rig/hosts/node-fixture";
import { commandsIn, counted, killedAt, points } from "../../rig/hosts/killed-at";
import { NginxHost, needHost, until } from "../../rig/hosts/nginx-host";
import { FakeUpstream, Login } from "../../rig/registry/fake-upstream";
import { digestOf } from "../../rig/registry/process";

const KILLS = Number(process.env["KILL_POINTS"] ?? 8);

for (const [title, version] of Object.entries(VERSIONS)) {
  describe(`a node with ${title} that pulls by a mirror`, function () {
    this.timeout(120_000);
    let mirrors: MirrorsOnHost;
    let fixture: NodeFixture;
    let fake: FakeUpstream;
    let mirrored: Mirrored;

    before(async function () {
      needHost(this);
      mirrors = new MirrorsOnHost(await NginxHost.start());
      await mirrors.prepare();
      fake = await FakeUpstream.start(Login.Token);
      mirrored = await mirrors.add(new URL(fake.url).host, fake);
      await mirrors.put();
      fixture = await NodeFixture.start(await version());
      await fixture.succeeds("create", input());
    });
    after(async () => {
      await fixture?.stop();
      await mirrors?.stop();
    });

    const known = (changes: Partial<NodeMirrors> = {}): NodeMirrors => ({
      host: MIRROR,
      httpsPort: mirrors.host.httpsPort,
      caPem: mirrors.certificates.serverCa.cert,
      certificatePem: mirrors.certificates.node.cert,
      keyPem: mirrors.certificates.node.key,
      fallback: true,
      upstreams: [{ name: mirrored.name, url: fake.url }],
      ...changes,
    });
    const input = (changes: Partial<NodeMirrors> = {}): string => fixture.input({ mirrors: known(changes) });
    let made = 0;
    /** An image that the node has not, in its registry. */
    const image = (): { reference: string; digest: string } => {
      const { digest } = fake.image(`acme/app-${++made}`, "1");
      fake.taken();
      return { reference: `${mirrored.name}/acme/app-${made}:1`, digest };
    };
    const pull = async (reference: string): Promise<number> => (await fixture.node.pull(reference)).code;
    /** Lines of the gateway's log since it was asked last. */
    let seen = 0;
    const asked = async (): Promise<Record<string, string>[]> => {
      const all = await mirrors.log();
      const news = all.slice(seen).filter(({ path }) => path !== "/v2/");
      seen = all.length;
      return news;
    };

    it("gets what it pulls by the mirror, which knows it by its name", async () => {
      const { reference, digest } = image();
      await asked();
      assert.equal(await pull(reference), 0);
      assert.ok((await fixture.node.ctr("content ls -q")).stdout.includes(digest));
      const lines = await asked();
      assert.ok(lines.length >= 3, JSON.stringify(lines));
      assert.deepEqual([...new Set(lines.map(({ node }) => node))], ["node-1"]);
      assert.ok(!fake.asked.some(({ host }) => host === ""));
    });

    it("gets it again while the registry is away, though nothing of it is on the node any more", async () => {
      const { reference, digest } = image();
      assert.equal(await pull(reference), 0);
      await new Promise((done) => setTimeout(done, 300));
      await fixture.node.ctr(`images rm --sync ${reference}`);
      await fixture.node.ctr(
        `content rm $(${fixture.node.program("ctr")} --address /run/containerd.sock content ls -q)`,
      );
      assert.ok(!(await fixture.node.ctr("content ls -q")).stdout.includes(digest));
      fake.close();
      try {
        assert.equal(await pull(reference), 0);
      } finally {
        await fake.open();
      }
    });

    it("asks the registry itself where the gateway is away, and where it has no other way nobody", async () => {
      const link = `${mirrors.host.sites}/zz-private-registry-main-mirror.conf`;
      const { reference } = image();
      const alone = image();
      await fixture.succeeds("update", input({ fallback: false }));
      await mirrors.host.run(`mv ${link} /run/kept; nginx -s reload; sleep 0.5`);
      fake.taken();
      assert.notEqual(await pull(alone.reference), 0);
      assert.deepEqual(fake.taken(), []);
      await mirrors.host.run(`mv /run/kept ${link}; nginx -s reload; sleep 0.5`);
      assert.equal(await pull(alone.reference), 0, "by the mirror only");
      await fixture.succeeds("update", input());
      await mirrors.host.run(`mv ${link} /run/kept; nginx -s reload; sleep 0.5`);
      assert.equal(await pull(reference), 0, "by itself");
      await mirrors.host.run(`mv /run/kept ${link}; nginx -s reload; sleep 0.5`);
    });

    it("is refused a certificate that the mirrors do not know, and drift is red when it is a former node", async () => {
      const { unknown } = mirrors.certificates;
      const said = await fixture.refused(input({ certificatePem: unknown.cert, keyPem: unknown.key }));
      assert.match(
        said,
        /nothing was changed: https:\/\/mirror\.test:\d+\/v2\/ answers with 403, and the mirrors a node/,
      );
      await fixture.succeeds("check", input());
      const { nodes } = mirrors.site();
      await mirrors.put({ nodes: { ...nodes, names: ["_others"] } });
      const { reference } = image();
      assert.equal(await pull(reference), 0, "pods run on");
      const red = await fixture.node.activate("check", input());
      assert.equal(red.code, 3);
      assert.match(red.stdout, /answers with 403, and the mirrors a node whose certificate they know with 200/);
      await mirrors.put();
      await fixture.succeeds("check", input());
    });

    it("shows a certificate that opens no pod", async () => {
      await fixture.node.write("/run/node.pem", known().certificatePem + known().keyPem);
      for (const { port } of [mirrored.proxy, mirrored.reader]) {
        const got = await fixture.node.run(
          `curl -sk --cert /run/node.pem -o /dev/null -w '%{http_code}' https://127.0.0.1:${port}/v2/`,
        );
        assert.equal(got.stdout, "000");
      }
    });

    it("may also have the library of CRI-O and podman, which names the registry in the path", async () => {
      const port = mirrors.host.httpsPort;
      const rootsPem = fixture.rootPem;
      const of = { host: "registry.test", port: fixture.registry.port, rootsPem };
      const printed = commandsFor(RUNTIMES.crio({ ...of, mirrors: { ...known(), host: `${MIRROR}:${port}` } }));
      assert.equal((await fixture.node.run(printed)).code, 0);
      const { reference } = image();
      await asked();
      const got = await fixture.node.run(`skopeo inspect --raw docker://${reference}`);
      assert.equal(got.code, 0, got.stderr);
      const lines = await asked();
      assert.deepEqual(
        [...new Set(lines.map(({ node, mirror }) => `${node} ${mirror}`))],
        [`node-1 ${mirrored.name.replace(":", "_")}`],
      );
      await fixture.node.run(
        "rm -r /etc/containers/certs.d /etc/containers/registries.conf.d/50-private-registry.conf",
      );
    });

    it("pulls on while releases come", async () => {
      const images = Array.from({ length: 12 }, image);
      let releases = true;
      const failed: string[] = [];
      const pulls = (async () => {
        for (const { reference } of images) if ((await pull(reference)) !== 0) failed.push(reference);
        releases = false;
      })();
      let count = 0;
      while (releases) {
        const names = ["", "x"].map((more) => ({ name: `other${more}${count}.test`, url: "https://other.test" }));
        await fixture.succeeds("update", input({ upstreams: [...known().upstreams, ...names] }));
        count++;
      }
      await pulls;
      assert.deepEqual(failed, []);
      assert.ok(count >= 2, `${count} releases`);
      console.log(`      ${images.length} pulls beside ${count} releases`);
      await fixture.succeeds("update", input());
      const left = (await fixture.node.run("ls /etc/containerd/certs.d")).stdout
        .split("\n")
        .filter((name) => name.includes("other"));
      assert.deepEqual(left, []);
    });

    it("pulls on where a release of several registries was killed at any point, and the next one ends well", async function () {
      const { reference } = image();
      const more = (name: string) => [...known().upstreams, { name, url: "https://other.test" }];
      const inputs = [input({ upstreams: more("one.test") }), input({ upstreams: more("two.test") })];
      const last = commandsIn(await fixture.succeeds("update", counted(inputs[1] ?? "")));
      for (const [index, point] of points(last, KILLS).entries()) {
        const next = inputs[index % 2] ?? "";
        await fixture.node.activate("update", killedAt(next, point));
        assert.equal(await pull(reference), 0, `killed at ${point} of ${last}`);
        const files = "sed -n 's/^ *\\(ca\\|client\\) = //p' $each | tr -d '[],\"' | xargs -n 1 test -e";
        const whole = `for each in /etc/containerd/certs.d/*/hosts.toml; do [ ! -e $each ] || ${files} || exit 1; done`;
        assert.equal((await fixture.node.run(whole)).code, 0, `killed at ${point}: a file is missing`);
        await fixture.succeeds("update", next);
        const others = (await fixture.node.run("ls -d /etc/containerd/certs.d/{one,two}.test 2>/dev/null")).stdout;
        assert.equal(others.trim(), `/etc/containerd/certs.d/${index % 2 === 0 ? "one" : "two"}.test`);
      }
      console.log(`      ${KILLS} kills over ${last} commands`);
      await fixture.succeeds("update", input());
    });

    it("pulls a new image at once with nineteen others: what the registry gives out for it", async () => {
      const before = await atOnce("many");
      console.log(`      20 nodes at once: ${before} fetches of the layer`);
      assert.ok(before <= 20);
      await mirrors.put({ blobCache: { path: "/var/cache/mirrored", sizeGiB: 1 } });
      const after = await atOnce("many-kept");
      console.log(`      and where the gateway keeps blobs: ${after}`);
      assert.equal(after, 1);
      await mirrors.put();
    });

    /** How often the registry gives out a layer that 20 nodes ask for at once, of an image that nobody has yet. */
    async function atOnce(name: string): Promise<number> {
      const layer = randomBytes(8 << 20);
      const { digest } = fake.image(`acme/${name}`, "1", layer);
      const manifest = `/v2/acme/${name}/manifests/${digest}?ns=${mirrored.name}`;
      const blob = `/v2/acme/${name}/blobs/${digestOf(layer)}`;
      fake.taken();
      const asking = (path: string) => Array.from({ length: 20 }, () => mirrors.ask(path));
      assert.ok((await Promise.all(asking(manifest))).every(({ status }) => status === 200));
      for (const { status, body } of await Promise.all(asking(`${blob}?ns=${mirrored.name}`))) {
        assert.deepEqual([status, digestOf(body)], [200, digestOf(layer)]);
      }
      const fetched = fake.taken().filter((each) => each === `GET ${blob}`).length;
      await until("it is kept", async () => {
        fake.taken();
        await mirrors.ask(`${blob}?ns=${mirrored.name}`);
        return !fake.taken().some((each) => each.startsWith(`GET ${blob}`));
      });
      return fetched;
    }
  });
}
