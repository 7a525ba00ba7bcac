import * as assert from "node:assert/strict";
import { remoteCommand } from "../../components/hosts/release";
import { ask } from "../../rig/gateway/client";
import { gatewayInput } from "../../rig/gateway/fixture";
import { NginxHost, needHost, type Outcome } from "../../rig/hosts/nginx-host";

/** Ways to write the include of the folder of sites, in the http block, that nginx takes. */
const SPELLINGS: Record<string, string> = {
  "as Debian has it": "include /etc/nginx/sites-enabled/*;",
  "in double quotes": 'include "/etc/nginx/sites-enabled/*";',
  "in single quotes": "include '/etc/nginx/sites-enabled/*';",
  relative: "include sites-enabled/*;",
  "relative, in quotes": 'include "sites-enabled/*";',
  "from the folder itself": "include ./sites-enabled/*;",
  "with slashes to spare": "include /etc//nginx/./sites-enabled//*;",
  "by way of another folder": "include /etc/nginx/conf.d/../sites-enabled/*;",
  "with tabs": "\tinclude\t\t/etc/nginx/sites-enabled/*\t;",
  "over two lines": "include\n        /etc/nginx/sites-enabled/*\n    ;",
  "after another on its line": "include /etc/nginx/conf.d/*.conf; include /etc/nginx/sites-enabled/*;",
  "after a comment with a quote": `# it's here: include "x;\n    include '/etc/nginx/sites-enabled/*';`,
  "with the directive in quotes": `"include" /etc/nginx/sites-enabled/*;`,
  "for a part of the names": "include /etc/nginx/sites-enabled/neigh*; include /etc/nginx/sites-enabled/*.conf;",
};

/** Ways that no copy of the main configuration can follow. */
const OUT_OF_REACH: Record<string, string> = {
  "in another file": "include /etc/nginx/all-sites.inc;",
  "by a pattern for the folder": "include /etc/nginx/conf.d/*.conf; include /etc/nginx/site[s]-enabled/*;",
};

describe("the judgement of a release", function () {
  this.timeout(180_000);
  let host: NginxHost;

  before(async function () {
    needHost(this);
    host = await NginxHost.start();
    await host.run("cp /etc/nginx/nginx.conf /etc/nginx/nginx.conf.kept; mkdir -p /etc/nginx/conf.d");
    await host.run("echo 'include /etc/nginx/sites-enabled/*;' >/etc/nginx/all-sites.inc");
    const done = await host.activate("create", await input("Zero"));
    assert.equal(done.code, 0, done.stderr);
  });
  after(() => host?.stop());

  const input = (realm: string, more: Parameters<typeof gatewayInput>[0] = {}) =>
    gatewayInput({ httpsPort: host.httpsPort, realm, ...more });
  const served = async (): Promise<string | undefined> =>
    /realm="(.*)"/.exec((await ask({ port: host.httpsPort })).headers["www-authenticate"] ?? "")?.[1];
  /** Without the right to make mount namespaces. */
  const unable = (text: string): Promise<Outcome> => {
    const command = remoteCommand("update").replace(/'/g, "'\\''");
    return host.run(`setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin bash -c '${command}'`, text);
  };
  const write = async (include: string): Promise<void> => {
    const text = include.replace(/'/g, "'\\''");
    const done = await host.run(`grep -v -e sites-enabled -e conf.d /etc/nginx/nginx.conf.kept >/run/conf
      INCLUDE='${text}' awk '{ print } /^http \\{/ { print "    " ENVIRON["INCLUDE"] }' /run/conf >/etc/nginx/nginx.conf && nginx -t -q && nginx -s reload`);
    assert.equal(done.code, 0, done.stderr);
  };

  let round = 0;
  for (const [how, include] of Object.entries(SPELLINGS)) {
    // With a mount namespace it makes no difference how the include is written: a few are enough.
    const able = round++ % 5 === 0;
    it(`is nginx's own where the include is written ${how}, without mount namespaces${able ? " and with them" : ""}`, async () => {
      await write(include);
      for (const run of [unable, ...(able ? [(text: string) => host.activate("update", text)] : [])]) {
        const files = await host.files();
        const before = await served();
        const bad = await run(await input("Bad", { extraRegistryDirectives: "no_such 1;" }));
        assert.equal(bad.code, 1);
        assert.match(bad.stderr, /nginx refuses this release, nothing was changed[^]*unknown directive "no_such"/);
        assert.deepEqual([await host.files(), await served()], [files, before]);
        const good = await run(await input(`Round ${++round}`));
        assert.equal(good.code, 0, good.stderr);
        assert.equal(await served(), `Round ${round}`);
      }
    });
  }

  for (const [how, include] of Object.entries(OUT_OF_REACH)) {
    it(`is none without mount namespaces where the include is written ${how}: said so, and nothing changed`, async () => {
      await write(include);
      const files = await host.files();
      const before = await served();
      for (const text of [await input("New"), await input("Bad", { extraRegistryDirectives: "no_such 1;" })]) {
        const done = await unable(text);
        assert.equal(done.code, 1);
        assert.match(done.stderr, /can't test on this host|does not include \/etc\/nginx\/conf\.d\/\*\.conf/);
        assert.deepEqual([await host.files(), await served()], [files, before]);
      }
    });
  }

  it("leaves new log files with owner and mode of the host's other logs, a neighbour's too", async () => {
    await write(SPELLINGS["as Debian has it"] ?? "");
    for (const [owner, mode] of [
      ["www-data:adm", "640"],
      ["root:root", "644"],
    ]) {
      await host.run(`sleep 0.5; chown ${owner} /var/log/nginx/*.log; chmod ${mode} /var/log/nginx/*.log
        rm -f /var/log/nginx/docker.*.log /var/log/nginx/neighbour.log; mkdir -p /var/log/other
        echo 'server { listen 127.0.0.1:${host.httpPort}; access_log /var/log/other/site.log; }' >/etc/nginx/sites-enabled/logs
        rm -f /var/log/other/site.log`);
      const done = await host.activate("update", await input(`Logs ${mode}`));
      assert.equal(done.code, 0, done.stderr);
      const logs = "/var/log/nginx/docker.access.log /var/log/nginx/docker.error.log /var/log/other/site.log";
      const found = (await host.run(`stat -c '%U:%G %a' ${logs}`)).stdout;
      assert.equal(found, `${owner} ${mode}\n`.repeat(3));
    }
  });
});
