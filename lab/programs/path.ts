import * as fs from "node:fs";
import * as path from "node:path";
import { execa } from "execa";
import type { Probe, ProgramModule } from "./catalogue";

/** The first executable of that name in the folders of PATH. */
export function which(name: string, folders = (process.env["PATH"] ?? "").split(path.delimiter)): string | undefined {
  return folders.map((folder) => path.join(folder || ".", name)).find(isExecutable);
}

/**
 * Looks on PATH for those of a module's programs that are wanted. Returns their paths if all of them are there and fit,
 * else nothing: programs of one module are never mixed from two places.
 */
export async function onPath(
  module: ProgramModule,
  wanted: readonly string[],
): Promise<Record<string, string> | undefined> {
  const paths: Record<string, string> = {};
  for (const name of module.makes.filter((one) => wanted.includes(one))) {
    const probe = module.probe?.[name];
    const file = probe && which(name);
    if (!probe || !file || !(await isFit(file, probe))) return undefined;
    paths[name] = file;
  }
  return paths;
}

async function isFit(file: string, probe: Probe): Promise<boolean> {
  const asked = await execa(file, probe.args, { reject: false, all: true, stdin: "ignore", timeout: 10_000 });
  return probe.fits.test(asked.all ?? "");
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
