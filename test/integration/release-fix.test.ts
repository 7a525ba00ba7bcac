import * as assert from "node:assert/strict";
import { gatewayInput, gatewayRelease, responderInput } from "../../rig/gateway/fixture";
import { GatewayOnHost, WHO } from "../../rig/gateway/on-host";
import { startVariant, VARIANTS } from "../../rig/gateway/variants";
import { needHost } from "../../rig/hosts/nginx-host";

for (const variant of VARIANTS) {
  describe(`what drift names is right again after the same release is sent again, on ${variant}`, function () {
    this.timeout(120_000);
    let gateway: GatewayOnHost;
    let input = "";
    let folder = "";

    before(async function () {
      needHost(this);
      gateway = await GatewayOnHost.on(await startVariant(variant));
      input = await gateway.input();
      const { registryPort, uiPort } = gateway.upstreams;
      const ports = { httpsPort: gateway.host.httpsPort, registryNodePort: registryPort, uiNodePort: uiPort };
      const { hash } = await gatewayRelease({ ...ports, guessesPerMinute: 6000 });
      folder = `/etc/nginx/private-registry/main-gateway/releases/${hash}`;
      assert.equal((await gateway.host.run(`test -d ${folder}`)).code, 0);
    });
    after(() => gateway?.stop());

    const check = async () => {
      const done = await gateway.host.activate("check", input);
      return {
        code: done.code,
        lines: done.stdout.split("\n").filter((line) => line !== "" && !line.startsWith("private-")),
      };
    };
    /** Changes the host; drift says it in these words; the same release puts it right, and no neighbour notices. */
    const fixes = async (change: string, ...said: RegExp[]): Promise<void> => {
      const changed = await gateway.host.run(`set -e\n${change}`);
      assert.equal(changed.code, 0, changed.stderr);
      const found = await check();
      assert.equal(found.code, 3, change);
      for (const each of said)
        assert.ok(
          found.lines.some((line) => each.test(line)),
          `${String(each)} in\n${found.lines.join("\n")}`,
        );
      const done = await gateway.host.activate("update", input);
      assert.equal(done.code, 0, done.stderr);
      assert.deepEqual(await check(), { code: 0, lines: [] });
      assert.equal(await gateway.code(WHO.push), 200);
      assert.equal((await gateway.host.restartNginx()).code, 0, "and nginx starts");
      assert.equal(await gateway.code(WHO.push), 200);
    };

    it("files, modes, groups and owners", async () => {
      await fixes(
        `echo >>${folder}/users; chmod 644 ${folder}/key.pem; chgrp 0 ${folder}/granted/yes; rm ${folder}/chain.pem`,
        /users: has a?.*content/,
        /key\.pem: has mode 0644 and not 0600/,
        /granted\/yes: has the group root/,
        /chain\.pem: is missing/,
        /^nginx: refuses this host's configuration, so it would not start again: .*chain\.pem/,
      );
    });

    it("folders that nginx's workers can't enter", async () => {
      await fixes(`chmod 700 ${folder}`, /releases\/[0-9a-f]+: has mode 700, owner root/, /can't get past/);
      await fixes("chmod 750 /etc/nginx/private-registry/main-gateway", /main-gateway: has mode 750/, /can't get past/);
    });

    it("links", async () => {
      await fixes(`rm ${folder}/../../last-good`, /last-good: does not point to/);
      await fixes(`rm ${folder}/host/with-memory.conf`, /host: is not for the nginx and the files/);
      await fixes(`rm ${gateway.host.sites}/zz-private-registry-main-gateway.conf`, /main-gateway\.conf: is missing/);
      await fixes(
        `ln -sfn /nowhere ${gateway.host.sites}/zz-private-registry-main-gateway.conf`,
        /points to \/nowhere and not to/,
      );
    });

    it("nginx's user was changed", async () => {
      await fixes(
        `echo 'other:x:4711:4711::/nonexistent:/bin/false' >>/etc/passwd; echo 'other:x:4711:' >>/etc/group
         sed -i 's/^user .*/user other;/' /etc/nginx/nginx.conf; nginx -t -q; nginx -s reload; sleep 1`,
        /users: has the group \S+, and nginx's workers can't read it/,
        /can't get past/,
      );
      const owner = await gateway.host.run("find /run/private-registry-main-gateway* ! -user other");
      assert.equal(owner.stdout, "", "nothing of the former user's is left in the memory");
    });

    if (variant !== "1.31") {
      it("njs was taken away, so that nginx would not start, and came back", async () => {
        const modules = "/etc/nginx/modules-enabled";
        const there = variant === "Debian's 1.22 with njs";
        const away = `mkdir -p /run/kept; mv ${modules}/*http-js* /run/kept/`;
        const back = `ln -sf /usr/share/nginx/modules-available/mod-http-js.conf ${modules}/50-mod-http-js.conf`;
        const is = /host: is not for the nginx and the files that this host has now: .*with-memory\.conf/;
        await fixes(there ? away : back, is, ...(there ? [/^nginx: refuses this host's configuration/] : []));
        await fixes(there ? back : away, is);
      });
    }

    it("nginx has a version that the release was not written for", async () => {
      const version = variant === "1.31" ? "1.22.1" : "1.31.0";
      const pretended = input.replace(
        "[[ $build =~ nginx/",
        () => `build="\${build/nginx\\/1./nginx/${version} was 1.}"; [[ $build =~ nginx/`,
      );
      const found = await gateway.host.activate("check", pretended);
      assert.equal(found.code, 3);
      assert.match(found.stdout, /host: is not for the nginx .*with-(keepalive|uploads|heads)\.conf/);
      const sent = await gateway.host.activate("update", pretended);
      if (variant === "1.31") {
        assert.equal(sent.code, 0, sent.stderr);
        assert.equal((await check()).code, 3);
        assert.equal((await gateway.host.activate("update", input)).code, 0);
      } else {
        // This nginx does not know what it is taken to know: it refuses, and nothing has been changed.
        assert.equal(sent.code, 1);
        assert.match(sent.stderr, /nginx refuses this release, nothing was changed; nginx says:[^]*unknown directive/);
      }
      assert.deepEqual(await check(), { code: 0, lines: [] });
    });

    it("port 80's site, too", async () => {
      const { host } = gateway;
      const responder = responderInput(host.httpPort, host.httpsPort);
      assert.equal((await host.activate("create", responder)).code, 0);
      await host.run(`rm ${host.sites}/zz-private-registry-main-responder.conf; nginx -s reload; sleep 0.5`);
      const found = await host.activate("check", responder);
      assert.equal(found.code, 3);
      assert.match(found.stdout, /^nginx: did not answer with the new release/m);
      assert.equal((await host.activate("update", responder)).code, 0);
      assert.equal((await host.activate("check", responder)).code, 0);
    });

    it("another owner is said, and not overwritten by a create of somebody else", async () => {
      const theirs = await gatewayInput({ httpsPort: gateway.host.httpsPort }, "other/dev/main-gateway 192.0.2.4:22");
      const refused = await gateway.host.activate("create", theirs);
      assert.match(refused.stderr, /was written by shop\/dev/);
    });
  });
}
