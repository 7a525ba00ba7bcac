import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createHost, destroyHost, hostIsUp, removeFolder, runOn } from "../hosts";
import { Lab } from "../lab";
import { createCgroups, removeCgroups } from "./cgroups";
import { clusterDir, NODE_FILES, NODE_NAME } from "./places";

/**
 * What the kubelet wants of the kernel. These are settings of the whole machine, so the node only sees them: files with
 * the values that the kubelet looks for lie over the real ones there.
 */
const TUNABLES: Readonly<Record<string, string>> = {
  "/proc/sys/vm/overcommit_memory": "1",
  "/proc/sys/vm/panic_on_oom": "0",
  "/proc/sys/kernel/panic": "10",
  "/proc/sys/kernel/panic_on_oops": "1",
  "/proc/sys/kernel/keys/root_maxkeys": "1000000",
  "/proc/sys/kernel/keys/root_maxbytes": "25000000",
};

/** Brings up the host that the cluster runs on, and the cluster's cgroups. */
export async function createNode(lab: Lab): Promise<void> {
  createCgroups();
  if (await hostIsUp(lab, "node")) return;
  await createHost(lab, { name: "node", hostName: NODE_NAME, files: NODE_FILES });
  mkdirSync(clusterDir(lab, "tunables"), { recursive: true });
  const mounts = Object.entries(TUNABLES).flatMap(([target, value]) => {
    if (!existsSync(target)) return [];
    const file = clusterDir(lab, "tunables", path.basename(target));
    writeFileSync(file, `${value}\n`);
    return [`mount --bind '${file}' ${target}`];
  });
  await runOn(lab, "node", ["/bin/sh", "-ec", mounts.join("\n")]);
}

/** Ends the node with all that runs on it, and removes its files and cgroups. */
export async function destroyNode(lab: Lab): Promise<void> {
  await destroyHost(lab, "node");
  await removeCgroups();
  await removeFolder(clusterDir(lab));
  for (const folder of NODE_FILES.own) removeIfEmpty(folder);
}

/** The machine's folder of that name was made for the node's to be mounted on, if it is empty. */
function removeIfEmpty(folder: string): void {
  if (!folder.startsWith("/var/lib/")) return;
  try {
    rmdirSync(folder);
  } catch {
    return; // it is the machine's own, or was never there
  }
}
