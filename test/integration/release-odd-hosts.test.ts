import * as assert from "node:assert/strict";
import { PROBE_HEADER } from "../../components/nginx/kind";
import { ask } from "../../rig/gateway/client";
import { gatewayInput, gatewayRelease, REGISTRY, USERS } from "../../rig/gateway/fixture";
import { NginxHost, needHost, type Outcome } from "../../rig/hosts/nginx-host";

const auth = `${USERS[0]?.name}:${USERS[0]?.password}`;

describe("a release on an odd host", function () {
  this.timeout(60_000);
  let host: NginxHost;

  beforeEach(async function () {
    needHost(this);
    host = await NginxHost.start();
    await succeed("One");
  });
  afterEach(() => host?.stop());

  const changes = (realm: string, more: Parameters<typeof gatewayInput>[0] = {}) => ({
    httpsPort: host.httpsPort,
    realm,
    ...more,
  });
  const update = async (realm: string): Promise<Outcome> => host.activate("update", await gatewayInput(changes(realm)));
  const succeed = async (realm: string): Promise<void> => {
    const done = await update(realm);
    assert.equal(done.code, 0, done.stderr);
    assert.equal(await served(), realm);
  };
  const served = async (): Promise<string | undefined> =>
    /realm="(.*)"/.exec((await ask({ port: host.httpsPort })).headers["www-authenticate"] ?? "")?.[1];
  /** The next release is refused with only this message; nothing on the host has changed, and the old one is served. */
  const refuses = async (message: RegExp, input?: string): Promise<void> => {
    const files = await host.files();
    const done = await host.activate("update", input ?? (await gatewayInput(changes("Two"))));
    assert.equal(done.code, 1);
    assert.match(done.stderr, message);
    assert.equal(done.stderr.match(/^private-registry: /gm)?.length, 1, done.stderr);
    assert.equal(await host.files(), files);
    assert.equal(await served(), "One");
  };
  const run = async (script: string): Promise<void> => {
    const done = await host.run(`set -e\n${script}`);
    assert.equal(done.code, 0, done.stderr);
  };

  it("whose nginx.conf reads no folder of sites is told the line to add", async () => {
    await run("sed -i '/sites-enabled/d; /conf.d/d' /etc/nginx/nginx.conf");
    await refuses(
      /nginx\.conf does not include \/etc\/nginx\/conf\.d\/\*\.conf.*\n +include \/etc\/nginx\/conf\.d\/\*\.conf;/s,
    );
    await run("sed -i 's#^http {#http {\\n include /etc/nginx/conf.d/*.conf;#' /etc/nginx/nginx.conf");
    await succeed("Two");
  });

  it("that lacks the folder of sites which its nginx.conf reads is told to make it", async () => {
    await run("mv /etc/nginx/sites-enabled /etc/nginx/away");
    await refuses(/there is no folder \/etc\/nginx\/sites-enabled, where the site has to be; make it/);
    await run("mv /etc/nginx/away /etc/nginx/sites-enabled");
    await succeed("Two");
  });

  it("whose folder of sites is a link keeps the live site while a release is tested, and takes one that is right", async () => {
    await run(
      "mv /etc/nginx/sites-enabled /etc/nginx/real-sites && ln -s /etc/nginx/real-sites /etc/nginx/sites-enabled",
    );
    await refuses(
      /unknown directive "no_such"/,
      await gatewayInput(changes("Two", { extraRegistryDirectives: "no_such 1;" })),
    );
    await succeed("Two");
    assert.match(await host.files(), /real-sites\/zz-private-registry-main-gateway\.conf/);
  });

  it("whose /etc/nginx is a link takes it", async () => {
    await run("cp -a /etc/nginx /etc/nginx-real && mv /etc/nginx /etc/nginx-old && ln -s nginx-real /etc/nginx");
    await succeed("Two");
    assert.equal((await host.restartNginx()).code, 0);
    assert.equal(await served(), "Two");
  });

  it("whose /etc can't be written says so", async () => {
    await run("mount --bind /etc/nginx /etc/nginx && mount -o remount,ro,bind /etc/nginx");
    await refuses(/Read-only file system[^]*could not be written to \/etc\/nginx\/private-registry/);
    await run("umount /etc/nginx");
    await succeed("Two");
  });

  it("without flock is told what to install, and not that somebody holds a lock", async () => {
    const without = (await gatewayInput(changes("Two"))).replaceAll(/\bflock\b/g, "no-such-flock");
    await refuses(/this host has no no-such-flock; install the package util-linux/, without);
  });

  it("without a running nginx, or any, or the file that names it, is told so", async () => {
    await run("mv /run/nginx.pid /run/nginx.pid.kept");
    await refuses(/nginx runs, but \/run\/nginx\.pid does not name its master process/);
    await run("mv /run/nginx.pid.kept /run/nginx.pid");
    const files = await host.files();
    await run("nginx -s quit; sleep 0.5");
    const stopped = await update("Two");
    assert.match(stopped.stderr, /nginx is not running on this host/);
    const without = (await gatewayInput(changes("Two"))).replace("command -v nginx", "command -v no-such-nginx");
    const absent = await host.activate("update", without);
    assert.match(absent.stderr, /nginx is not installed on this host/);
    assert.equal(await host.files(), files);
  });

  it("with a file of somebody else in the link's place leaves it there", async () => {
    await run(
      `cd ${host.sites} && mv zz-private-registry-main-gateway.conf .kept && cp -L .kept zz-private-registry-main-gateway.conf`,
    );
    await refuses(/zz-private-registry-main-gateway\.conf is there and is no link of ours; move it away/);
  });

  it("on which the name is answered by another site for the address of the probe goes back soon", async () => {
    const folder = `/etc/nginx/private-registry/main-gateway/releases/${(await gatewayRelease(changes("One"))).hash}`;
    const pair = `ssl_certificate ${folder}/chain.pem; ssl_certificate_key ${folder}/key.pem;`;
    const other = `server { listen 127.0.0.1:${host.httpsPort} ssl; server_name ${REGISTRY}; ${pair} return 418; }`;
    await run(`echo '${other}' >/etc/nginx/conf.d/other.conf`);
    const files = await host.files();
    const done = await update("Two");
    assert.equal(done.code, 1);
    assert.match(
      done.stderr,
      /reloaded, but did not answer with the new release within \d+ s at .*, so the former one is back/,
    );
    // 5 s of asking, and 2 more for each second that nginx's own test takes.
    assert.ok(done.seconds < 12, `${done.seconds} s`);
    assert.equal(await host.files(), files);
    await run("rm /etc/nginx/conf.d/other.conf && nginx -s reload");
  });

  it("that has SELinux gets its labels before the release is live, by restorecon (a stand-in here: no real SELinux can be had)", async () => {
    await run(`mount -t tmpfs tmpfs /usr/local/sbin
      cat >/usr/local/sbin/restorecon <<'.'
#!/bin/sh
echo "$@" "$(cd "$2" && echo *.conf)" "$(readlink ${host.sites}/zz-private-registry-main-gateway.conf)" >>/run/restorecon.log
.
      chmod 755 /usr/local/sbin/restorecon`);
    const live = (await gatewayRelease(changes("One"))).hash;
    await succeed("Two");
    const base = "/etc/nginx/private-registry/main-gateway/releases";
    const log = (await host.run("cat /run/restorecon.log")).stdout;
    assert.match(log, new RegExp(`^-R ${base}/\\.stage site\\.conf .* ${base}/${live}/site\\.conf\n$`));
  });

  it("whose worker ends in a reload of somebody else's between two looks at it is looked at again", async () => {
    await run(`mount -t tmpfs tmpfs /usr/local/sbin
      cat >/usr/local/sbin/cat <<'.'
#!/bin/sh
case "$1" in /proc/*/status) [ -e /run/was-gone ] || { touch /run/was-gone; exit 1; } ;; esac
exec /usr/bin/cat "$@"
.
      chmod 755 /usr/local/sbin/cat`);
    await succeed("Two");
    await run("test -e /run/was-gone");
  });

  it("that two stacks share serves both, and the end of one leaves the other", async () => {
    const second = { site: "second-gateway", registryHost: "r.example.org", uiHost: undefined, realm: "Second" };
    const owner = "other/prod/second-gateway 192.0.2.4:22";
    const input = await gatewayInput({ httpsPort: host.httpsPort, ...second }, owner);
    const made = await host.activate("create", input);
    assert.equal(made.code, 0, made.stderr);
    const asked = `curl -ski --resolve r.example.org:${host.httpsPort}:127.0.0.1 https://r.example.org:${host.httpsPort}/v2/`;
    assert.match((await host.run(asked)).stdout, /realm="Second"/);
    await succeed("Two");
    assert.match((await host.run(asked)).stdout, /realm="Second"/);
    const gone = await host.activate("delete", input);
    assert.equal(gone.code, 0, gone.stderr);
    assert.doesNotMatch(await host.files(), /second-gateway/);
    assert.equal(await served(), "Two");
  });

  it("answers a probe for another release as it answers anybody", async () => {
    const { hash } = await gatewayRelease(changes("One"));
    const status = async (value: string) =>
      (await ask({ port: host.httpsPort, headers: { [PROBE_HEADER]: value } })).status;
    assert.deepEqual([await status(hash), await status("0".repeat(20)), await status("")], [204, 401, 401]);
    assert.notEqual((await ask({ port: host.httpsPort, auth })).status, 204);
  });
});
