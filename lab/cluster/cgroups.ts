import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { until } from "../hosts";
import { LabNode } from "../lab";
import { CGROUP, cgroupOf } from "./places";

const ROOT = "/sys/fs/cgroup";

/** True on a machine that has only the unified hierarchy (cgroup v2). */
const isUnified = (): boolean => existsSync(`${ROOT}/cgroup.controllers`);

/** The roots of all hierarchies: one with cgroup v2, one per controller with v1. */
function hierarchies(): string[] {
  if (isUnified()) return [ROOT];
  return readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, target, type]) => target?.startsWith(`${ROOT}/`) && (type === "cgroup" || type === "cgroup2"))
    .map(([, target]) => target ?? "");
}

/** Makes a node's cgroup, in the cluster's, in each hierarchy, with every controller that can be had. */
export function createCgroups(node: LabNode): void {
  for (const root of hierarchies()) {
    const own = path.join(root, cgroupOf(node));
    mkdirSync(own, { recursive: true });
    if (isUnified()) for (const folder of [root, path.join(root, CGROUP), own]) delegate(folder);
  }
}

/**
 * Passes a cgroup's controllers on to those within it. One that can't be had is left out: the kubelet says if it needs
 * it.
 */
function delegate(folder: string): void {
  for (const controller of readFileSync(path.join(folder, "cgroup.controllers"), "utf8").trim().split(" ")) {
    try {
      writeFileSync(path.join(folder, "cgroup.subtree_control"), `+${controller}`);
    } catch {
      continue;
    }
  }
}

/** Removes the cluster's cgroups; processes in them must have ended, which may take the kernel a moment to see. */
export async function removeCgroups(): Promise<void> {
  const roots = hierarchies().map((root) => path.join(root, CGROUP));
  const gone = await until(() => roots.map(removeTree).every(Boolean), 10);
  if (!gone)
    throw new Error(`${roots.filter(existsSync).join(", ")} can't be removed: a process of the cluster still runs`);
}

/** Removes a cgroup and those within it. True if it is gone. */
function removeTree(folder: string): boolean {
  if (!existsSync(folder)) return true;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) removeTree(path.join(folder, entry.name));
    }
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
