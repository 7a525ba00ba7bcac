import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { initOf, Ran, runOn, RunOptions } from "../hosts";
import type { ImageArchive } from "../images";
import { Lab, LabNode } from "../lab";
import { nodeDir, nodeSocket } from "./places";
import { snapshotter } from "./settings";

/** Runs containerd's own client on a node. */
export function ctr(lab: Lab, node: LabNode, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return runOn(lab, node.host, ["ctr", "--address", nodeSocket(lab, node), "--namespace", "k8s.io", ...args], options);
}

/** True if a node's containerd answers. */
export async function containerdIsReady(lab: Lab, node: LabNode): Promise<boolean> {
  if (!existsSync(nodeSocket(lab, node))) return false;
  const asked = await ctr(lab, node, ["version"], { mayFail: true, timeoutSeconds: 5 });
  return asked.exitCode === 0;
}

/** True if something listens on that port of the first node's loopback address. */
export function listensOnLoopback(lab: Lab, port: number): Promise<boolean> {
  const LISTEN = "0A";
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const table = readFileSync(`/proc/${initOf(lab, "node")?.pid ?? "self"}/net/tcp`, "utf8");
  const sockets = table.split("\n").map((line) => line.trim().split(/\s+/));
  return Promise.resolve(sockets.some(([, local, , state]) => local === address && state === LISTEN));
}

/** Imports an image archive into a node's containerd. */
export async function importImage(lab: Lab, node: LabNode, file: string): Promise<void> {
  await ctr(lab, node, ["images", "import", "--snapshotter", snapshotter(lab), file]);
}

/** Imports those image archives that a node does not have yet. */
export async function importImages(lab: Lab, node: LabNode, archives: readonly ImageArchive[]): Promise<void> {
  const done = nodeDir(lab, node, "imported");
  mkdirSync(done, { recursive: true });
  for (const { file } of archives) {
    const mark = path.join(done, path.basename(file));
    if (existsSync(mark)) continue;
    await importImage(lab, node, file);
    writeFileSync(mark, "");
  }
}
