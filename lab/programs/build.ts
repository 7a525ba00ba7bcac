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
 * Builds a module's programs into the cache and returns their folder. It is built under a name of its own and renamed
 * when it is whole; what an interrupted build had compiled is still in Go's build cache for the next one.
 */
export async function build(go: Go, module: ProgramModule, say: Say): Promise<string> {
  const finished = programFolder(module, go.version);
  const folder = `${finished}.building-${process.pid}`;
  const started = Date.now();
  fs.mkdirSync(folder, { recursive: true });
  try {
    const packages = await fetchModules(go, module, say);
    const overlay = await overlayFlags(go, module, folder);
    let compiled = 0;
    const seen = (line: string): void => {
      if (/^[\w.-]+(\/\S+)*$/.test(line))
        say(`${module.title}: compiling ${line} (${++compiled} of at most ${packages})`);
    };
    const linker = ["-ldflags", linkerFlags(module)];
    const args = ["build", "-v", ...FLAGS, ...compilerFlags(module), ...linker, ...overlay, "-o", `${folder}/`];
    await runGo(go, sourceFolder(module), [...args, ...module.targets], { what: module.title, seen });
    for (const link of module.links?.names ?? []) fs.symlinkSync(module.links?.to ?? "", path.join(folder, link));
    fs.rmSync(path.join(folder, "overlay.json"), { force: true });
    moveIntoPlace(folder, finished);
    say(`${module.title}: built in ${Math.round((Date.now() - started) / 1000)} s`);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  return finished;
}

/**
 * Fetches the modules that the build of a program needs into Go's module cache, and returns how many packages it
 * compiles at most. A network that fails is asked three times.
 */
export async function fetchModules(go: Go, module: ProgramModule, say: Say): Promise<number> {
  const seen = (line: string): void => {
    if (line.startsWith("go: downloading ")) say(`${module.title}: ${line.slice(4)}`);
  };
  for (let attempt = 1; ; attempt++) {
    try {
      const flags = ["list", "-deps", "-e", "-mod=readonly", "-f", "{{.ImportPath}}", ...module.targets];
      const listed = await runGo(go, sourceFolder(module), flags, { what: module.title, seen });
      return listed.split("\n").length;
    } catch (error) {
      if (attempt === 3 || !isPassing(error)) throw error;
      say(`${module.title}: modules could not be fetched, trying again`);
      await sleep(attempt * 3000);
    }
  }
}

const FLAGS = ["-mod=readonly", "-buildvcs=false"];

/**
 * No debug information, which is a seventh of the compiler's work; and no inlining where a program can do without. The
 * standard library is compiled the same for all, once.
 */
function compilerFlags(module: ProgramModule): string[] {
  const without = "-dwarf=false";
  return module.quick ? [`-gcflags=all=${without} -l`, `-gcflags=std=${without}`] : [`-gcflags=all=${without}`];
}

function linkerFlags(module: ProgramModule): string {
  return ["-s", "-w", ...(module.variables ?? []).flatMap((variable) => ["-X", variable])].join(" ");
}

/** The flags that lay files of a required module beside our `main`, which embeds them. */
async function overlayFlags(go: Go, module: ProgramModule, folder: string): Promise<string[]> {
  if (!module.overlay) return [];
  const source = sourceFolder(module);
  const args = ["mod", "download", "-json", module.overlay.module];
  const { Dir } = JSON.parse(await runGo(go, source, args, { what: module.title })) as { Dir: string };
  const replace = Object.entries(module.overlay.files).map(([here, there]) => [
    path.join(source, here),
    path.join(Dir, there),
  ]);
  const file = path.join(folder, "overlay.json");
  fs.writeFileSync(file, JSON.stringify({ Replace: Object.fromEntries(replace) as Record<string, string> }));
  return ["-overlay", file];
}

/** Renames a finished folder into place; where another process was quicker, its result stays. */
export function moveIntoPlace(folder: string, finished: string): void {
  try {
    fs.renameSync(folder, finished);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
}
