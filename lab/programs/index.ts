import * as fs from "node:fs";
import * as path from "node:path";
import { build, fetchModules, type Say } from "./build";
import { cacheFolder, freeMiB, programFolder, removeLeftovers, sourceFolder } from "./cache";
import { type Executable, KUBERNETES_PROGRAMS, moduleOf, MODULES, type ProgramModule } from "./catalogue";
import { findGo, type Go, neededGo } from "./go";
import { onPath } from "./path";

export type { Say } from "./build";
export { type Executable, KUBERNETES_PROGRAMS } from "./catalogue";
export { cacheFolder } from "./cache";

/** A program by the name of its executable; "kubernetes" stands for all of `KUBERNETES_PROGRAMS`. */
export type ProgramName = Executable | "kubernetes";

type Expanded<N extends ProgramName> = N extends Executable ? N : (typeof KUBERNETES_PROGRAMS)[number];

/** The absolute path of each executable that was asked for. */
export type ProgramPaths<N extends ProgramName = ProgramName> = Readonly<Record<Expanded<N>, string>>;

/** What each use of the project needs. */
export const PROGRAMS_FOR = {
  /** The integration tests: local processes. */
  integration: [
    "actionlint",
    "pebble",
    "pebble-challtestsrv",
    "registry",
    "crane",
    "containerd",
    "ctr",
    "oauth2-proxy",
    "kubelet-stand-in",
  ],
  /** The whole lab. */
  lab: MODULES.flatMap((module) => module.makes).filter(
    (name) =>
      ![
        "actionlint",
        "containerd",
        "ctr",
        "pulumi-language-yaml",
        "oras",
        "helm",
        "oauth2-proxy",
        "kubelet-stand-in",
      ].includes(name),
  ) as Executable[],
  /** The tests of the package in a program that is no Node program, beside the lab. */
  yaml: ["pulumi-language-yaml"],
  /** The tests of clients other than crane, beside the lab. */
  clients: ["oras", "helm"],
  /** The tests of tokens, beside the lab. */
  identities: ["oauth2-proxy"],
} satisfies Record<string, ProgramName[]>;

/**
 * Makes sure that programs are there, and says where: taken from PATH in a fit version, else from the cache, else built
 * from the Go modules that are pinned in this folder's subfolders. Builds run one at a time (Go uses all cores itself).
 *
 * Errors: no Go or too old a one, no disk space, modules that can't be fetched, a compiler that fails. Calling it again
 * goes on where it stopped.
 */
export async function ensurePrograms<N extends ProgramName>(names: readonly N[], say: Say): Promise<ProgramPaths<N>> {
  const wanted = names.flatMap((name): string[] => (name === "kubernetes" ? [...KUBERNETES_PROGRAMS] : [name]));
  const result = queue.then(() => ensure(wanted, say));
  queue = result.catch(() => undefined);
  return (await result) as ProgramPaths<N>;
}

/** Ends when the last call's work has: builds of one process never run at the same time. */
let queue: Promise<unknown> = Promise.resolve();

async function ensure(wanted: string[], say: Say): Promise<Record<string, string>> {
  const wantedModules = new Set(wanted.map(moduleOf));
  const paths: Record<string, string> = {};
  const toBuild: ProgramModule[] = [];
  for (const module of MODULES.filter((one) => wantedModules.has(one))) {
    const found = await onPath(module, wanted);
    if (found) Object.assign(paths, found);
    else toBuild.push(module);
  }
  if (toBuild.length > 0) Object.assign(paths, await fromCache(toBuild, say));
  return Object.fromEntries(wanted.map((name) => [name, paths[name] ?? ""]));
}

async function fromCache(modules: ProgramModule[], say: Say): Promise<Record<string, string>> {
  const go = await findGo(neededGo(modules.map(sourceFolder)), modules.map(({ title }) => title).join(", "));
  const missing = modules.filter((module) => !fs.existsSync(programFolder(module, go.version)));
  if (missing.length > 0) {
    removeLeftovers();
    checkSpace(go, missing);
    await buildAll(go, missing, say);
  }
  const paths = modules.flatMap((module) =>
    module.makes.map((name) => [name, path.join(programFolder(module, go.version), name)] as const),
  );
  return Object.fromEntries(paths);
}

/** Builds one after the other; meanwhile the modules of those to come are fetched, one after the other too. */
async function buildAll(go: Go, missing: ProgramModule[], say: Say): Promise<void> {
  let ahead: Promise<unknown> = Promise.resolve();
  // A failure to fetch ahead is met again, and told, when that module's turn comes.
  for (const module of missing)
    ahead = ahead.then(() => fetchModules(go, module, () => undefined)).catch(() => undefined);
  for (const [index, module] of missing.entries()) {
    await build(go, module, (now) => say(`[${index + 1}/${missing.length}] ${now}`));
  }
  await ahead;
}

/** Throws if a file system that the builds write to is too full for them. */
function checkSpace(go: Go, missing: ProgramModule[]): void {
  const needed = missing.reduce((sum, module) => sum + module.spaceMiB, 0);
  const short = [cacheFolder(), go.buildCache, go.moduleCache].filter((folder) => freeMiB(folder) < needed);
  if (short.length === 0) return;
  const places = short.map((folder) => `${folder} has ${freeMiB(folder)} MiB`).join(", ");
  throw new Error(
    `building ${missing.map(({ title }) => title).join(", ")} needs ${needed} MiB of free space, and ${places}; make room, or name ` +
      "folders on a larger disk by XDG_CACHE_HOME, GOCACHE and GOMODCACHE, and run this again",
  );
}
