import * as assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { remoteCommand } from "../../components/hosts/release";
import { PROBE_HEADER } from "../../components/nginx/kind";
import { ask } from "../../rig/gateway/client";
import { gatewayInput, gatewayRelease } from "../../rig/gateway/fixture";
import { NginxHost, until, needHost } from "../../rig/hosts/nginx-host";
import { type Sshd, startSshd } from "../../rig/hosts/sshd";

describe("a release over SSH, as a user who is not root", function () {
  this.timeout(60_000);
  let host: NginxHost;
  let sshd: Sshd;
  const changes = (realm: string) => ({ httpsPort: host.httpsPort, realm });
  const serves = async (realm: string): Promise<boolean> => {
    const headers = { [PROBE_HEADER]: (await gatewayRelease(changes(realm))).hash };
    return (await ask({ port: host.httpsPort, headers })).status === 204;
  };

  before(async function () {
    needHost(this);
    host = await NginxHost.start();
    sshd = await startSshd(host);
  });
  after(() => host?.stop());

  it("becomes live by sudo -n, and says only that, and that the registry is not there", async () => {
    const done = await sshd.run(remoteCommand("create"), await gatewayInput(changes("One")));
    assert.deepEqual([done.exitCode, done.stderr], [0, ""]);
    assert.match(
      done.stdout,
      /^(private-registry: warning: .* answers with 502.*\n)?private-registry: done create \S+ \S+ \d+$/,
    );
    assert.ok(await serves("One"));
  });

  it("shows no secret in any argument list or environment while it runs", async () => {
    const [running, seen] = [sshd.run(remoteCommand("update"), await gatewayInput(changes("Two"))), new Set<string>()];
    let over = false;
    void running.finally(() => (over = true));
    while (!over) {
      const all = await host.run("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'");
      for (const line of all.stdout.split("\n")) seen.add(line);
    }
    assert.equal((await running).exitCode, 0);
    const texts = [...seen].join("\n");
    assert.match(texts, /private-registry/);
    for (const secret of ["PRIVATE KEY", "$2y$", "LS0tLS1CRUdJTi"]) assert.ok(!texts.includes(secret), secret);
  });

  it("a cut connection at any moment leaves a whole release served, and the next run converges", async () => {
    const realms = ["A", "B", "C", "D", "E", "F"];
    for (const [index, realm] of realms.entries()) {
      const running = sshd.run(remoteCommand("update"), await gatewayInput(changes(realm)));
      await sleep(60 + index * 90);
      running.kill("SIGKILL");
      await running;
      assert.equal((await host.run("nginx -t")).code, 0);
      const done = await sshd.run(remoteCommand("update"), await gatewayInput(changes(realm)));
      assert.equal(done.exitCode, 0, done.stderr);
      assert.ok(await serves(realm));
    }
  });

  it("goes on to its end after the connection is cut", async () => {
    const input = (await gatewayInput(changes("Late"))).replace("reload() {", () => "reload() {\nsleep 0.5");
    const running = sshd.run(remoteCommand("update"), input);
    await until("the activation", async () => (await host.run("pgrep -f 'sleep 0.5'")).code === 0);
    running.kill("SIGKILL");
    await running;
    await until("the new release", () => serves("Late"));
  });

  it("without sudo rights it fails, and says why", async () => {
    await host.run("rm /etc/sudoers.d/deploy");
    const done = await sshd.run(remoteCommand("update"), await gatewayInput(changes("Two")));
    assert.notEqual(done.exitCode, 0);
    assert.match(done.stderr, /sudo/);
    assert.ok(await serves("Late"));
  });
});
