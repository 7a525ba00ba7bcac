import { spawn } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { hostDir, HostName, Lab, logFile, namespaceOf } from "../lab";
import { plainEnvironment, run } from "./command";
import { connectHost, disconnectHost, hasNamespace, hostIsConnected, processesIn } from "./network";
import { HostFiles, initScript, missingMountPoints, rootEntries } from "./plan";
import { isRunning, kill, markOf, ProcessMark, readMark } from "./processes";

/** A host of the lab: network, mount, process and host name namespaces of its own, on the lab's bridge. */
export interface HostSpec {
  readonly name: HostName;
  /** What `hostname` says there. Default: the name. */
  readonly hostName?: string;
  /** What of its file system is its own. Default: nothing but /proc and /sys. */
  readonly files?: HostFiles;
}

const markFile = (lab: Lab, host: HostName): string => hostDir(lab, host, "init.json");

/** The host's first process, or undefined if the host is not up. */
export function initOf(lab: Lab, host: HostName): ProcessMark | undefined {
  return readMark(markFile(lab, host));
}

/** True if the host runs and is connected. */
export async function hostIsUp(lab: Lab, host: HostName): Promise<boolean> {
  return initOf(lab, host) !== undefined && (await hostIsConnected(host));
}

/** Brings a host up; what an earlier one of that name left is removed first, except its own files. */
export async function createHost(lab: Lab, spec: HostSpec): Promise<void> {
  const { name: host } = spec;
  if (await hostIsUp(lab, host)) return;
  await endHost(lab, host);
  await connectHost(host);
  const dir = hostDir(lab, host);
  for (const folder of ["pids", "texts"]) rmSync(path.join(dir, folder), { recursive: true, force: true });
  mkdirSync(path.join(dir, "pids"), { recursive: true, mode: 0o700 });
  mkdirSync(lab.logs, { recursive: true });
  for (const [file, text] of Object.entries(spec.files?.texts ?? {})) {
    mkdirSync(path.dirname(path.join(dir, "texts", file)), { recursive: true });
    writeFileSync(path.join(dir, "texts", file), text);
  }
  appendFileSync(
    mountPointsFile(lab, host),
    missingMountPoints(spec.files ?? {})
      .map((one) => `${one}\n`)
      .join(""),
  );
  writeFileSync(path.join(dir, "init.sh"), initScript(dir, spec.hostName ?? host, spec.files ?? {}, rootEntries()));
  const pid = await startInit(lab, host);
  const mark = markOf(pid);
  if (!mark) throw new Error(`host ${host} ended at its start; see ${logFile(lab, host)}`);
  writeFileSync(markFile(lab, host), JSON.stringify(mark));
}

/** Starts the first process in new namespaces and resolves to its number once the host's root stands. */
function startInit(lab: Lab, host: HostName): Promise<number> {
  const log = openSync(logFile(lab, host), "a");
  const enter = ["nsenter", `--net=/run/netns/${namespaceOf(host)}`, "--"];
  const unshare = ["unshare", "--mount", "--pid", "--uts", "--fork", "--", "/bin/sh", hostDir(lab, host, "init.sh")];
  const [file = "", ...args] = [...enter, ...unshare];
  const child = spawn(file, args, { stdio: ["ignore", log, log, "pipe"], env: plainEnvironment, detached: true });
  closeSync(log);
  child.unref();
  const pipe = child.stdio[3] as Readable;
  return new Promise((resolve, reject) => {
    pipe.once("data", (said: Buffer) => {
      pipe.destroy();
      resolve(Number(said.toString()));
    });
    child.once("error", reject);
    child.once("exit", () => {
      const last = readFileSync(logFile(lab, host), "utf8").trim().split("\n").at(-1) ?? "";
      reject(new Error(`host ${host} could not be built: ${last || "no message"}; see ${logFile(lab, host)}`));
    });
  });
}

/** Ends a host and all that runs in it, also one that an interrupted `up` left half built. Its own files stay. */
export async function endHost(lab: Lab, host: HostName): Promise<void> {
  const mark = initOf(lab, host);
  if (mark) await kill(mark);
  for (const pid of await processesIn(namespaceOf(host))) {
    const stray = firstOfItsNamespace(pid) ? markOf(pid) : undefined;
    if (stray && isRunning(stray)) await kill(stray);
  }
  await disconnectHost(host);
  rmSync(markFile(lab, host), { force: true });
}

/** Ends a host and removes its files. Nothing happens if there is none. */
export async function destroyHost(lab: Lab, host: HostName): Promise<void> {
  if (hasNamespace(namespaceOf(host)) || existsSync(hostDir(lab, host))) await endHost(lab, host);
  removeMountPoints(lab, host);
  await removeFolder(hostDir(lab, host));
}

const mountPointsFile = (lab: Lab, host: HostName): string => hostDir(lab, host, "made-on-the-machine");

/** Removes the empty folders that were made on the machine for the host's mounts. */
function removeMountPoints(lab: Lab, host: HostName): void {
  if (!existsSync(mountPointsFile(lab, host))) return;
  const folders = readFileSync(mountPointsFile(lab, host), "utf8").split("\n").filter(Boolean);
  for (const folder of folders.reverse()) {
    try {
      rmdirSync(folder);
    } catch {
      continue; // it is gone, or somebody else uses it by now
    }
  }
}

/** Removes a folder, but never what is mounted in it. */
export async function removeFolder(dir: string): Promise<void> {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((point) => point === dir || point.startsWith(`${dir}/`));
  for (const point of mounts.reverse()) await run(["umount", "--lazy", point], { mayFail: true });
  await run(["rm", "-rf", "--one-file-system", "--", dir]);
}

/** True for the first process of a process namespace, whose end is the end of all others in it. */
function firstOfItsNamespace(pid: number): boolean {
  try {
    const line = /^NSpid:\t(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";
    const numbers = line.split("\t");
    return numbers.length > 1 && numbers.at(-1) === "1";
  } catch {
    return false;
  }
}
