import * as assert from "node:assert/strict";
import { remoteCommand, type Verb } from "../../components/hosts/release";
import { PROBE_HEADER } from "../../components/nginx/kind";
import { ask } from "../../rig/gateway/client";
import { gatewayInput, gatewayRelease } from "../../rig/gateway/fixture";
import { KilledActivations, killTimes, VICTIMS } from "../../rig/gateway/kills";
import { NginxHost, type Outcome, needHost } from "../../rig/hosts/nginx-host";

/** Kills the activation, and nothing else, before its n-th command; what it does in subshells counts on its own. */
function killedAt(input: string, point: number): string {
  return `commands=0; set -T; trap '[ $((++commands)) != ${point} ] || kill -9 $$' DEBUG\n${input}`;
}

/** Numbers of commands to be killed at, from the first to the last, evenly spread. */
function points(last: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => 1 + Math.round((index * (last - 1)) / (count - 1)));
}

const COUNT = Number(process.env["KILL_POINTS"] ?? 20);

describe("an activation that ends before its end", function () {
  this.timeout(240_000);
  let host: NginxHost;
  const releases = { one: "", two: "" };
  const inputs = { one: "", two: "" };

  /** Which of the two releases is served, or "nothing". */
  const served = async (): Promise<string> => {
    for (const [name, hash] of Object.entries(releases)) {
      const headers = { [PROBE_HEADER]: hash };
      const answer = await ask({ port: host.httpsPort, headers }).catch(() => undefined);
      if (answer?.status === 204) return name;
    }
    return "nothing";
  };
  /** How many commands the activation has. */
  const length = async (verb: Verb, input: string): Promise<number> => {
    const counted = `commands=0; set -T; trap 'commands=$((commands + 1))' DEBUG\n${input}`;
    const done = await host.activate(verb, counted.replace(/main "\$@"\n/, 'main "$@"; echo "commands $commands"\n'));
    assert.equal(done.code, 0, done.stderr);
    return Number(/commands (\d+)/.exec(done.stdout)?.[1]);
  };
  const succeed = async (verb: Verb, input: string): Promise<Outcome> => {
    const done = await host.activate(verb, input);
    assert.equal(done.code, 0, done.stderr);
    return done;
  };
  /** The folders of blobs that there are. */
  const caches = async (): Promise<string> => (await host.run("cd /var/log && ls -d blobs-*")).stdout.trim();
  /** After a power cut nginx starts, and serves one of these. */
  const comesBack = async (where: string, ...either: string[]): Promise<void> => {
    const start = await host.restartNginx();
    assert.equal(start.code, 0, `${where}: nginx does not come back: ${start.stderr}`);
    assert.equal((await ask({ port: host.neighbourPort, tls: false, path: "/" })).body, "neighbour\n", where);
    const now = await served();
    assert.ok(either.includes(now), `${where}: ${now} is served`);
  };

  before(async function () {
    needHost(this);
    host = await NginxHost.start({ diskKiB: 2048 });
    for (const [name, realm] of [
      ["one", "One"],
      ["two", "Two"],
    ] as const) {
      const changes = { httpsPort: host.httpsPort, realm, blobCache: { sizeGiB: 1, path: `/var/log/blobs-${name}` } };
      releases[name] = (await gatewayRelease(changes)).hash;
      inputs[name] = await gatewayInput(changes);
    }
  });
  after(() => host?.stop());

  it(`killed at ${COUNT} points of an update: the old or the new release is served after a restart, and the next run converges`, async () => {
    await succeed("create", inputs.one);
    const last = await length("update", inputs.two);
    let [from, to]: ["one" | "two", "one" | "two"] = ["two", "one"];
    for (const point of points(last, COUNT)) {
      const where = `killed at command ${point} of ${last}`;
      await host.activate("update", killedAt(inputs[to], point));
      await comesBack(where, from, to);
      await succeed("update", inputs[to]);
      assert.equal(await served(), to, where);
      assert.equal(await caches(), `blobs-${to}`, where);
      [from, to] = [to, from];
    }
  });

  it("killed while nginx was not restarted: one release is served all the time, and the next run converges", async () => {
    let to: "one" | "two" = (await served()) === "one" ? "two" : "one";
    for (const point of points(await length("update", inputs[to]), 5)) {
      to = to === "one" ? "two" : "one";
      await host.activate("update", killedAt(inputs[to], point));
      assert.notEqual(await served(), "nothing");
      await succeed("update", inputs[to]);
      assert.equal(await served(), to);
    }
  });

  it("killed at moments over its whole time, with its guard or without, and in a power cut (a sample of npm run bench -- kills)", async () => {
    const activations = await KilledActivations.on(host);
    const course = await activations.course(3);
    const kills = [];
    for (const [index, time] of killTimes(9, course).entries()) {
      kills.push(await activations.kill(VICTIMS[index % 3] ?? VICTIMS[0], time));
    }
    console.log(`      ${kills.map(({ step, found }) => `${step}: ${found}`).join("; ")}`);
    assert.ok(kills.filter(({ killed }) => killed).length >= 3, "hardly one was killed in time");
    assert.deepEqual(
      kills.flatMap(({ wrong }) => wrong),
      [],
    );
  });

  it("killed in a delete, and in the first create", async () => {
    await succeed("update", inputs.one);
    const last = { delete: 120, create: 230 };
    for (let round = 0; round < 4; round++) {
      const drop = Math.round((last.delete * (round + 0.5)) / 4);
      await host.activate("delete", killedAt(inputs.one, drop));
      await comesBack(`delete killed at command ${drop}`, "one", "nothing");
      await succeed("delete", inputs.one);
      assert.equal(await served(), "nothing");
      assert.doesNotMatch(await host.files(), /private-registry/);
      assert.equal(await caches(), "");
      const make = Math.round((last.create * (round + 0.5)) / 4);
      await host.activate("create", killedAt(inputs.one, make));
      await comesBack(`create killed at command ${make}`, "one", "nothing");
      await succeed("create", inputs.one);
      assert.equal(await served(), "one");
    }
  });

  it("on a disk that gets full at any place: refused, nothing changed, and done when there is space", async () => {
    await succeed("update", inputs.one);
    let refused = 0;
    for (const left of [0, 8, 16, 32, 40, 64]) {
      await host.run(`df --output=avail -k /run/layer | tail -1 | { read -r free
        dd if=/dev/zero of=/etc/filler bs=1024 count=$((free - ${left})) 2>/dev/null; }`);
      const files = await host.files();
      const done = await host.activate("update", inputs.two);
      if (done.code === 0) assert.equal(await served(), "two");
      else {
        refused++;
        assert.match(done.stderr, /disk full|cannot write|No space left/, done.stderr);
        assert.equal(await host.files(), files);
        await comesBack(`${left} KiB left`, "one");
      }
      await host.run("rm /etc/filler");
      await succeed("update", inputs.one);
    }
    assert.ok(refused >= 3, `${refused} of 6 were refused`);
  });

  it("two at once: both end well, one after the other, and one whole release is served", async () => {
    const both = await Promise.all([host.activate("update", inputs.one), host.activate("update", inputs.two)]);
    for (const done of both) assert.equal(done.code, 0, done.stderr);
    await comesBack("two at once", "one", "two");
  });

  it("told to stop: the former release is back", async () => {
    await succeed("update", inputs.one);
    const told = 'reload() {\nif [ -z "$told" ]; then told=yes; kill -TERM $$; fi';
    const slow = inputs.two.replace("reload() {", () => told);
    const done = await host.activate("update", slow);
    assert.equal(done.code, 1);
    assert.match(done.stderr, /stopped from outside/);
    assert.equal(await served(), "one");
    await comesBack("told to stop", "one");
  });

  it("nobody reads what it says: it goes on to the end", async () => {
    await succeed("update", inputs.one);
    const talking = inputs.two.replace("step() {", () => 'step() {\nsleep 0.02; echo "somebody there?"; echo "$1" >&2');
    await host.run(`${remoteCommand("update")} 2>&1 | true`, talking);
    assert.equal(await served(), "two");
    assert.match((await host.run("tail -n 1 /var/log/nginx/private-registry.log")).stdout, / done$/m);
  });
});
