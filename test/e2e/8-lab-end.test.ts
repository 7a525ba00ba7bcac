import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { checkout, labCommand, labUp, labVariable } from "../../rig/stack/lab";

/** What of the lab a machine shows: processes, mounts, namespaces, links, control groups and firewall rules. */
async function traces(): Promise<string[]> {
  const folder = labVariable("LAB_DIR");
  const list = async (file: string, args: string[]): Promise<string[]> =>
    (await execa(file, args, { reject: false })).stdout.split("\n");
  const ofLab = (line: string): boolean => line.includes(folder) || /\bprl|kube|10\.231\.0\./i.test(line);
  const found = [
    ...processes().filter((line) => line.includes(folder)),
    ...fs.readFileSync("/proc/self/mountinfo", "utf8").split("\n").filter(ofLab),
    ...(await list("ip", ["netns", "list"])).filter(ofLab),
    ...(await list("ip", ["-oneline", "link"])).filter(ofLab),
    ...(await list("ip", ["-oneline", "address"])).filter(ofLab),
    ...(await list("iptables-save", [])).filter(ofLab),
    ...fs.readdirSync("/sys/fs/cgroup").filter(ofLab),
    ...(fs.existsSync("/etc/netns") ? fs.readdirSync("/etc/netns").filter(ofLab) : []),
  ];
  return found.filter(Boolean);
}

/** Each process as "<pid> <executable> <command line>". */
function processes(): string[] {
  return fs.readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      return [`${pid} ${fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")}`];
    } catch {
      return []; // it ended meanwhile
    }
  });
}

describe("8. the lab's own end", () => {
  after("nothing of the suite's lab stays up", () => labCommand("down"));

  it("down leaves no process, mount, namespace, link, firewall rule or control group", async () => {
    assert.notDeepEqual(await traces(), [], "the check sees a lab that is up");
    await labCommand("down");
    assert.deepEqual(await traces(), []);
  });

  for (const seconds of [5]) {
    it(`down cleans up after an up that was killed after ${seconds} s, and the next up works`, async () => {
      const up = spawn("npm", ["run", "--silent", "lab", "--", "up"], {
        cwd: checkout,
        stdio: "ignore",
        detached: true,
      });
      await sleep(seconds * 1000);
      process.kill(-(up.pid ?? 0), "SIGKILL");
      await labCommand("down");
      assert.deepEqual(await traces(), []);
      await labUp();
      await labCommand("down");
      assert.deepEqual(await traces(), []);
    });
  }
});
