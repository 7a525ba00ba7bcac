import * as assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Mirrored, MirrorsOnHost } from "../../rig/gateway/mirrors";
import { startVariant, type Variant } from "../../rig/gateway/variants";
import { needHost } from "../../rig/hosts/nginx-host";
import { oddNames } from "../../rig/gateway/odd-names";
import { FakeUpstream, Login, READER } from "../../rig/registry/fake-upstream";

const SECRET = `Basic ${Buffer.from("pod:s3cret-of-a-pod").toString("base64")}`;

for (const variant of ["Debian's 1.22 with njs", "1.31"] satisfies Variant[]) {
  describe(`the mirrors' site at nginx ${variant}`, function () {
    this.timeout(90_000);
    let mirrors: MirrorsOnHost;
    let hub: Mirrored;
    let ghcr: Mirrored;
    let quay: Mirrored;

    before(async function () {
      needHost(this);
      mirrors = new MirrorsOnHost(await startVariant(variant));
      await mirrors.prepare();
      hub = await mirrors.add("docker.io", await FakeUpstream.start(Login.Token));
      ghcr = await mirrors.add("ghcr.io", await FakeUpstream.start(Login.None));
      quay = await mirrors.add("quay.test:8443", await FakeUpstream.start(Login.Basic), {
        username: READER.user,
        password: READER.password,
        repositories: ["acme/**"],
      });
      await mirrors.put();
    });
    after(() => mirrors?.stop());

    const code = async (target: string, more: Parameters<MirrorsOnHost["ask"]>[1] = {}): Promise<number> =>
      (await mirrors.ask(target, more)).status;

    it("lets a node in by its certificate, and tells everybody else 403", async () => {
      const { node, unknown, strange } = mirrors.certificates;
      assert.equal(await code("/v2/", { shown: node }), 200);
      for (const [who, shown] of Object.entries({
        nobody: null,
        "a former node": unknown,
        "another CA": strange,
      })) {
        const answer = await mirrors.ask("/v2/docker.io/library/app/manifests/1", { shown });
        assert.equal(answer.status, 403, who);
        assert.equal(answer.headers["www-authenticate"], undefined);
      }
      assert.deepEqual(hub.fake.taken(), []);
    });

    it("hands out images of three registries under one name, and never mixes them", async () => {
      const made = [hub, ghcr, quay].map((each) => ({ ...each, ...each.fake.image("acme/app", "1") }));
      for (const { name, digest, layer } of made) {
        const tag = await mirrors.ask(`/v2/acme/app/manifests/1?ns=${encodeURIComponent(name)}`);
        assert.deepEqual([tag.status, tag.headers["docker-content-digest"]], [200, digest], name);
        assert.equal(await code(`/v2/acme/app/blobs/${layer}?ns=${name}`), 200);
        for (const other of made.filter((each) => each.name !== name))
          assert.equal(await code(`/v2/acme/app/blobs/${other.layer}?ns=${name}`), 404, `${other.name} by ${name}`);
      }
      const seen = (await mirrors.log()).filter(({ status }) => Number(status) === 200);
      assert.ok(seen.some(({ mirror, node }) => mirror === "quay.test_8443" && node === "node-1"));
    });

    it("takes a registry's name as a part of the path, and docker.io where none is said", async () => {
      const library = hub.fake.image("library/app", "1");
      const dots = ghcr.fake.image("some/app", "1");
      assert.equal((await mirrors.ask("/v2/library/app/manifests/1")).headers["docker-content-digest"], library.digest);
      const byPath = await mirrors.ask("/v2/ghcr.io/some/app/manifests/1");
      assert.equal(byPath.headers["docker-content-digest"], dots.digest);
      const port = quay.fake.image("acme/by-path", "1");
      const withPort = await mirrors.ask("/v2/quay.test_8443/acme/by-path/manifests/1");
      assert.equal(withPort.headers["docker-content-digest"], port.digest);
    });

    it("keeps what is fetched: the next node costs the registry nothing but the tag", async () => {
      const { layer, digest } = hub.fake.image("library/kept", "1");
      await mirrors.ask(`/v2/library/kept/manifests/1?ns=docker.io`);
      await mirrors.ask(`/v2/library/kept/blobs/${layer}?ns=docker.io`);
      await sleep(300);
      hub.fake.taken();
      assert.equal((await mirrors.ask(`/v2/library/kept/manifests/1?ns=docker.io`)).status, 200);
      assert.equal((await mirrors.ask(`/v2/library/kept/manifests/${digest}?ns=docker.io`)).status, 200);
      assert.equal((await mirrors.ask(`/v2/library/kept/blobs/${layer}?ns=docker.io`)).status, 200);
      assert.deepEqual(
        hub.fake.taken().filter((each) => !/^(HEAD \S+\/manifests\/1|GET \/token\S*|GET \/v2\/)$/.test(each)),
        [],
      );
    });

    it("only hands out, and only manifests and blobs", async () => {
      for (const method of ["POST", "PUT", "PATCH", "DELETE"])
        assert.equal(await code("/v2/library/app/manifests/1?ns=docker.io", { method }), 405, method);
      for (const target of [
        "/v2/_catalog",
        "/v2/library/app/tags/list",
        "/v2/library/app/referrers/sha256:aa",
        "/",
        "/v2",
      ])
        assert.equal(await code(`${target}?ns=docker.io`), 404, target);
    });

    it("opens of a registry at which it logs in only what is named", async () => {
      quay.fake.image("other/app", "1");
      quay.fake.taken();
      assert.equal(await code("/v2/other/app/manifests/1?ns=quay.test:8443"), 404);
      assert.equal(await code("/v2/acme/../other/app/manifests/1?ns=quay.test:8443"), 404);
      assert.equal(await code("/v2/acme%2f..%2fother/app/manifests/1?ns=quay.test:8443"), 404);
      assert.equal(await code("/v2/quay.test_8443/other/app/manifests/1"), 404);
      assert.deepEqual(quay.fake.taken(), []);
    });

    it("never hands on nor logs a pod's own secret, and never asks for one", async () => {
      ghcr.fake.taken();
      const answer = await mirrors.ask("/v2/some/app/manifests/1?ns=ghcr.io", { headers: { authorization: SECRET } });
      assert.equal(answer.status, 200);
      assert.ok(!ghcr.fake.asked.some(({ authorization }) => authorization !== ""));
      const { stdout } = await mirrors.host.run("cat /var/log/nginx/*");
      assert.ok(!stdout.includes(SECRET.slice(6)) && !stdout.includes("s3cret"));
    });

    it("dials nothing that a client says, whatever it says", async () => {
      const seen: string[] = [];
      const server: Server = createServer((socket) => {
        seen.push(`${socket.localAddress}:${socket.localPort}`);
        socket.destroy();
      });
      server.listen(0, "::"); // all addresses, of IPv4 too
      await once(server, "listening");
      const port = (server.address() as AddressInfo).port;
      for (const each of [hub, ghcr, quay]) each.fake.taken();
      const values = oddNames(port);
      assert.ok(values.length >= 400, String(values.length));
      const wrong: string[] = [];
      for (const value of values) {
        const status = await code(`/v2/acme/app/manifests/1?${value}`).catch(() => 400);
        if (status !== 404 && status !== 400) wrong.push(`${value}: ${status}`);
      }
      server.close();
      assert.deepEqual(wrong, []);
      assert.deepEqual(seen, []);
      assert.deepEqual(
        [hub, ghcr, quay].flatMap(({ fake }) => fake.taken()),
        [],
      );
    });

    it("takes no TLS session of another site's clients for a node", async () => {
      const { server, strangeCa, strange } = mirrors.certificates;
      const { httpsPort, sites } = mirrors.host;
      const file = (name: string, text: string) => mirrors.host.run(`umask 077; cat >/run/${name}`, text);
      await file("other.crt", server.cert);
      await file("other.key", server.key);
      await file("other-ca.crt", strangeCa.cert);
      await file("client.pem", strange.cert + strange.key);
      const other = `server { listen ${httpsPort} ssl; server_name other.test; ssl_certificate /run/other.crt;
        ssl_certificate_key /run/other.key; ssl_client_certificate /run/other-ca.crt; ssl_verify_client on;
        ssl_session_cache shared:other:1m; ssl_session_tickets on; return 200 "other\n"; }`;
      await mirrors.host.run(`cat >${sites}/aa-other.conf; nginx -s reload; sleep 0.5`, other);
      for (const version of ["-tls1_2", "-tls1_3"]) {
        const to = (name: string, more: string): string =>
          `{ printf 'GET /v2/ HTTP/1.1\\r\\nHost: ${name}\\r\\nConnection: close\\r\\n\\r\\n'; sleep 0.5; } | ` +
          `openssl s_client -connect 127.0.0.1:${httpsPort} -servername ${name} ${version} ${more} 2>/dev/null`;
        const there = await mirrors.host.run(to("other.test", "-cert /run/client.pem -sess_out /run/session -ign_eof"));
        assert.match(there.stdout, /HTTP\/1\.1 200/, version);
        const here = await mirrors.host.run(to("mirror.test", "-sess_in /run/session -ign_eof"));
        assert.match(here.stdout, /^(New|Reused), TLSv1/m, version);
        assert.doesNotMatch(here.stdout, /HTTP\/1\.1 200/, version);
      }
      await mirrors.host.run(`rm ${sites}/aa-other.conf; nginx -s reload`);
    });

    it("is judged and proven like every release, and drift sees when it lets everybody in", async () => {
      assert.equal((await mirrors.host.activate("check", mirrors.input())).code, 0);
      const file = (
        await mirrors.host.run(`readlink -f ${mirrors.host.sites}/zz-private-registry-main-mirror.conf`)
      ).stdout.trim();
      await mirrors.host.run(
        `cp -p ${file} /run/kept && sed -i 's/= -)/= never)/' ${file} && nginx -s reload && sleep 0.5`,
      );
      const found = await mirrors.host.activate("check", mirrors.input());
      assert.equal(found.code, 3);
      assert.match(found.stdout, /did not refuse a client without a certificate/);
      await mirrors.host.run(`cp -p /run/kept ${file} && nginx -s reload`);
      const withoutCurl = mirrors.input().replaceAll("command -v curl", "false");
      const again = await mirrors.host.activate("update", withoutCurl);
      assert.equal(again.code, 0, again.stderr);
    });
  });
}
