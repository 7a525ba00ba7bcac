import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { ProgramModule } from "./catalogue";

/** The user's cache folder of this project: $XDG_CACHE_HOME or ~/.cache, + /private-registry. */
export function cacheFolder(): string {
  const base = process.env["XDG_CACHE_HOME"];
  return path.join(base && path.isAbsolute(base) ? base : path.join(os.homedir(), ".cache"), "private-registry");
}

/** The folder of a module's go.mod. */
export function sourceFolder(module: ProgramModule): string {
  return path.join(__dirname, module.folder);
}

/**
 * A key of everything that decides what a build makes: the module's files, how it is built, Go's version, the
 * processor.
 */
export function cacheKey(module: ProgramModule, goVersion: string): string {
  const hash = createHash("sha256");
  const folder = sourceFolder(module);
  hash.update(JSON.stringify([FORMAT, module, goVersion, process.arch]));
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true }).sort(byPath)) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    hash.update(`\0${path.relative(folder, file)}\0`).update(fs.readFileSync(file));
  }
  return hash.digest("hex").slice(0, 16);
}

/** Raised when the same module is built in another way (compiler flags). */
const FORMAT = 2;

function byPath(a: fs.Dirent, b: fs.Dirent): number {
  return path.join(a.parentPath, a.name) < path.join(b.parentPath, b.name) ? -1 : 1;
}

/** Where the finished programs of a module lie, or will lie: <cache>/programs/<module>-<key>. */
export function programFolder(module: ProgramModule, goVersion: string): string {
  return path.join(cacheFolder(), "programs", `${path.basename(module.folder)}-${cacheKey(module, goVersion)}`);
}

/** Removes what builds that never finished left in the programs' cache; builds that run now are kept. */
export function removeLeftovers(): void {
  const folder = path.join(cacheFolder(), "programs");
  for (const name of fs.existsSync(folder) ? fs.readdirSync(folder) : []) {
    const pid = /\.building-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !fs.existsSync(`/proc/${pid}`)) fs.rmSync(path.join(folder, name), { recursive: true });
  }
}

/** Free space in MiB on the file system that a path is, or would be, on. */
export function freeMiB(target: string): number {
  let existing = path.resolve(target);
  while (!fs.existsSync(existing)) existing = path.dirname(existing);
  const { bavail, bsize } = fs.statfsSync(existing);
  return Math.floor((bavail * bsize) / 2 ** 20);
}
