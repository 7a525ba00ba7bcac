import * as fs from "node:fs";
import * as path from "node:path";
import { createHash } from "node:crypto";
import { execa } from "execa";
import { moveIntoPlace, type Say } from "./build";
import { cacheFolder } from "./cache";
import { ensureDebianPackages } from "./debian";
import { lastLines } from "./messages";

/** A set of PyPI's packages, each pinned by the requirements.txt in its folder below lab/programs. */
export type PythonSet = "moto";

/**
 * Makes sure that a set of Python packages is there, in a virtual environment of its own in the user's cache, and says
 * where its Python is: modules are run by `python -m`, since the scripts beside it name the folder that they were
 * installed in. Calls of one process wait for each other.
 *
 * Errors: no Python with its module venv where Debian's can't be installed, packages that can't be fetched.
 */
export async function ensurePython(set: PythonSet, say: Say): Promise<string> {
  const result = queue.then(() => ensure(set, say));
  queue = result.catch(() => undefined);
  return result;
}

let queue: Promise<unknown> = Promise.resolve();

async function ensure(set: PythonSet, say: Say): Promise<string> {
  const requirements = path.join(__dirname, set, "requirements.txt");
  const python = "python3";
  const usable = await execa(python, ["-c", "import venv, ensurepip"], { reject: false });
  if (usable.failed) await ensureDebianPackages(["python3", "python3-venv"], say);
  const { stdout: version } = await execa(python, ["--version"]);
  const key = createHash("sha256").update(version).update(fs.readFileSync(requirements)).digest("hex").slice(0, 16);
  const finished = path.join(cacheFolder(), "programs", `${set}-${key}`);
  const program = path.join(finished, "bin", "python");
  if (fs.existsSync(program)) return program;
  say(`${set}: installing Python packages`);
  const folder = `${finished}.building-${process.pid}`;
  fs.rmSync(folder, { recursive: true, force: true });
  try {
    await execa(python, ["-m", "venv", folder]);
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", requirements];
    const installed = await execa(path.join(folder, "bin", "python"), pip, { reject: false, all: true });
    if (installed.failed) {
      throw new Error(`${set} can't be installed; fix that and run this again:\n${lastLines(installed.all, 12)}`);
    }
    moveIntoPlace(folder, finished);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  return program;
}
