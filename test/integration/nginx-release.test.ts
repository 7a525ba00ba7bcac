import * as assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { remoteCommand } from "../../components/hosts/release";
import { ask } from "../../rig/gateway/client";
import {
  gatewayInput,
  gatewayRelease,
  OWNER,
  REGISTRY,
  responderInput,
  THUMBPRINT,
  USERS,
} from "../../rig/gateway/fixture";
import { Upstreams } from "../../rig/gateway/upstream";
import { freePorts, NginxHost, needHost } from "../../rig/hosts/nginx-host";

for (const layout of ["debian", "nginx.org"] as const) {
  describe(`a release on a host with ${layout}'s folders`, function () {
    this.timeout(60_000);
    let host: NginxHost;
    let upstreams: Upstreams;
    const group = layout === "debian" ? "www-data" : "nginx";
    const auth = `${USERS[0]?.name}:${USERS[0]?.password}`;
    const changes = (more: Parameters<typeof gatewayInput>[0] = {}) => ({
      httpsPort: host.httpsPort,
      registryNodePort: upstreams.registryPort,
      uiNodePort: upstreams.uiPort,
      ...more,
    });
    const status = async (port = host.httpsPort) => (await ask({ port, auth })).status;
    const neighbour = async () => (await ask({ port: host.neighbourPort, tls: false, path: "/" })).body;

    before(async function () {
      needHost(this);
      host = await NginxHost.start({ layout });
      upstreams = await Upstreams.start();
    });
    after(async () => {
      await host?.stop();
      upstreams?.stop();
    });

    it("the port-80 site answers any challenge and redirects the rest", async () => {
      const done = await host.activate("create", responderInput(host.httpPort, host.httpsPort));
      assert.equal(done.code, 0, done.stderr);
      const port = host.httpPort;
      const answer = await ask({ port, tls: false, path: "/.well-known/acme-challenge/a_token-1" });
      assert.deepEqual([answer.status, answer.body], [200, `a_token-1.${THUMBPRINT}`]);
      const rest = await ask({ port, tls: false, path: "/v2/?a=b" });
      assert.deepEqual([rest.status, rest.headers.location], [301, `https://${REGISTRY}:${host.httpsPort}/v2/?a=b`]);
      assert.equal((await ask({ port, tls: false, path: "/.well-known/acme-challenge/a/b" })).status, 301);
    });

    it("is live after create, and the neighbour's site is as it was", async () => {
      const done = await host.activate("create", await gatewayInput(changes()));
      assert.equal(done.code, 0, done.stderr);
      assert.equal(await status(), 200);
      assert.equal(await neighbour(), "neighbour\n");
    });

    it("has keys that only root reads, and a user file that only nginx's group reads", async () => {
      const release = await gatewayRelease(changes());
      const folder = `/etc/nginx/private-registry/main-gateway/releases/${release.hash}`;
      const modes = (await host.run(`cd ${folder} && stat -c '%n %a %U:%G' key.pem client-key.pem users .`)).stdout;
      assert.equal(
        modes,
        `key.pem 600 root:root\nclient-key.pem 600 root:root\nusers 640 root:${group}\n. 750 root:${group}\n`,
      );
    });

    it("done again changes no file", async () => {
      const files = await host.files();
      const done = await host.activate("update", await gatewayInput(changes()));
      assert.equal(done.code, 0, done.stderr);
      assert.equal(await host.files(), files);
    });

    it("a failed nginx -t leaves the served release and all files as they were, and shows nginx's message", async () => {
      const files = await host.files();
      const done = await host.activate(
        "update",
        await gatewayInput(changes({ extraRegistryDirectives: "no_such 1;" })),
      );
      assert.equal(done.code, 1);
      assert.match(done.stderr, /unknown directive "no_such"/);
      assert.equal(await host.files(), files);
      assert.equal(await status(), 200);
    });

    it("what nginx accepts and then can't serve is rolled back, with nginx's message", async () => {
      const files = await host.files();
      const [taken = 0] = await freePorts(1);
      const thief = createServer().listen(taken, "0.0.0.0");
      await once(thief, "listening");
      const done = await host.activate("update", await gatewayInput(changes({ httpsPort: taken })));
      thief.close();
      assert.equal(done.code, 1);
      assert.match(done.stderr, new RegExp(`bind\\(\\) to 0.0.0.0:${taken} failed`));
      // 5 s of waiting, and 2 more for each second that nginx's own test takes.
      assert.ok(done.seconds < 12, `it took ${done.seconds} s`);
      assert.equal(await host.files(), files);
      assert.equal(await status(), 200);
    });

    it("a name that another site of the host serves is refused", async () => {
      const other = `${host.sites}/00-other.conf`;
      const hash = (await gatewayRelease(changes())).hash;
      const folder = `/etc/nginx/private-registry/main-gateway/releases/${hash}`;
      const pair = `ssl_certificate ${folder}/chain.pem; ssl_certificate_key ${folder}/key.pem;`;
      const text = `server { listen ${host.httpsPort} ssl; server_name ${REGISTRY}; ${pair} return 418; }`;
      await host.run(`echo '${text}' >${other}`);
      const done = await host.activate("update", await gatewayInput(changes({ realm: "Another" })));
      await host.run(`rm ${other}`);
      assert.equal(done.code, 1);
      assert.match(done.stderr, new RegExp(`another site on this host already serves ${REGISTRY}`));
    });

    it("a release that arrives cut short is not run", async () => {
      const files = await host.files();
      const whole = await gatewayInput(changes({ realm: "Short" }));
      for (const part of [0.1, 0.5, 0.9, 0.9999]) {
        const done = await host.activate("update", whole.slice(0, Math.floor(whole.length * part)));
        assert.equal(done.code, 75);
        assert.match(done.stderr, /cut short/);
      }
      assert.equal(await host.files(), files);
    });

    it("a check names every difference, and changes nothing", async () => {
      const input = await gatewayInput(changes());
      const same = await host.activate("check", input);
      assert.deepEqual([same.code, same.stderr], [0, ""]);
      assert.match(same.stdout, /^(private-registry: warning: .*\n)?private-registry: done check .*\n$/);
      const folder = `/etc/nginx/private-registry/main-gateway/releases/${(await gatewayRelease(changes())).hash}`;
      await host.run(
        `cd ${folder} && cp -a . /run/copy && echo >>users && chmod 644 key.pem && rm chain.pem && chgrp 0 granted/yes && echo >extra`,
      );
      const files = await host.files();
      const other = await host.activate("check", input);
      assert.equal(other.code, 3);
      const found = other.stdout.trim().split("\n").sort();
      const verdict = found.filter((line) => line.startsWith("nginx: "));
      assert.match(verdict[0] ?? "", /^nginx: did not let the stand-in user in at 127\.0\.0\.1:\d+: /);
      assert.match(
        verdict[1] ?? "",
        /^nginx: refuses this host's configuration, so it would not start again: .*chain\.pem/,
      );
      assert.deepEqual(
        found.filter((line) => !line.startsWith("nginx: ")),
        [
          `${folder}/chain.pem: is missing`,
          `${folder}/extra: is not of this release`,
          `${folder}/granted/yes: has the group root, and nginx's workers can't read it`,
          `${folder}/key.pem: has mode 0644 and not 0600`,
          `${folder}/users: has another content`,
        ],
      );
      assert.equal(await host.files(), files);
      await host.run(`cp -a /run/copy/. ${folder}/ && rm ${folder}/extra`);
      const next = await host.activate("check", await gatewayInput(changes({ realm: "Next" })));
      assert.match(next.stdout, /zz-private-registry-main-gateway.conf: points to /);
    });

    it("a changed file of the live release is put right by the next run", async () => {
      const release = await gatewayRelease(changes());
      const folder = `/etc/nginx/private-registry/main-gateway/releases/${release.hash}`;
      const files = await host.files();
      await host.run(`echo >>${folder}/users; chmod 644 ${folder}/key.pem; rm ${folder}/chain.pem`);
      const done = await host.activate("update", await gatewayInput(changes()));
      assert.equal(done.code, 0, done.stderr);
      assert.equal(await host.files(), files);
    });

    it("on a host that allows no mount namespace, has no curl and no list of children, it is the same", async () => {
      const poor = (input: string) =>
        input
          .replace("command -v curl", "command -v no-such-program")
          .replace('[ -r "/proc/$master/task/$master/children" ]', () => "false");
      const unable = (input: string) =>
        host.run(`setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin ${shell(remoteCommand("update"))}`, input);
      const shell = (command: string) => `bash -c '${command.replace(/'/g, "'\\''")}'`;
      const done = await unable(poor(await gatewayInput(changes({ realm: "Poor" }))));
      assert.equal(done.code, 0, done.stderr);
      assert.equal((await ask({ port: host.httpsPort })).headers["www-authenticate"], 'Basic realm="Poor"');
      const files = await host.files();
      const refused = await unable(poor(await gatewayInput(changes({ extraRegistryDirectives: "no_such 1;" }))));
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /unknown directive "no_such"/);
      assert.equal(await host.files(), files);
      assert.equal(await neighbour(), "neighbour\n");
    });

    it("the last three releases stay on disk", async () => {
      for (const realm of ["One", "Two", "Three", "Four"]) {
        const done = await host.activate("update", await gatewayInput(changes({ realm })));
        assert.equal(done.code, 0, done.stderr);
      }
      const kept = (await host.run("ls /etc/nginx/private-registry/main-gateway/releases")).stdout.trim().split("\n");
      assert.equal(kept.length, 3);
    });

    it("a delete by a former owner leaves the site alone", async () => {
      const files = await host.files();
      const done = await host.activate(
        "delete",
        await gatewayInput(changes(), OWNER.replace("192.0.2.4", "192.0.2.9")),
      );
      assert.equal(done.code, 0, done.stderr);
      assert.match(done.stdout, /not ours \(any more\)/);
      assert.equal(await host.files(), files);
    });

    it("a site of another stack is not taken over by a create", async () => {
      const done = await host.activate(
        "create",
        await gatewayInput(changes({ realm: "X" }), "other/dev/x 192.0.2.4:22"),
      );
      assert.equal(done.code, 1);
      assert.match(done.stderr, /written by shop\/dev\/main-gateway/);
    });

    it("delete removes all of ours and nothing else", async () => {
      for (const input of [await gatewayInput(changes()), responderInput(host.httpPort, host.httpsPort)]) {
        const done = await host.activate("delete", input);
        assert.equal(done.code, 0, done.stderr);
      }
      assert.doesNotMatch(await host.files(), /private-registry/);
      assert.equal((await host.run("ls -d /run/private-registry-*")).stdout, "");
      await assert.rejects(status(), /ECONNREFUSED/);
      assert.equal(await neighbour(), "neighbour\n");
    });
  });
}
