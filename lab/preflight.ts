import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { removeFolder } from "./hosts";
import { Lab, STANDARD_DIR } from "./lab";
import { freeMiB } from "./programs/cache";

/** What a lab writes in its folder until it holds a few images. */
const NEEDED_MIB = 1024;

/** Tells a lab's folder from any other. */
const MARK = ".private-registry-lab";

/** Folders that the lab's hosts have of their own or that are no place for files. */
const IMPOSSIBLE = ["/", "/etc", "/proc", "/sys", "/dev", "/run", "/boot"];

/** Throws if a command can't work here at all: every reason at once, each with what to do. */
export function checkMachine(lab: Lab, command: string): void {
  const reasons: string[] = [];
  if (process.platform !== "linux") {
    throw new Error(`the lab needs Linux, this is ${process.platform}; run it in a Linux virtual machine`);
  }
  if (process.getuid?.() !== 0) {
    reasons.push(
      `the lab makes network namespaces and mounts, which only root may; run it as root: sudo npm run lab -- ${command}`,
    );
  }
  reasons.push(...folderProblems(lab.dir));
  const free = freeMiB(lab.dir);
  if ((command === "up" || command === "start") && free < NEEDED_MIB) {
    reasons.push(
      `${lab.dir} needs ${NEEDED_MIB} MiB of free space and has ${free} MiB; make room, or name a folder on a larger disk by LAB_DIR`,
    );
  }
  if (reasons.length > 0) throw new Error(reasons.join("\n"));
}

/** What is wrong with a lab's folder, going only by its name. */
export function folderProblems(dir: string): string[] {
  const within = (folder: string): boolean => dir === folder || (folder !== "/" && dir.startsWith(`${folder}/`));
  if (/^(\/[A-Za-z0-9._@+-]+)+$/.test(dir) && !IMPOSSIBLE.some(within)) return [];
  return [
    `LAB_DIR must be a folder of its own, of letters, digits and ._-@+, and not in ${IMPOSSIBLE.slice(1).join(", ")}, ` +
      `got ${JSON.stringify(dir)}; leave it out to use ${STANDARD_DIR}`,
  ];
}

/** Makes the folder a lab's. Throws if it holds anything that no lab has put there, since `down` empties it. */
export function claimFolder(dir: string): void {
  refuseForeignFolder(dir);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(path.join(dir, MARK), "The lab's: npm run lab -- down empties this folder.\n");
}

/** Throws if a folder holds something, and no lab made it. */
export function refuseForeignFolder(dir: string): void {
  if (isLabFolder(dir) || !existsSync(dir) || readdirSync(dir).length === 0) return;
  throw new Error(`${dir} holds files that are no lab's, and 'down' would remove them; name another folder by LAB_DIR`);
}

/** Removes a lab's folder; the mark goes last, so that an interrupted call can be repeated. */
export async function removeLabFolder(dir: string): Promise<void> {
  if (!isLabFolder(dir)) return;
  for (const name of readdirSync(dir)) if (name !== MARK) await removeFolder(path.join(dir, name));
  await removeFolder(dir);
}

/** True if a lab made the folder. */
export function isLabFolder(dir: string): boolean {
  return existsSync(path.join(dir, MARK)) || (dir === STANDARD_DIR && existsSync(dir));
}
