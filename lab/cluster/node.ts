import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createHost, destroyHost, endHost, hostIsUp, makeSshKeys, removeFolder, runOn, sshSetup } from "../hosts";
import { hostDir, Lab, LabNode, names, network, nodes } from "../lab";
import { createCgroups, removeCgroups } from "./cgroups";
import { CLUSTER_NETWORK, clusterDir, NODE_FILES, REGISTRY_CERTIFICATES } from "./places";

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

/** Brings up the host that a node is, and its cgroups. */
export async function createNode(lab: Lab, node: LabNode): Promise<void> {
  createCgroups(node);
  await makeSshKeys(lab, node.host);
  if (await nodeIsSetUp(lab, node)) return;
  await createHost(lab, { name: node.host, hostName: node.name, files: NODE_FILES });
  const script = ["set -eu", ...tunables(lab), ...routing(node), ...files(lab, node), ""].join("\n");
  await runOn(lab, node.host, ["/bin/bash", "-s"], { input: script });
  writeFileSync(setUpMark(lab, node), "");
}

/** True if the host runs and has all that a node needs. */
export async function nodeIsSetUp(lab: Lab, node: LabNode): Promise<boolean> {
  return existsSync(setUpMark(lab, node)) && (await hostIsUp(lab, node.host));
}

/** It goes when the host is made anew. */
const setUpMark = (lab: Lab, node: LabNode): string => hostDir(lab, node.host, "pids", "set-up");

function tunables(lab: Lab): string[] {
  const folder = clusterDir(lab, "tunables");
  mkdirSync(folder, { recursive: true });
  return Object.entries(TUNABLES).flatMap(([target, value]) => {
    if (!existsSync(target)) return [];
    const file = path.join(folder, path.basename(target));
    writeFileSync(file, `${value}\n`);
    return [`mountpoint -q ${target} || mount --bind '${file}' ${target}`];
  });
}

/**
 * Pods see each other's own addresses, on whatever node; to everybody else a pod has its node's address. The CNI's own
 * `ipMasq` would hide it from pods of other nodes, too.
 */
function routing({ pods, host }: LabNode): string[] {
  const others = nodes.filter((other) => other.host !== host);
  const rule = `POSTROUTING -s ${pods} ! -d ${CLUSTER_NETWORK.pods} -j MASQUERADE`;
  return [
    "echo 1 >/proc/sys/net/ipv4/ip_forward", // else a node without pods forwards nothing from its NodePorts
    ...others.map((other) => `ip route replace ${other.pods} via ${network.addresses[other.host]}`),
    `iptables -w -t nat -C ${rule} 2>/dev/null || iptables -w -t nat -A ${rule}`,
  ];
}

/** Its names, its SSH, and the lab's CA for its containerd. */
function files(lab: Lab, { name, host }: LabNode): string[] {
  const certificates = `${REGISTRY_CERTIFICATES}/${names.registry}`;
  return [
    "umask 022",
    `echo ${name} >/etc/hostname`,
    `printf '%s\\n' '127.0.0.1 localhost ${name}' '${network.addresses.gateway} ${names.registry} ${names.ui}' >/etc/hosts`,
    // An address that nobody has (RFC 5737) and to which there is no way: a name that is not known is said at once.
    "echo nameserver 192.0.2.53 >/etc/resolv.conf",
    `mkdir -p ${certificates}`,
    `ln -sfn '${lab.caFile}' ${certificates}/ca.crt`,
    sshSetup(lab, host, "/srv"),
  ];
}

/**
 * Ends the nodes with all that runs on them, and removes their files and cgroups. All of them end first: a folder of
 * the machine that another node's is mounted on must not be removed.
 */
export async function destroyNodes(lab: Lab): Promise<void> {
  for (const { host } of nodes) await endHost(lab, host);
  for (const { host } of nodes) await destroyHost(lab, host);
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
