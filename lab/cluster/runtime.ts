import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { initOf, runOn } from "../hosts";
import type { ImageArchive } from "../images";
import { Lab } from "../lab";
import { clusterDir } from "./places";
import { snapshotter } from "./settings";

const ctr = (lab: Lab): [string, ...string[]] => ["ctr", "--address", lab.containerdSocket, "--namespace", "k8s.io"];

/** True if containerd answers. */
export async function containerdIsReady(lab: Lab): Promise<boolean> {
  if (!existsSync(lab.containerdSocket)) return false;
  const asked = await runOn(lab, "node", [...ctr(lab), "version"], { mayFail: true, timeoutSeconds: 5 });
  return asked.exitCode === 0;
}

/** True if something listens on that port of the node's loopback address. */
export function listensOnLoopback(lab: Lab, port: number): Promise<boolean> {
  const LISTEN = "0A";
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const table = readFileSync(`/proc/${initOf(lab, "node")?.pid ?? "self"}/net/tcp`, "utf8");
  const sockets = table.split("\n").map((line) => line.trim().split(/\s+/));
  return Promise.resolve(sockets.some(([, local, , state]) => local === address && state === LISTEN));
}

/** Imports those image archives that this node does not have yet. */
export async function importImages(lab: Lab, archives: readonly ImageArchive[]): Promise<void> {
  const done = clusterDir(lab, "imported");
  mkdirSync(done, { recursive: true });
  for (const { file } of archives) {
    const mark = path.join(done, path.basename(file));
    if (existsSync(mark)) continue;
    await runOn(lab, "node", [...ctr(lab), "images", "import", "--snapshotter", snapshotter(lab), file]);
    writeFileSync(mark, "");
  }
}
