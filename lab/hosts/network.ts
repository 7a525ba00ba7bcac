import { existsSync, readdirSync, readFileSync } from "node:fs";
import { HostName, namespaceOf, network } from "../lab";
import { run } from "./command";
import { kill, markOf } from "./processes";

const NAMED = "/run/netns";
const { namespace, bridge, machineLink, prefixLength, addresses } = network;

/** True if a network namespace of that name is there. */
export function hasNamespace(name: string): boolean {
  return existsSync(`${NAMED}/${name}`);
}

/** Makes the bridge in its namespace and the machine's link to it; what is there already stays. */
export async function createNetwork(): Promise<void> {
  if (await networkIsUp()) return;
  await destroyNetwork();
  await run(["ip", "netns", "add", namespace]);
  await run(["ip", "-n", namespace, "link", "add", bridge, "type", "bridge", "forward_delay", "0"]);
  await run(["ip", "-n", namespace, "link", "set", bridge, "up"]);
  await run(["ip", "link", "add", machineLink, "type", "veth", "peer", "name", "to-machine", "netns", namespace]);
  await run(["ip", "-n", namespace, "link", "set", "to-machine", "master", bridge, "up"]);
  await run(["ip", "address", "add", `${addresses.machine}/${prefixLength}`, "dev", machineLink]);
  await run(["ip", "link", "set", machineLink, "up"]);
}

/** True if the bridge and the machine's link are there. */
export async function networkIsUp(): Promise<boolean> {
  if (!hasNamespace(namespace)) return false;
  const link = await run(["ip", "-o", "-4", "address", "show", "dev", machineLink, "up"], { mayFail: true });
  return link.stdout.includes(` ${addresses.machine}/${prefixLength} `);
}

/** Removes the bridge and the machine's link. */
export async function destroyNetwork(): Promise<void> {
  await run(["ip", "link", "delete", machineLink], { mayFail: true });
  await removeNamespace(namespace);
}

/** Gives a host its network namespace, with a link to the bridge. */
export async function connectHost(host: HostName): Promise<void> {
  const name = namespaceOf(host);
  if (await hostIsConnected(host)) return;
  await disconnectHost(host);
  await run(["ip", "netns", "add", name]);
  await run(["ip", "-n", name, "link", "set", "lo", "up"]);
  await run([
    "ip",
    "-n",
    namespace,
    "link",
    "add",
    `to-${host}`,
    "type",
    "veth",
    "peer",
    "name",
    "eth0",
    "netns",
    name,
  ]);
  await run(["ip", "-n", name, "link", "set", "eth0", "address", hardwareAddress(addresses[host])]);
  await run(["ip", "-n", namespace, "link", "set", `to-${host}`, "master", bridge, "up"]);
  await run(["ip", "-n", name, "address", "add", `${addresses[host]}/${prefixLength}`, "dev", "eth0"]);
  await run(["ip", "-n", name, "link", "set", "eth0", "up"]);
}

/**
 * A hardware address that goes with an address: a host that comes up again is still the one that its neighbours know.
 */
function hardwareAddress(address: string): string {
  const bytes = address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
  return `02:00:${bytes.join(":")}`;
}

/** True if the host's namespace has its address and its link is up. */
export async function hostIsConnected(host: HostName): Promise<boolean> {
  const name = namespaceOf(host);
  if (!hasNamespace(name)) return false;
  const link = await run(["ip", "-n", name, "-o", "-4", "address", "show", "dev", "eth0", "up"], { mayFail: true });
  return link.stdout.includes(` ${addresses[host]}/${prefixLength} `);
}

/** Removes a host's network namespace and ends what still runs in it. */
export async function disconnectHost(host: HostName): Promise<void> {
  await run(["ip", "-n", namespace, "link", "delete", `to-${host}`], { mayFail: true });
  await removeNamespace(namespaceOf(host));
}

/** The numbers, on the machine, of the processes that a network namespace holds. */
export async function processesIn(name: string): Promise<number[]> {
  if (!hasNamespace(name)) return [];
  const { stdout } = await run(["ip", "netns", "pids", name], { mayFail: true });
  return stdout.split("\n").filter(Boolean).map(Number);
}

async function removeNamespace(name: string): Promise<void> {
  if (!hasNamespace(name)) return;
  for (const pid of await processesIn(name)) {
    const mark = markOf(pid);
    if (mark) await kill(mark);
  }
  await run(["ip", "netns", "delete", name]);
}

/** Unmounts the folder of named namespaces once it is empty: the first `ip netns add` of the machine mounted it. */
export async function tidyNamespaces(): Promise<void> {
  if (!existsSync(NAMED) || readdirSync(NAMED).length > 0) return;
  if (!readFileSync("/proc/self/mountinfo", "utf8").includes(` ${NAMED} `)) return;
  await run(["umount", NAMED], { mayFail: true });
}
