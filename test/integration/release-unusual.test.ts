import * as assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { gatewayInput, OWNER, REGISTRY } from "../../rig/gateway/fixture";
import { startVariant, VARIANTS } from "../../rig/gateway/variants";
import { type NginxHost, needHost, type Outcome } from "../../rig/hosts/nginx-host";

/** Answers every DNS question on one address with 127.0.0.1, and none that comes to the other: it is only open. */
const NAMESERVERS = `
const dgram = require("node:dgram");
dgram.createSocket("udp4").bind(53, "127.0.0.11");
const server = dgram.createSocket("udp4", (question, from) => {
  const end = question.indexOf(0, 12) + 5;
  const isA = question.readUInt16BE(end - 4) === 1;
  const head = Buffer.concat([question.subarray(0, 2), Buffer.from([0x81, 0x80, 0, 1, 0, isA ? 1 : 0, 0, 0, 0, 0])]);
  const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
  server.send(Buffer.concat([head, question.subarray(12, end), ...(isA ? [answer] : [])]), from.port, from.address);
});
server.bind(53, "127.0.0.12", () => console.log("listens"));
`;

for (const variant of VARIANTS) {
  describe(`unusual hosts are served, or refused with the true reason, on ${variant}`, function () {
    this.timeout(120_000);
    let host: NginxHost;
    let round = 0;

    beforeEach(async function () {
      needHost(this);
      host = await startVariant(variant, { ownNetwork: true });
    });
    afterEach(() => host?.stop());

    const run = async (script: string): Promise<string> => {
      const done = await host.run(`set -e\n${script}`);
      assert.equal(done.code, 0, done.stderr);
      return done.stdout;
    };
    const put = async (more = {}, listen: string[] = [], change = (text: string) => text): Promise<Outcome> => {
      const input = await gatewayInput(
        { httpsPort: host.httpsPort, realm: `Round ${++round}`, ...more },
        OWNER,
        listen,
      );
      return host.activate("update", change(input));
    };
    const succeeds = async (outcome: Promise<Outcome>): Promise<Outcome> => {
      const done = await outcome;
      assert.equal(done.code, 0, done.stderr);
      return done;
    };
    const realm = async (name = REGISTRY, address = "127.0.0.1"): Promise<string> => {
      const url = `https://${name}:${host.httpsPort}/v2/`;
      const done = await host.run(`curl -ski --connect-to '::${address}:' '${url}' | grep -i ^www-authenticate`);
      return /realm="(.*)"/.exec(done.stdout)?.[1] ?? "nothing";
    };

    it("a reload that takes long, since a name is looked up at a nameserver that does not answer", async () => {
      const [program = "", ...prefix] = host.networkPrefix();
      const names = spawn(program, [...prefix, process.execPath, "-e", NAMESERVERS], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await once(names.stdout, "data");
      try {
        await run(`printf 'nameserver 127.0.0.11\\nnameserver 127.0.0.12\\noptions timeout:3 attempts:1\\n' >/run/resolv
          mount --bind /run/resolv /etc/resolv.conf
          echo 'server { listen 127.0.0.1:${host.httpPort}; location / { proxy_pass http://slow.example.net:1; } }' \\
            >${host.sites}/slow.conf`);
        const done = await succeeds(put());
        assert.ok(done.seconds > 6, `${done.seconds} s`);
        assert.equal(await realm(), `Round ${round}`);
      } finally {
        names.kill();
      }
    });

    it("BusyBox's flock, which can't wait", async () => {
      // Debian builds BusyBox without it: this one takes what that one takes.
      const script = `case " $* " in *" -w "*) echo "flock: unrecognized option: w"; exit 1 ;; esac; exec /usr/bin/flock "$@"`;
      await run(`mount -t tmpfs tmpfs /usr/local/sbin
        printf '#!/bin/sh\\n%s\\n' '${script}' >/usr/local/sbin/flock; chmod 755 /usr/local/sbin/flock`);
      await succeeds(put());
      await host.run("exec 9>/run/private-registry.lock; flock -x 9; (sleep 3) >/dev/null 2>&1 & disown");
      const waited = await succeeds(put());
      assert.ok(waited.seconds > 1.5, "it waits for whoever has the lock");
    });

    it("Alpine's folders: conf.d outside of http, the sites in http.d", async () => {
      await run(`cd /etc/nginx && mkdir http.d && mv ${host.sites}/* http.d/ && rm -rf sites-enabled conf.d/* && mkdir -p conf.d
        sed -i -e '/include.*sites-enabled/d' -e 's#include /etc/nginx/conf.d/\\*.conf;#include /etc/nginx/http.d/*;#' nginx.conf
        sed -i '1i include /etc/nginx/conf.d/*.conf;' nginx.conf
        nginx -t -q && nginx -s reload && sleep 0.3`);
      await succeeds(put());
      assert.equal(await realm(), `Round ${round}`);
      assert.match(await host.files(), /http\.d\/zz-private-registry-main-gateway\.conf/);
    });

    it("a site of somebody else with proxy_protocol on the same port", async () => {
      await succeeds(put());
      const folder = "/etc/nginx/private-registry/main-gateway/last-good";
      await run(`echo 'server { listen ${host.httpsPort} ssl proxy_protocol; server_name theirs.example.org;
        ssl_certificate ${folder}/chain.pem; ssl_certificate_key ${folder}/key.pem; }' >/etc/nginx/conf.d/a-theirs.conf`);
      await succeeds(put());
      const url = `https://${REGISTRY}:${host.httpsPort}/v2/`;
      const asked = await host.run(`curl -ski --haproxy-protocol --connect-to '::127.0.0.1:' ${url}`);
      assert.match(asked.stdout, new RegExp(`realm="Round ${round}"`));
      const broken = await put({ extraRegistryDirectives: "access_log syslog:server=127.0.0.1 no_such_format;" });
      assert.match(broken.stderr, /nginx refuses this release.*nginx says:\n.*unknown log format "no_such_format"/s);
    });

    it("a host whose sites listen on one address: the reason, and a setting", async () => {
      await run(`ip address add 10.9.9.9/32 dev lo
        echo 'server { listen 10.9.9.9:${host.httpsPort}; return 418; }' >/etc/nginx/conf.d/theirs.conf
        nginx -t -q && nginx -s reload && sleep 0.3`);
      const refused = await put();
      assert.equal(refused.code, 1);
      assert.match(
        refused.stderr,
        /bind\(\) to 0\.0\.0\.0:\d+ failed[^]*set gateways\[\]\.listenAddresses to the addresses/,
      );
      await run("ip address add 10.9.9.10/32 dev lo");
      await succeeds(put({}, ["10.9.9.10"]));
      assert.equal(await realm(REGISTRY, "10.9.9.10"), `Round ${round}`);
      assert.equal((await host.restartNginx()).code, 0);
      assert.equal(await realm(REGISTRY, "10.9.9.10"), `Round ${round}`);
    });

    it("a long name beside somebody else's *.example.com on the same port", async () => {
      const long = "the-registry-of-the-third-department.example.com";
      assert.equal(long.length, 48);
      await succeeds(put());
      const folder = "/etc/nginx/private-registry/main-gateway/last-good";
      await run(`echo 'server { listen ${host.httpsPort} ssl; server_name *.example.com; return 418;
        ssl_certificate ${folder}/chain.pem; ssl_certificate_key ${folder}/key.pem; }' >/etc/nginx/conf.d/a-theirs.conf
        nginx -t -q && nginx -s reload && sleep 0.3`);
      await succeeds(put({ registryHost: long, uiHost: undefined }));
      assert.equal(await realm(long), `Round ${round}`);
      assert.equal(await realm("theirs.example.com"), "nothing", "theirs is still theirs");
    });

    it("an nginx of its own folder that is not in the path", async () => {
      await run(`nginx -s quit; sleep 0.5
        mkdir -p /run/own/sbin /run/own/conf /run/own/logs && cp -L "$(readlink -f "/proc/self/exe")" /run/own/x; rm /run/own/x
        program=$(sed -n 's/.*exec "\\([^"]*\\)".*/\\1/p' /usr/sbin/nginx 2>/dev/null | head -n 1)
        cp "\${program:-/usr/sbin/nginx}" /run/own/sbin/nginx
        mkdir /run/own/conf/conf.d
        sed -e 's#/etc/nginx/conf.d#/run/own/conf/conf.d#' -e '/sites-enabled/d' -e '/modules-enabled/d' -e 's#/run/nginx.pid#/run/own/logs/nginx.pid#' \\
          /etc/nginx/nginx.conf >/run/own/conf/nginx.conf
        cp /etc/nginx/mime.types /run/own/conf/ 2>/dev/null || true
        sed -i 's#include /etc/nginx/mime.types#include /run/own/conf/mime.types#' /run/own/conf/nginx.conf
        printf '#!/bin/false\\n' >/run/none; mount --bind /run/none /usr/sbin/nginx
        /run/own/sbin/nginx -p /run/own/ -c conf/nginx.conf`);
      await succeeds(put());
      assert.equal(await realm(), `Round ${round}`);
      assert.match(await run("ls /run/own/conf/conf.d"), /zz-private-registry-main-gateway\.conf/);
    });
  });
}
