import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { programFolder, sourceFolder } from "./cache";
import type { ProgramModule } from "./catalogue";
import { type Go, runGo } from "./go";
import { isPassing } from "./messages";

/** Tells what is happening now, in a few words. */
export type Say = (now: string) => void;

/**
 * Builds a module's programs into the cache and returns their folder. It is built under a name of its own and renamed when it
 * is whole; what an interrupted build had compiled is still in Go's build cache for the next one.
 */
export async function build(go: Go, module: ProgramModule, say: Say): Promise<string> {
  const finished = programFolder(module, go.version);
  const folder = `${finished}.building-${process.pid}`;
  const name = nameOf(module);
  fs.mkdirSync(folder, { recursive: true });
  try {
    const packages = await fetchModules(go, module, say);
    const overlay = await overlayFlags(go, module, folder);
    let compiled = 0;
    const seen = (line: string): void => {
      if (/^[\w.-]+(\/\S+)*$/.test(line)) say(`${name}: compiling ${line} (${++compiled} of at most ${packages})`);
    };
    const output = module.target === "." ? path.join(folder, module.multiCall ?? module.makes[0] ?? "") : `${folder}/`;
    const args = ["build", "-v", ...FLAGS, ...overlay, "-ldflags", linkerFlags(module), "-o", output, module.target];
    await runGo(go, sourceFolder(module), args, { what: name, seen });
    if (module.multiCall) for (const link of module.makes) fs.symlinkSync(module.multiCall, path.join(folder, link));
    fs.rmSync(path.join(folder, "overlay.json"), { force: true });
    moveIntoPlace(folder, finished);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  return finished;
}

/**
 * Fetches the modules that the build of a program needs into Go's module cache, and returns how many packages it compiles at
 * most. A network that fails is asked three times.
 */
export async function fetchModules(go: Go, module: ProgramModule, say: Say): Promise<number> {
  const name = nameOf(module);
  const seen = (line: string): void => {
    if (line.startsWith("go: downloading ")) say(`${name}: ${line.slice(4)}`);
  };
  for (let attempt = 1; ; attempt++) {
    try {
      const target = module.target === "tool" ? "tool" : ".";
      const flags = ["list", "-deps", "-e", "-mod=readonly", "-f", "{{.ImportPath}}", target];
      const listed = await runGo(go, sourceFolder(module), flags, { what: name, seen });
      return listed.split("\n").length;
    } catch (error) {
      if (attempt === 3 || !isPassing(error)) throw error;
      say(`${name}: modules could not be fetched, trying again`);
      await sleep(attempt * 3000);
    }
  }
}

/** A module's name for people. */
export function nameOf(module: ProgramModule): string {
  return module.multiCall ?? module.makes.join(", ");
}

const FLAGS = ["-mod=readonly", "-buildvcs=false"];

function linkerFlags(module: ProgramModule): string {
  return ["-s", "-w", ...(module.variables ?? []).flatMap((variable) => ["-X", variable])].join(" ");
}

/** The flags that lay files of a required module beside our `main`, which embeds them. */
async function overlayFlags(go: Go, module: ProgramModule, folder: string): Promise<string[]> {
  if (!module.overlay) return [];
  const source = sourceFolder(module);
  const args = ["mod", "download", "-json", module.overlay.module];
  const { Dir } = JSON.parse(await runGo(go, source, args, { what: nameOf(module) })) as { Dir: string };
  const replace = Object.entries(module.overlay.files).map(([here, there]) => [
    path.join(source, here),
    path.join(Dir, there),
  ]);
  const file = path.join(folder, "overlay.json");
  fs.writeFileSync(file, JSON.stringify({ Replace: Object.fromEntries(replace) as Record<string, string> }));
  return ["-overlay", file];
}

/** Renames a finished folder into place; where another process was quicker, its result stays. */
function moveIntoPlace(folder: string, finished: string): void {
  try {
    fs.renameSync(folder, finished);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
}
