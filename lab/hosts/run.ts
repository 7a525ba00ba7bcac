import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { hostDir, HostName, Lab, logFile } from "../lab";
import { plainEnvironment, Ran, run, RunOptions } from "./command";
import { initOf } from "./host";
import { kill, markOf, ProcessMark, startTimeOf, until } from "./processes";

type Command = readonly [string, ...string[]];

/** A program that goes on running on a host. */
export interface Daemon {
  /** Names its pid file, and its log unless `log` is given: one of a host's daemons has it. */
  readonly name: string;
  readonly command: Command;
  /** Its whole environment; by default `plainEnvironment`. */
  readonly env?: Record<string, string>;
  /** Path of its log; by default `logFile(lab, name)`. It is appended to. */
  readonly log?: string;
}

/** The words before a command that run it on a host, in all the host's namespaces. */
export function entering(lab: Lab, host: HostName): [string, ...string[]] {
  const init = initOf(lab, host);
  if (!init) throw new Error(`host ${host} is not up; 'npm run lab -- up' brings it up`);
  return ["nsenter", `--target=${init.pid}`, "--net", "--mount", "--pid", "--uts", "--"];
}

/** Runs a program on a host and waits for its end. Rejects with its last words if it fails. */
export async function runOn(lab: Lab, host: HostName, command: Command, options: RunOptions = {}): Promise<Ran> {
  const [file, ...before] = entering(lab, host);
  try {
    return await run([file, ...before, ...command], options);
  } catch (error) {
    throw new Error(`on host ${host}: ${String((error as Error).message).replace(/^nsenter .*? -- /, "")}`, {
      cause: error,
    });
  }
}

const pidFile = (lab: Lab, host: HostName, daemon: string): string => hostDir(lab, host, "pids", daemon);

/** The daemon's process as the machine sees it, or undefined if it does not run. */
export function daemonOf(lab: Lab, host: HostName, daemon: string): ProcessMark | undefined {
  const init = initOf(lab, host);
  const file = pidFile(lab, host, daemon);
  if (!init || !existsSync(file)) return undefined;
  const [inside, startTime] = readFileSync(file, "utf8").trim().split(" ");
  if (!inside || startTimeOf(Number(inside), `/proc/${init.pid}/root/proc`) !== startTime) return undefined;
  const pid = pidOnMachine(init.pid, inside);
  return pid === undefined ? undefined : markOf(pid);
}

/** True if the daemon runs. */
export function daemonIsUp(lab: Lab, host: HostName, daemon: string): boolean {
  return daemonOf(lab, host, daemon) !== undefined;
}

/** Starts a daemon on a host, unless it runs. Resolves when the program is started, which is not yet when it serves. */
export async function startDaemon(lab: Lab, host: HostName, daemon: Daemon): Promise<void> {
  if (daemonIsUp(lab, host, daemon.name)) return;
  mkdirSync(lab.logs, { recursive: true });
  const path = daemon.log ?? logFile(lab, daemon.name);
  const log = openSync(path, "a");
  const pid = openSync(pidFile(lab, host, daemon.name), "w", 0o600);
  // Number and start time are told on descriptor 3 by the process that becomes the daemon. `setsid -f` makes it a child
  // of the host's first process.
  const tell = `echo "$$ $(cut -d' ' -f22 /proc/$$/stat)" >&3; exec 3>&-; exec "$@"`;
  const [file, ...args] = [
    ...entering(lab, host),
    "setsid",
    "-f",
    "/bin/sh",
    "-c",
    tell,
    daemon.name,
    ...daemon.command,
  ];
  const child = spawn(file, args, {
    stdio: ["ignore", log, log, pid],
    env: daemon.env ?? plainEnvironment,
    detached: true,
  });
  closeSync(log);
  closeSync(pid);
  await new Promise((resolve, reject) => child.once("exit", resolve).once("error", reject));
  const started = await until(() => readFileSync(pidFile(lab, host, daemon.name), "utf8").endsWith("\n"), 5);
  if (!started) throw new Error(`${daemon.name} could not be started on host ${host}; see ${path}`);
}

/** Asks a daemon to end, and ends it after `graceSeconds` (default 5). */
export async function stopDaemon(lab: Lab, host: HostName, daemon: string, graceSeconds = 5): Promise<void> {
  const mark = daemonOf(lab, host, daemon);
  if (mark) await kill(mark, "SIGTERM", graceSeconds).catch(() => kill(mark));
  rmSync(pidFile(lab, host, daemon), { force: true });
}

/**
 * Waits until a daemon serves. Rejects with the end of its log if it ends, or if it does not serve in time.
 * @param serves Asks the daemon something that it answers only when it is ready.
 */
export async function waitForDaemon(
  lab: Lab,
  host: HostName,
  daemon: Daemon,
  serves: () => Promise<boolean>,
  seconds = 30,
): Promise<void> {
  const log = daemon.log ?? logFile(lab, daemon.name);
  let ended = false;
  const ready = await until(async () => {
    ended = !daemonIsUp(lab, host, daemon.name);
    return ended || (await serves().catch(() => false));
  }, seconds);
  if (ready && !ended) return;
  const last = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").slice(-3).join("\n") : "";
  throw new Error(`${daemon.name} ${ended ? "ended" : `does not serve after ${seconds} s`}: ${last}`);
}

/** The number on the machine of a process in the process namespace that `init` is the first of. */
function pidOnMachine(init: number, inside: string): number | undefined {
  const namespace = readlinkSync(`/proc/${init}/ns/pid`);
  const numbers = new RegExp(`^NSpid:\\t\\d+\\t${inside}$`, "m");
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .find((pid) => {
      try {
        if (readlinkSync(`/proc/${pid}/ns/pid`) !== namespace) return false;
        return numbers.test(readFileSync(`/proc/${pid}/status`, "utf8"));
      } catch {
        return false; // it ended while we looked
      }
    });
}
