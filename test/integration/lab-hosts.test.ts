import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type * as Hosts from "../../lab/hosts";
import type * as LabModule from "../../lab/lab";

// A network beside that of a lab that may be running on this machine.
const NETWORK = "prt 10.230.251";

/** Loads the lab's modules anew, with that network. */
function load(): { hosts: typeof Hosts; labIn: typeof LabModule.labIn } {
  const isLab = (file: string): boolean => file.includes(`${path.sep}lab${path.sep}`) && !file.includes("node_modules");
  const kept = Object.entries(require.cache).filter(([file]) => isLab(file));
  for (const [file] of kept) delete require.cache[file];
  process.env["LAB_TEST_NETWORK"] = NETWORK;
  try {
    /* eslint-disable @typescript-eslint/no-require-imports -- an import can't be repeated */
    const hosts = require("../../lab/hosts") as typeof Hosts;
    const { labIn } = require("../../lab/lab") as typeof LabModule;
    /* eslint-enable @typescript-eslint/no-require-imports */
    return { hosts, labIn };
  } finally {
    delete process.env["LAB_TEST_NETWORK"];
    for (const file of Object.keys(require.cache).filter(isLab)) delete require.cache[file];
    for (const [file, module] of kept) require.cache[file] = module;
  }
}

/** The command line of every process of the machine. */
function commands(): string[] {
  return fs.readdirSync("/proc").flatMap((entry) => {
    try {
      return /^\d+$/.test(entry)
        ? [fs.readFileSync(`/proc/${entry}/cmdline`, "utf8").split("\0").join(" ").trim()]
        : [];
    } catch {
      return []; // it has ended
    }
  });
}

describe("lab: hosts of namespaces", function () {
  this.timeout(60_000);
  const { hosts, labIn } = load();
  const quiet = (): void => undefined;
  let dir = "";
  let lab: LabModule.Lab;

  before(async function () {
    if (process.getuid?.() !== 0 && process.env["CI"] !== "true") {
      console.log("      skipped: namespaces are root's");
      this.skip();
    }
    dir = fs.mkdtempSync(path.join(os.tmpdir(), "lab-hosts-"));
    lab = labIn(dir, path.join(__dirname, "../.."));
    await hosts.networkStep.up(lab, quiet);
  });
  after(async () => {
    for (const step of [hosts.gatewayStep, hosts.clientStep, hosts.networkStep]) await step.down(lab);
    await hosts.removeFolder(dir);
    assert.deepEqual(leftovers(), []);
  });

  /** Everything of that network which the machine still has. */
  function leftovers(): string[] {
    const shell = (script: string): string => execFileSync("bash", ["-c", script], { encoding: "utf8" });
    return [
      ...shell("ip netns list; ip -o link | cut -d: -f2 | cut -d@ -f1").split("\n"),
      ...fs.readFileSync("/proc/self/mounts", "utf8").split("\n"),
      ...commands(),
    ].filter((line) => /^ ?prt(0|-)/.test(line) || (dir !== "" && line.includes(dir)));
  }

  describe("the gateway", () => {
    const { gateway } = { gateway: "10.230.251.4" };
    const ssh = (command: string, hostKey = hosts.hostKeyOf(lab, "gateway")): string => {
      const known = path.join(dir, "known-hosts");
      fs.writeFileSync(known, `${gateway} ${hostKey}\n`);
      const options = ["-F", "none", "-o", `UserKnownHostsFile=${known}`, "-o", "StrictHostKeyChecking=yes"];
      const target = ["-o", "BatchMode=yes", "-i", lab.ssh.keyFile, `${lab.ssh.user}@${gateway}`];
      return execFileSync("ssh", [...options, ...target, command], { encoding: "utf8", stdio: "pipe" });
    };

    before(async () => {
      await hosts.gatewayStep.up(lab, quiet);
      await hosts.clientStep.up(lab, quiet);
    });

    it("is up, and takes a second `up` for what it is", async () => {
      assert.equal(await hosts.gatewayStep.isUp(lab), true);
      const before = hosts.initOf(lab, "gateway");
      await hosts.gatewayStep.up(lab, quiet);
      assert.deepEqual(hosts.initOf(lab, "gateway"), before);
    });

    it("takes the lab's key for a non-root user with sudo, at a pinned host key, and no other", () => {
      assert.equal(ssh("id -un; hostname; sudo -n id -un"), "deploy\ngateway\nroot\n");
      const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
      assert.throws(() => ssh("true", other), /Host key verification failed|host key/i);
      assert.throws(() =>
        execFileSync("ssh", ["-F", "none", "-o", "BatchMode=yes", `root@${gateway}`], { stdio: "pipe" }),
      );
    });

    it("serves Debian's stock site to the client, by both names", async () => {
      for (const name of ["registry.lab.test", "ui.lab.test"]) {
        const fetch = `fetch("http://${name}/").then((answer) => answer.text()).then(console.log)`;
        const { stdout } = await hosts.runOnClient(lab, [process.execPath, "-e", fetch]);
        assert.match(stdout, /Welcome to nginx/);
      }
    });

    it("changes nothing of the machine's files", () => {
      const places = ["/etc", "/etc/nginx/conf.d", "/var", "/run", "/tmp", "/home", "/root"];
      ssh(`for d in ${places.join(" ")}; do sudo -n touch $d/made-on-the-gateway; done`);
      for (const place of places) assert.equal(fs.existsSync(`${place}/made-on-the-gateway`), false, place);
      assert.equal(fs.readFileSync("/etc/passwd", "utf8").includes("/home/deploy"), false);
    });

    it("keeps its files when it ends and comes up again, but not those in memory", async () => {
      const init = hosts.initOf(lab, "gateway");
      assert.ok(init);
      await hosts.kill(init);
      assert.equal(await hosts.gatewayStep.isUp(lab), false);
      await hosts.gatewayStep.up(lab, quiet);
      const places = ["/etc", "/var", "/run"].map((place) => `${place}/made-on-the-gateway`);
      assert.equal(ssh(`ls -d ${places.join(" ")} 2>/dev/null || true`), `${places[0]}\n${places[1]}\n`);
    });

    it("restarts its nginx, and brings up a daemon that was killed", async () => {
      const before = hosts.daemonOf(lab, "gateway", "gateway-nginx");
      await hosts.restartGatewayNginx(lab);
      const after = hosts.daemonOf(lab, "gateway", "gateway-nginx");
      assert.ok(before && after && before.pid !== after.pid);
      await hosts.kill(after);
      assert.equal(await hosts.gatewayStep.isUp(lab), false);
      await hosts.gatewayStep.up(lab, quiet);
      assert.equal(await hosts.gatewayStep.isUp(lab), true);
    });
  });

  describe("docker's daemon", () => {
    const docker = (...args: string[]): string => {
      const env = { ...process.env, DOCKER_HOST: `unix://${lab.dockerSocket}` };
      return execFileSync("docker", args, { encoding: "utf8", env }).trim();
    };
    const hosted = async (): Promise<string[]> => {
      const pids = await hosts.processesIn("prt-client");
      return pids.map((pid) => fs.readFileSync(`/proc/${pid}/comm`, "utf8").trim()).sort();
    };
    before(() => hosts.clientStep.up(lab, quiet));
    beforeEach(() => hosts.startDocker(lab));

    it("runs in the client's network, with images and settings of its own", async () => {
      assert.deepEqual(await hosted(), ["containerd", "dockerd"]);
      assert.equal(docker("info", "--format", "{{.DockerRootDir}}"), path.join(dir, "hosts/client/docker/data"));
      const before = docker("info", "--format", "{{.ID}}");
      await hosts.startDocker(lab); // a second time
      assert.equal(docker("info", "--format", "{{.ID}}"), before);
      assert.equal(fs.existsSync("/etc/docker/certs.d/registry.lab.test"), false);
    });

    it("comes up again after it was killed, and goes with its files", async () => {
      const daemon = (await hosts.processesIn("prt-client")).find(
        (pid) => fs.readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "dockerd",
      );
      process.kill(daemon ?? NaN, "SIGKILL");
      assert.equal(await hosts.until(() => !hosts.dockerIsUp(lab), 5), true);
      await hosts.startDocker(lab);
      assert.deepEqual(await hosted(), ["containerd", "dockerd"]);
      await hosts.stopDocker(lab);
      assert.deepEqual(await hosted(), []);
      assert.equal(fs.existsSync(path.join(dir, "hosts/client/docker")), false);
    });

    it("goes with the client host", async () => {
      await hosts.clientStep.down(lab);
      assert.deepEqual(
        leftovers().filter((line) => /docker|containerd/.test(line)),
        [],
      );
    });
  });

  it("tells why a daemon did not come up, with the end of its log", async () => {
    await hosts.createHost(lab, { name: "ca" });
    const daemon = { name: "broken", command: ["sh", "-c", "echo port 53 is taken >&2; exit 1"] } as const;
    await hosts.startDaemon(lab, "ca", daemon);
    await assert.rejects(
      hosts.waitForDaemon(lab, "ca", daemon, () => Promise.resolve(false)),
      /broken ended: port 53 is taken/,
    );
    await assert.rejects(hosts.runOn(lab, "ca", ["sh", "-c", "echo no >&2; exit 3"]), /^Error: on host ca: sh .*: no$/);
  });

  it("leaves no folder behind that it had to make on the machine for a mount", async () => {
    const folder = `/var/lib/prt-${process.pid}`;
    await hosts.destroyHost(lab, "ca");
    await hosts.createHost(lab, { name: "ca", files: { own: [`${folder}/deep`] } });
    await hosts.runOn(lab, "ca", ["touch", `${folder}/deep/file`]);
    assert.deepEqual(fs.readdirSync(`${folder}/deep`), []);
    await hosts.destroyHost(lab, "ca");
    assert.equal(fs.existsSync(folder), false);
  });

  it("ends everything on a host with its first process, children of daemons too", async () => {
    await hosts.createHost(lab, { name: "ca" });
    const command = ["sh", "-c", `sleep 4711 & setsid sleep 4712 & sleep 4713`] as const;
    await hosts.startDaemon(lab, "ca", { name: "family", command });
    const family = (): string[] => commands().filter((line) => /^sleep 471[1-3]$/.test(line));
    assert.equal(await hosts.until(() => family().length === 3, 5), true);
    await hosts.destroyHost(lab, "ca");
    assert.deepEqual(family(), []);
    await hosts.destroyHost(lab, "ca"); // a second time
  });

  it("takes down a host whose `up` was killed at any moment", async () => {
    const script = `require("ts-node/register/transpile-only");
      const { gatewayStep } = require("./lab/hosts"); const { labIn } = require("./lab/lab");
      gatewayStep.up(labIn(${JSON.stringify(dir)}, process.cwd()), (now) => console.log(now));`;
    for (const milliseconds of [20, 120, 250, 400]) {
      await hosts.gatewayStep.down(lab);
      const env = { ...process.env, LAB_TEST_NETWORK: NETWORK };
      const child = spawn(process.execPath, ["-e", script], { cwd: path.join(__dirname, "../.."), env });
      const ended = once(child, "exit"); // from the start: an `up` that is through before its time must not be missed
      let errors = "";
      child.stderr.on("data", (text: Buffer) => (errors += text.toString()));
      const begun = once(child.stdout, "data").then(() => true); // it says "namespaces", and begins
      assert.ok(await Promise.race([begun, ended.then(() => false)]), `up ended before it began: ${errors}`);
      await sleep(milliseconds);
      child.kill("SIGKILL");
      await ended;
      await hosts.gatewayStep.down(lab);
      assert.deepEqual(
        leftovers().filter((line) => line.includes("gateway")),
        [],
        `killed after ${milliseconds} ms`,
      );
      assert.equal(fs.existsSync(path.join(dir, "hosts", "gateway")), false);
    }
    await hosts.gatewayStep.up(lab, quiet);
    assert.equal(await hosts.gatewayStep.isUp(lab), true);
  });
});
