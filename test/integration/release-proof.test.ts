import * as assert from "node:assert/strict";
import { gatewayInput, gatewayRelease, OWNER, REGISTRY, responderInput, UI } from "../../rig/gateway/fixture";
import { remoteCommand } from "../../components/hosts/release";
import { startVariant, VARIANTS } from "../../rig/gateway/variants";
import { type NginxHost, needHost, type Outcome } from "../../rig/hosts/nginx-host";

const OTHER = "10.9.9.9";
const MARK = /^private-registry: done update main-gateway [0-9a-f]{20} \d+$/m;

for (const variant of VARIANTS) {
  describe(`what proves a release, on ${variant}`, function () {
    this.timeout(120_000);
    let host: NginxHost;
    let round = 0;

    before(async function () {
      needHost(this);
      host = await startVariant(variant, { ownNetwork: true });
      const prepared = await host.run(`ip address add ${OTHER}/32 dev lo`);
      assert.equal(prepared.code, 0, prepared.stderr);
      assert.match((await next()).stdout, MARK);
    });
    after(() => host?.stop());

    const changes = (more = {}) => ({ httpsPort: host.httpsPort, realm: `Release ${round}`, ...more });
    /** A release that differs from the one before, so that it goes all the way. */
    const next = async (more = {}, listen: string[] = []): Promise<Outcome> => {
      round++;
      return host.activate("update", await gatewayInput(changes(more), OWNER, listen));
    };
    const again = async (): Promise<Outcome> => host.activate("update", await gatewayInput(changes()));
    const check = async (): Promise<Outcome> => host.activate("check", await gatewayInput(changes()));
    const succeeds = async (outcome: Promise<Outcome>): Promise<Outcome> => {
      const done = await outcome;
      assert.equal(done.code, 0, done.stderr);
      assert.match(done.stdout, MARK);
      return done;
    };
    /** Runs a script, what has to hold while its effect lasts, and the script that ends it. */
    const during = async (begin: string, end: string, holds: () => Promise<void>): Promise<void> => {
      const begun = await host.run(`set -e\n${begin}`);
      assert.equal(begun.code, 0, begun.stderr);
      try {
        await holds();
      } finally {
        const ended = await host.run(`set -e\n${end}`);
        assert.equal(ended.code, 0, ended.stderr);
      }
    };
    const site = (text: string): string =>
      `cat >/etc/nginx/conf.d/theirs.conf <<'.'\n${text}\n.\nnginx -t -q && nginx -s reload && sleep 0.3`;
    /** What a host needs once between all addresses and single ones, as the message says. */
    const unbind = async (): Promise<void> => {
      await host.run(`rm -f ${host.sites}/zz-private-registry-main-gateway.conf`);
      assert.equal((await host.restartNginx()).code, 0);
    };
    const noSite = "rm /etc/nginx/conf.d/theirs.conf && nginx -s reload && sleep 0.3";

    it("folders of nginx that its workers can't enter: refused with the folder's name, nothing changed; drift says it", async () => {
      const files = await host.files();
      const modes = "find /etc/nginx -maxdepth 1 -type d -exec chmod 750 {} +";
      await during(modes, "chmod 755 /etc/nginx /etc/nginx/*/", async () => {
        const refused = await next();
        assert.equal(refused.code, 1);
        assert.match(refused.stderr, /workers \(user \S+\) can't get past \/etc\/nginx \(mode 750, root:root\)/);
        assert.match(refused.stderr, /chmod o\+x \/etc\/nginx; nothing was changed/);
        round--;
        const drift = await check();
        assert.equal(drift.code, 3);
        assert.match(drift.stdout, /^\/etc\/nginx: nginx's workers .* can't get past/m);
        assert.match(
          drift.stdout,
          /^nginx: did not let the stand-in user in at 127\.0\.0\.1:\d+: .* answers with 500/m,
        );
      });
      assert.equal(await host.files(), files);
      assert.equal((await check()).code, 0);
      await succeeds(next());
    });

    it("a memory that can't be written: the way back, with the reason; the same run goes on once it can", async () => {
      const memory = "/run/private-registry-main-gateway";
      await during(`mount -t tmpfs -o nr_inodes=1,mode=755 tmpfs ${memory}`, `umount ${memory}`, async () => {
        const refused = await next();
        assert.equal(refused.code, 1);
        assert.match(refused.stderr, /nginx reloaded, but .*(at 127\.0\.0\.1:\d+).*, so the former one is back/);
        const drift = await host.activate("check", await gatewayInput({ ...changes(), realm: `Release ${round - 1}` }));
        assert.equal(drift.code, 3, drift.stdout);
      });
      await succeeds(again());
    });

    it("what the host says for all sites changes neither who gets in nor what is remembered", async () => {
      const settings = [
        'auth_basic "Staging";\nauth_basic_user_file /run/nobody;',
        "deny all;",
        "proxy_cache_valid any 10m;",
        "proxy_no_cache 1;\nproxy_cache_bypass 1;",
        "proxy_cache_min_uses 9;",
        "proxy_intercept_errors on;\nerror_page 401 403 404 500 502 =200 /theirs;",
        "proxy_pass_request_headers off;",
        "satisfy any;",
        "limit_req_zone $binary_remote_addr zone=theirs:1m rate=30r/s;\nlimit_req zone=theirs burst=20 nodelay;",
        "limit_conn_zone $binary_remote_addr zone=theirs_too:1m;\nlimit_conn theirs_too 2;",
        "proxy_bind 127.0.0.9;\nproxy_next_upstream off;\nproxy_cache_revalidate on;",
        "expires 1y;",
        "ssl_early_data on;\nmerge_slashes off;\nauth_delay 1s;",
        "open_file_cache max=100;\nopen_file_cache_errors on;",
        "gzip_proxied any;\ngzip_types *;",
      ];
      // All at once: any of them would be enough.
      await during(`touch /run/nobody && ${site(settings.join("\n"))}`, noSite, async () => {
        await succeeds(next());
        assert.equal((await check()).stdout.replace(/^private-registry: (done|warning).*\n/gm, ""), "");
      });
    });

    it("an address of the host on which another site answers: a warning that names site and setting", async () => {
      const pair = `ssl_certificate /etc/nginx/private-registry/main-gateway/last-good/chain.pem;
        ssl_certificate_key /etc/nginx/private-registry/main-gateway/last-good/key.pem;`;
      const theirs = `server { listen ${OTHER}:${host.httpsPort} ssl; server_name theirs.example.org; ${pair} return 418; }`;
      const hosts = "cat /etc/hosts >/run/hosts";
      await during(`${hosts}\n${site(theirs)}`, `cat /run/hosts >/etc/hosts; ${noSite}`, async () => {
        const warned = await succeeds(next());
        const warning = /^private-registry: warning: at 10\.9\.9\.9:\d+ of this host another site answers (.*)$/m;
        assert.match(
          warning.exec(warned.stdout)?.[1] ?? "",
          /theirs\.conf listens on it.*gateways\[\]\.listenAddresses/,
        );
        const seen = await check();
        assert.equal(seen.code, 0, seen.stdout);
        assert.match(seen.stdout, warning);

        await host.run(`echo '${OTHER} ${REGISTRY}' >>/etc/hosts`);
        const refused = await next();
        assert.equal(refused.code, 1);
        assert.match(
          refused.stderr,
          /did not answer with the new release within \d+ s at 10\.9\.9\.9:\d+: another site/,
        );
        assert.match(refused.stderr, /so the former one is back/);

        const bound = await next({}, ["127.0.0.1"]);
        assert.equal(bound.code, 1);
        assert.match(
          bound.stderr,
          /bind\(\) to [^]* can't change by a reload.*rm \S+main-gateway\.conf && systemctl restart/,
        );
        await unbind();
        const chosen = await succeeds(next({}, ["127.0.0.1"]));
        assert.doesNotMatch(chosen.stdout, /warning: at 10/);
        const drift = await host.activate("check", await gatewayInput(changes(), OWNER, ["127.0.0.1"]));
        assert.equal(drift.code, 0, drift.stdout);
        const shared = await succeeds(next({}, [OTHER]));
        assert.doesNotMatch(shared.stdout, /warning: at/, "there nginx tells the two apart by name");
      });
      await unbind();
      await succeeds(next());
    });

    it("the address that SSH came to is asked, too", async () => {
      const listen = `server { listen ${OTHER}:${host.httpsPort}; return 418; }`;
      await during(site(listen), noSite, async () => {
        round++;
        const input = await gatewayInput(changes());
        const from = `SSH_CONNECTION='192.0.2.1 40000 ${OTHER} 22'; export SSH_CONNECTION; `;
        const refused = await host.run(from + remoteCommand("update"), input);
        assert.equal(refused.code, 1, refused.stdout);
        assert.match(refused.stderr, /did not answer with the new release within \d+ s at 10\.9\.9\.9:\d+: /);
        round--;
      });
    });

    it("port 80 is asked at the same addresses, since the CA comes to one of them", async () => {
      const input = responderInput(host.httpPort, host.httpsPort);
      const made = await host.activate("create", input);
      assert.equal(made.code, 0, made.stderr);
      const hosts = `cat /etc/hosts >/run/hosts && echo '${OTHER} ${UI}' >>/etc/hosts`;
      const theirs = `server { listen ${OTHER}:${host.httpPort}; return 418; }`;
      await during(`${hosts}\n${site(theirs)}`, `cat /run/hosts >/etc/hosts; ${noSite}`, async () => {
        const refused = await host.activate("update", input);
        assert.equal(refused.code, 1);
        assert.match(refused.stderr, /at 10\.9\.9\.9:\d+: another site or program answers there/);
        const drift = await host.activate("check", input);
        assert.equal(drift.code, 3);
      });
      assert.equal((await host.activate("check", input)).code, 0);
    });

    it("a registry that does not answer yet is a warning", async () => {
      const done = await succeeds(next({ registryNodePort: 1 }));
      assert.match(
        done.stdout,
        /^private-registry: warning: the gateway serves .* but the registry behind it answers with 502/m,
      );
    });

    it("a host without curl is asked by openssl; one without either is told what to install", async () => {
      round++;
      const input = await gatewayInput(changes());
      const noCurl = input.replaceAll(/\bcommand -v curl\b/g, "false");
      await succeeds(host.activate("update", noCurl));
      assert.equal((await host.activate("check", noCurl)).code, 0);
      const neither = await host.activate("update", noCurl.replaceAll(/\bcommand -v openssl\b/g, "false"));
      assert.match(neither.stderr, /neither curl nor openssl/);
    });

    it("the stand-in opens nothing: one path, one method, from the host to itself", async () => {
      await host.run(": >/var/log/nginx/docker.access.log");
      await succeeds(next());
      assert.equal((await host.run("cat /var/log/nginx/docker.access.log")).stdout, "", "no line for the proof");
      const { hash } = await gatewayRelease(changes());
      const folder = `/etc/nginx/private-registry/main-gateway/releases/${hash}`;
      const ask = async (path: string, more = ""): Promise<string> => {
        const url = `https://${REGISTRY}:${host.httpsPort}${path}`;
        const script = `printf 'user = ".probe:%s"\\n' "$(cat ${folder}/stand-in)" |
          curl -sk -K - ${more} -o /dev/null -w '%{http_code}' --resolve ${REGISTRY}:${host.httpsPort}:127.0.0.1 '${url}'`;
        return (await host.run(script)).stdout;
      };
      assert.equal(await ask("/v2/"), "502", "let in; nobody is behind");
      assert.equal(await ask("/v2/", "--interface 127.0.0.2"), "401", "from another address");
      assert.equal(await ask("/v2/", `--interface ${OTHER}`), "401", "from another address of the host");
      for (const path of [
        "/v2",
        "/v2/?",
        "/v2/_catalog",
        "/v2/a/manifests/1",
        "//v2/",
        "/",
        "/.private-registry/token",
      ])
        assert.match(await ask(path), /^(401|403|404)$/, path);
      for (const method of ["PUT", "POST", "DELETE", "PATCH", "HEAD"])
        assert.match(await ask("/v2/", method === "HEAD" ? "-I" : `-X ${method}`), /^(401|403)$/, method);
      assert.equal((await host.run(`stat -c '%a %U' ${folder}/stand-in`)).stdout, "600 root\n");
    });
  });
}
