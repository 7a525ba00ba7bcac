import * as assert from "node:assert/strict";
import { PROBE_HEADER } from "../../components/nginx/kind";
import { ask } from "../../rig/gateway/client";
import { gatewayInput, gatewayRelease } from "../../rig/gateway/fixture";
import { END_NGINX, NginxHost, needHost } from "../../rig/hosts/nginx-host";

/** Each step from the one after staging on. */
const STEPS = ["test", "write the owner", "prepare the way back", "switch", "reload", "prove", "remember", "done"];

/** What happens at a step, on the host, and what ends it again. */
const FAULTS: Record<string, { begin: string; end: string }> = {
  "no inode and no block is left": {
    begin: `mkdir -p /etc/filler; dd if=/dev/zero of=/etc/filler/blocks bs=1024 2>/dev/null
      for one in {1..3000}; do : >/etc/filler/$one || break; done 2>/dev/null
      ! : 2>/dev/null >/etc/one-more || touch /run/not-full`,
    end: "rm -rf /etc/filler /etc/one-more",
  },
  "nginx is restarted": {
    begin: `${END_NGINX}
nginx 9>&-`,
    end: ":",
  },
  "another site is broken": {
    begin: "echo 'no_such 1;' >/etc/nginx/sites-enabled/00-broken",
    end: "rm -f /etc/nginx/sites-enabled/00-broken",
  },
  "the master is killed": { begin: "kill -9 $(cat /run/nginx.pid)", end: END_NGINX },
};

describe("the way back", function () {
  this.timeout(240_000);
  let host: NginxHost;
  const inputs = { one: "", two: "" };
  const hashes = { one: "", two: "" };
  let live: "one" | "two" = "one";
  const link = "/etc/nginx/sites-enabled/zz-private-registry-main-gateway.conf";
  const folder = "/etc/nginx/private-registry/main-gateway/releases";

  const run = async (script: string): Promise<string> => {
    const done = await host.run(script);
    assert.equal(done.code, 0, `${script}: ${done.stderr}`);
    return done.stdout.trim();
  };
  // Twice: a reload that was begun may end between the two questions.
  const served = async (): Promise<string> => {
    for (const [name, hash] of [...Object.entries(hashes), ...Object.entries(hashes)]) {
      const answer = await ask({ port: host.httpsPort, headers: { [PROBE_HEADER]: hash } }).catch(() => undefined);
      if (answer?.status === 204) return name;
    }
    return "nothing";
  };
  const linked = async (): Promise<string> => {
    const target = await run(`readlink ${link} || :`);
    return Object.entries(hashes).find(([, hash]) => target === `${folder}/${hash}/site.conf`)?.[0] ?? "nothing";
  };
  const neighbour = async () => (await ask({ port: host.neighbourPort, tls: false, path: "/" })).body;
  const update = async (to: "one" | "two"): Promise<void> => {
    const done = await host.activate("update", inputs[to]);
    assert.equal(done.code, 0, done.stderr);
    assert.equal(await served(), to);
    live = to;
  };
  /** An input whose steps are followed by this; waiting is shortened, and the proof can be made to fail. */
  const faulty = (input: string, step: string, begin: string, proven = true): string => {
    const changed = input
      .replace("bound=5", "bound=1")
      .replace("step() {", () => `step() {\nif [ "$1" = ${JSON.stringify(step)} ]; then ( ${begin}\n); fi`);
    return proven ? changed : changed.replace(/^probes=\(.*\)$/m, `probes=('http ${host.neighbourPort} neighbour')`);
  };

  before(async function () {
    needHost(this);
    host = await NginxHost.start({ diskKiB: 4096, inodes: 800 });
    for (const [name, realm] of [
      ["one", "One"],
      ["two", "Two"],
    ] as const) {
      const changes = { httpsPort: host.httpsPort, realm };
      hashes[name] = (await gatewayRelease(changes)).hash;
      inputs[name] = await gatewayInput(changes);
    }
    await update("one");
  });
  after(() => host?.stop());

  for (const [what, { begin, end }] of Object.entries(FAULTS)) {
    it(`is there when ${what}, at every step, also if the release can't be proven`, async () => {
      const cases = STEPS.flatMap((step) => [
        { step, proven: true },
        ...(["switch", "reload", "prove"].includes(step) ? [{ step, proven: false }] : []),
      ]);
      for (const { step, proven } of cases) {
        const to = live === "one" ? "two" : "one";
        const where = `${what} at "${step}"${proven ? "" : ", not proven"}`;
        const done = await host.activate("update", faulty(inputs[to], step, begin, proven));
        assert.equal(await run("ls /run/not-full 2>/dev/null || :"), "", `${where}: the disk was not full`);
        const now = await linked();
        assert.ok([live, to].includes(now), `${where}: the link points to ${now}: ${done.stderr}`);
        if (done.code === 0) assert.equal(now, to, where);
        else {
          assert.equal(done.stderr.match(/^private-registry: /gm)?.length, 1, done.stderr);
          if (/is back/.test(done.stderr)) assert.deepEqual([await served(), now], [live, live], done.stderr);
          assert.equal(now, live, `${where}: ${done.stderr}`);
          if (["reload", "prove"].includes(step))
            assert.match(done.stderr, /is back|points to the former release again/);
        }
        assert.ok((await run(`ls ${folder}`)).includes(hashes[now]), `${where}: the linked release is gone`);
        await run(end);
        const start = await host.restartNginx();
        assert.equal(start.code, 0, `${where}: nginx does not start: ${start.stderr}`);
        assert.equal(await served(), now, where);
        assert.equal(await neighbour(), "neighbour\n", where);
        await update(to);
      }
    });
  }

  it("takes the site away again if there was none before", async () => {
    assert.equal((await host.activate("delete", inputs[live])).code, 0);
    const done = await host.activate(
      "create",
      faulty(inputs.one, "prove", FAULTS["no inode and no block is left"]!.begin, false),
    );
    await run("rm -rf /etc/filler /etc/one-more");
    assert.match(done.stderr, /so the site is taken away again/);
    assert.deepEqual([await linked(), await served(), await neighbour()], ["nothing", "nothing", "neighbour\n"]);
    await update("one");
  });

  it("needs no new process: with none to be had from the switch on, the former release is back", async () => {
    const to = live === "one" ? "two" : "one";
    const group = "/sys/fs/cgroup/pids/private-registry-way-back";
    const begin = `mkdir -p ${group}; for one in $(pgrep -P $$) $$; do echo $one >${group}/cgroup.procs; done; echo 1 >${group}/pids.max`;
    const none = faulty(inputs[to], "reload", ":").replace('step "reload"', () => `${begin}\nstep "reload"`);
    const done = await host.activate("update", none);
    await host.run(`rmdir ${group}`);
    assert.match(done.stderr, /fork: .*Resource temporarily unavailable/);
    assert.equal(await linked(), live, done.stderr);
    assert.equal(await served(), live, done.stderr);
    await update(to);
  });

  it("is taken by the guard when the program and all that it has started are killed at once", async () => {
    const to = live === "one" ? "two" : "one";
    await host.activate("update", faulty(inputs[to], "prove", "kill -9 $$"));
    // The guard ends after the program does.
    for (let tries = 0; tries < 50 && (await served()) !== live; tries++) await run("sleep 0.05");
    assert.deepEqual([await linked(), await served()], [live, live]);
    await update(to);
  });

  it("keeps a release that a worker may still read, and takes it away once that has gone", async () => {
    await run("mkdir -p /var/lib/nginx/big && truncate -s 64M /var/lib/nginx/big/file");
    await run(`cat >/etc/nginx/sites-enabled/slow <<'.'
server { listen 127.0.0.1:${host.httpPort}; root /var/lib/nginx/big; location / { limit_rate 100k; } }
.
nginx -s reload; sleep 0.3
(curl -s -o /dev/null http://127.0.0.1:${host.httpPort}/file & echo $! >/run/slow.pid) >/dev/null 2>&1; sleep 0.3`);
    const realms = ["Three", "Four", "Five", "Six"];
    const released = [hashes[live]];
    for (const realm of realms) {
      const changes = { httpsPort: host.httpsPort, realm };
      released.push((await gatewayRelease(changes)).hash);
      const done = await host.activate("update", await gatewayInput(changes));
      assert.equal(done.code, 0, done.stderr);
    }
    const during = await run(`ls ${folder}`);
    for (const hash of released) assert.ok(during.includes(hash), "a release is gone that an old worker may read");
    await run("kill $(cat /run/slow.pid); rm /etc/nginx/sites-enabled/slow; sleep 0.3");
    await update("one");
    assert.equal((await run(`ls ${folder}`)).split("\n").length, 3);
  });

  it("leaves the release in a delete that can't tell nginx to let go of it", async () => {
    await run("mv /run/nginx.pid /run/kept");
    const done = await host.activate("delete", inputs.one);
    assert.equal(done.code, 1);
    assert.match(done.stderr, /\/run\/nginx\.pid does not name its master process[^]*the release stays on disk/);
    assert.deepEqual([await served(), (await run(`ls ${folder}`)).includes(hashes.one)], ["one", true]);
    await run("mv /run/kept /run/nginx.pid");
    assert.equal((await host.activate("delete", inputs.one)).code, 0);
    assert.deepEqual([await served(), await neighbour()], ["nothing", "neighbour\n"]);
    assert.doesNotMatch(await host.files(), /private-registry/);
  });
});
