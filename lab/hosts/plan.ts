import { existsSync, lstatSync, readdirSync, readlinkSync } from "node:fs";
import path from "node:path";

/** What a host's file system is made of. What is not named is the machine's own, as it is. */
export interface HostFiles {
  /** Top-level folders that start as the machine's and whose changes stay in the host: ["/etc"]. */
  readonly changed?: readonly string[];
  /**
   * Folders that are the host's own: empty at first, kept until the host is destroyed. Top-level ones need not exist on
   * the machine.
   */
  readonly own?: readonly string[];
  /** Folders in memory, empty at every start: ["/run", "/tmp"]. */
  readonly memory?: readonly string[];
  /** Files of the host's own, by path; the path must exist on the machine or in a folder of the host's own. */
  readonly texts?: Readonly<Record<string, string>>;
}

/**
 * Folders that have to be made on the machine, as something of the host's own is mounted there: those below a folder
 * that the host shares with the machine. Parents come first.
 */
export function missingMountPoints(files: HostFiles): string[] {
  const own = [...(files.own ?? []), ...(files.memory ?? [])];
  const isOwn = (folder: string): boolean =>
    [...own, ...(files.changed ?? [])].some((one) => one === folder || folder.startsWith(`${one}/`));
  const shared = own.filter((folder) => !isOwn(path.dirname(folder)) && path.dirname(folder) !== "/");
  const all = shared.flatMap((folder) => {
    const parts = folder.slice(1).split("/");
    return parts.map((_part, index) => `/${parts.slice(0, index + 1).join("/")}`);
  });
  return [...new Set(all)].filter((folder) => !existsSync(folder));
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** One top-level entry of the machine's root. */
export interface RootEntry {
  readonly name: string;
  readonly kind: "folder" | "link";
  readonly target?: string;
}

/** The entries of the machine's root folder. */
export function rootEntries(): RootEntry[] {
  return readdirSync("/").flatMap((name): RootEntry[] => {
    const stat = lstatSync(path.join("/", name));
    if (stat.isSymbolicLink()) return [{ name, kind: "link", target: readlinkSync(path.join("/", name)) }];
    return stat.isDirectory() ? [{ name, kind: "folder" }] : [];
  });
}

/**
 * The shell script that is a host's first process: it builds the host's root from the machine's folders, moves into it,
 * tells its number on file descriptor 3 and from then on reaps what ends. Its end is the end of everything in the host.
 * @param dir The host's folder on the machine.
 */
export function initScript(dir: string, hostName: string, files: HostFiles, entries: readonly RootEntry[]): string {
  const root = `${dir}/root`;
  const lines = [
    "set -eu",
    "read -r pid rest </proc/self/stat", // the number on the machine: /proc is still the machine's
    `mkdir -p ${quote(root)}`,
    `mount -t tmpfs -o mode=755 tmpfs ${quote(root)}`,
    `mount --make-unbindable ${quote(root)}`, // or a bind of the folder that holds it would hold it twice
    `cd ${quote(root)}`,
    ...entries.flatMap((entry) => topLevel(dir, entry, files)),
    ...deeper(dir, files),
    ...Object.keys(files.texts ?? {}).map(
      (file) => `mount --bind ${quote(`${dir}/texts${file}`)} ${quote(`${root}${file}`)}`,
    ),
    "mount -t proc proc proc",
    "mount -t sysfs sysfs sys",
    "mount --rbind /sys/fs/cgroup sys/fs/cgroup",
    `hostname ${quote(hostName)}`,
    "mkdir .machine && pivot_root . .machine && umount -l .machine && rmdir .machine",
    "mount --make-rshared /",
    `echo "$pid" >&3`,
    "exec 3>&-",
    "cd /",
    "while :; do sleep 2147483647 & wait $!; done",
  ];
  return `${lines.join("\n")}\n`;
}

function topLevel(dir: string, entry: RootEntry, files: HostFiles): string[] {
  const { name } = entry;
  const folder = `/${name}`;
  if (entry.kind === "link") return [`ln -s ${quote(entry.target ?? "")} ${quote(name)}`];
  if (name === "proc" || name === "sys") return [`mkdir ${name}`];
  if (files.own?.includes(folder) || files.memory?.includes(folder)) return [];
  if (!files.changed?.includes(folder)) return [`mkdir ${quote(name)}; mount --rbind ${quote(folder)} ${quote(name)}`];
  const upper = `${dir}/changed${folder}`;
  const overlay = (at: string): string =>
    `mkdir -p ${quote(`${at}/upper`)} ${quote(`${at}/work`)} && ` +
    `mount -t overlay overlay -o lowerdir=${folder},upperdir=${at}/upper,workdir=${at}/work ${quote(name)}`;
  // In a container the lab's folder is often an overlay itself, which can't be the upper part of another: then in
  // memory.
  return [
    `mkdir ${quote(name)}`,
    `${overlay(upper)} 2>/dev/null || { mount -t tmpfs tmpfs ${quote(upper)}; ${overlay(upper)}; }`,
  ];
}

function deeper(dir: string, files: HostFiles): string[] {
  const own = (files.own ?? []).map((folder) => {
    const source = `${dir}/own${folder}`;
    return `mkdir -p ${quote(source)} .${quote(folder)}; mount --bind ${quote(source)} .${quote(folder)}`;
  });
  const memory = (files.memory ?? []).map((folder) => {
    const mode = folder === "/tmp" || folder === "/dev/shm" ? "1777" : "755";
    return `mkdir -p .${quote(folder)}; mount -t tmpfs -o mode=${mode} tmpfs .${quote(folder)}`;
  });
  return [...own, ...memory];
}
