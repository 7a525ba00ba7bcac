import * as fs from "node:fs";
import * as path from "node:path";
import { execa } from "execa";
import type { Say } from "./build";
import { isThere, PACKAGES } from "./debian-packages";
import { lastLines } from "./messages";
import { quietly } from "./policy";

export { DEBIAN_GROUPS } from "./debian-packages";

/**
 * Installs those of Debian's packages that are missing, after saying which. No service is started by it, none stays
 * enabled, and nothing is removed or upgraded for it.
 *
 * Errors: not a Debian and something is missing (the message names it), not root, or apt-get's own failure.
 */
export async function ensureDebianPackages(names: readonly string[], say: Say): Promise<void> {
  const missing = await missingPackages(names);
  if (missing.length === 0) return;
  const list = missing.join(" ");
  if (!isDebian()) {
    const programs = missing.map((name) => `${PACKAGES[name]?.shows.join(" or ") ?? name} (Debian's ${name})`);
    throw new Error(`this is no Debian, so nothing is installed here; install what is missing: ${programs.join(", ")}`);
  }
  if (process.getuid?.() !== 0) {
    throw new Error(`these packages are missing, and only root can install them: apt-get install ${list}`);
  }
  say(`installing Debian's packages: ${list}`);
  if (listsAreOld()) await update(say);
  const install = () =>
    apt(["install", "--yes", "--no-install-recommends", "--no-remove", "--no-upgrade", ...missing], say);
  let ended = await install();
  if (ended.failed && /404 |Unable to locate package|Unable to fetch/.test(ended.output)) {
    await update(say);
    ended = await install();
  }
  if (ended.failed) throw new Error(`apt-get install ${list} failed; fix that and run this again:\n${ended.output}`);
  await disableServices(missing);
}

/** True if packages can be installed here. */
export const isDebian = (): boolean => fs.existsSync("/etc/debian_version") && fs.existsSync("/usr/bin/apt-get");

/** Those packages of which neither dpkg nor the file system has anything. */
export async function missingPackages(names: readonly string[]): Promise<string[]> {
  const unknown = names.filter((name) => !PACKAGES[name]);
  if (unknown.length > 0) throw new Error(`no such package in lab/programs/debian-packages.ts: ${unknown.join(", ")}`);
  const absent = [...new Set(names)].filter((name) => !isThere(name)).sort();
  if (absent.length === 0) return [];
  const asked = await execa("dpkg-query", ["-W", "-f", "${Package} ${db:Status-Status}\n", ...absent], {
    reject: false,
  });
  const installed = new Set((asked.stdout ?? "").split("\n").filter((line) => line.endsWith(" installed")));
  return absent.filter((name) => !installed.has(`${name} installed`));
}

/** True if apt has no lists, or none of the last day. */
function listsAreOld(folder = "/var/lib/apt/lists"): boolean {
  const lists = fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => name.includes("_Packages")) : [];
  const newest = Math.max(0, ...lists.map((name) => fs.statSync(path.join(folder, name)).ctimeMs));
  return Date.now() - newest > 24 * 3600 * 1000;
}

async function update(say: Say): Promise<void> {
  say("apt-get update");
  // It may fail for one list of many: what matters is whether the packages can be installed then.
  await apt(["update", "-qq"], say);
}

interface AptEnd {
  failed: boolean;
  /** The last lines of what it wrote. */
  output: string;
}

async function apt(args: readonly string[], say: Say): Promise<AptEnd> {
  const options = ["-o", "DPkg::Lock::Timeout=300", "-o", "APT::Acquire::Retries=3", "-o", "Dpkg::Use-Pty=0"];
  const command = quietly(["/usr/bin/apt-get", ...options, ...args]);
  const running = execa(command.file, command.args, {
    env: { DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_MODE: "l", LC_ALL: "C.UTF-8" },
    stdin: "ignore",
    reject: false,
    all: true,
    timeout: 20 * 60 * 1000,
    detached: true, // Ctrl-C must not cut dpkg short: it ends what it does, and the policy file goes with it
    cleanup: false,
  });
  const lines: string[] = [];
  for await (const line of running.iterable({ from: "all" })) {
    lines.push(line);
    if (/^(Get:|Unpacking |Setting up )/.test(line)) say(`apt-get: ${line.slice(0, 100)}`);
  }
  const ended = await running;
  return { failed: ended.failed, output: lastLines(lines.join("\n"), 12) };
}

/** Newly installed services stay off after a boot too; without systemd there is nothing to do. */
async function disableServices(installed: readonly string[]): Promise<void> {
  const services = installed.flatMap((name) => PACKAGES[name]?.services ?? []);
  if (services.length === 0 || !fs.existsSync("/run/systemd/system")) return;
  await execa("systemctl", ["disable", "--quiet", ...services], { reject: false });
}
