import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import path from "node:path";
import { hostDir, Lab, logFile, names, namespaceOf } from "../lab";
import { which } from "../programs/path";
import { plainEnvironment } from "./command";
import { removeFolder } from "./host";
import { isRunning, kill, markOf, readMark, until } from "./processes";

/**
 * `ip netns exec` lays the files of this folder over those of /etc: it is the lab's only one outside its own folder.
 */
export const clientFiles = path.join("/etc/netns", namespaceOf("client"));

const folder = (lab: Lab, ...parts: string[]): string => hostDir(lab, "client", "docker", ...parts);
const markFile = (lab: Lab): string => folder(lab, "daemon.json");
const logOf = (lab: Lab): string => logFile(lab, "docker");

/** True if docker's daemon and command are on this machine, wherever they came from. */
export function dockerIsInstalled(): boolean {
  const folders = (plainEnvironment["PATH"] ?? "").split(":");
  return ["dockerd", "docker"].every((program) => which(program, folders) !== undefined);
}

/** True if the daemon runs. */
export function dockerIsUp(lab: Lab): boolean {
  return readMark(markFile(lab)) !== undefined;
}

/**
 * Starts docker's daemon on the client host, unless it runs, and waits until it serves `lab.dockerSocket`. It trusts
 * the lab's CA for the registry, by a file in its own /etc/docker/certs.d. `stopDocker` ends it, and so does the client
 * host's end.
 *
 * Errors: it ends, or does not serve within 60 s; the message has the end of its log.
 */
export async function startDocker(lab: Lab): Promise<void> {
  if (dockerIsUp(lab)) return;
  await stopDocker(lab);
  mkdirSync(folder(lab, "etc"), { recursive: true, mode: 0o700 });
  mkdirSync(lab.logs, { recursive: true });
  const log = openSync(logOf(lab), "a");
  const [file = "", ...args] = command(lab);
  const child = spawn(file, args, { stdio: ["ignore", log, log], env: plainEnvironment, detached: true });
  closeSync(log);
  child.unref();
  child.once("error", () => undefined); // nsenter is missing: told below, as a daemon that ended
  const mark = child.pid === undefined ? undefined : markOf(child.pid);
  if (mark) writeFileSync(markFile(lab), JSON.stringify(mark));
  let ended = false;
  const ready = await until(async () => {
    ended = !mark || !isRunning(mark);
    return ended || (await answers(lab.dockerSocket));
  }, 60);
  if (ready && !ended) return;
  const last = readFileSync(logOf(lab), "utf8").trim().split("\n").slice(-3).join("\n");
  await stopDocker(lab);
  throw new Error(
    `docker's daemon ${ended ? "ended" : "does not serve after 60 s"}; the end of ${logOf(lab)}: ${last}`,
  );
}

/** Ends the daemon and removes its images and files. Nothing happens if there is none. */
export async function stopDocker(lab: Lab): Promise<void> {
  const mark = readMark(markFile(lab));
  // Its containerd goes with it, also when it is killed.
  if (mark) await kill(mark, "SIGTERM", 15).catch(() => kill(mark));
  rmSync(lab.dockerSocket, { force: true });
  if (existsSync(folder(lab))) await removeFolder(folder(lab));
}

/**
 * The daemon in the client's network, with a /etc and a /run of its own: `ip netns exec` is no way in, as it hides the
 * control groups. Each program is replaced by the next one, so that the process that is started becomes the daemon.
 */
function command(lab: Lab): string[] {
  return [
    ...["nsenter", `--net=/run/netns/${namespaceOf("client")}`, "--"],
    ...["unshare", "--mount", "--propagation", "private", "--"],
    ...["/bin/sh", "-euc", ROOM, "docker", folder(lab), clientFiles, names.registry, lab.caFile],
    ...["dockerd", "--host", `unix://${lab.dockerSocket}`, "--group", "root"],
    ...["--data-root", folder(lab, "data"), "--exec-root", folder(lab, "exec"), "--pidfile", folder(lab, "pid")],
    ...["--bridge=none", "--iptables=false", "--ip-forward=false", "--storage-driver=vfs"],
  ];
}

/**
 * Arguments: the daemon's folder, that of the client's files in /etc, the registry's name, the file of the CAs to trust
 * for it, and the daemon's command.
 */
const ROOM = `
folder=$1 files=$2 registry=$3 roots=$4
shift 4
mount -t tmpfs tmpfs "$folder/etc"
mkdir "$folder/etc/upper" "$folder/etc/work"
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$folder/etc/upper,workdir=$folder/etc/work" /etc
cp "$files"/* /etc/
mkdir -p /etc/docker
mount -t tmpfs tmpfs /etc/docker
mkdir -p "/etc/docker/certs.d/$registry"
ln -s "$roots" "/etc/docker/certs.d/$registry/ca.crt"
mount -t tmpfs tmpfs /run
exec "$@"`;

/** True if a daemon answers at a socket. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ socketPath, path: "/_ping", timeout: 5000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(false));
  });
}
