import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { compareVersions, failure, lastLines } from "./messages";

/** The Go of this machine, as far as the builds need to know it. */
export interface Go {
  /** Its version: "1.26.8". */
  version: string;
  /** Where modules come from, as GOPROXY says. */
  proxy: string;
  buildCache: string;
  moduleCache: string;
}

/**
 * The environment of every `go` that the lab runs. The user's GOFLAGS, GOPROXY, GOCACHE and the like hold; what would
 * change the result does not: no other toolchain is fetched, no workspace is looked for, and the programs are static.
 */
export function goEnvironment(): Record<string, string> {
  const set = { GOTOOLCHAIN: "local", GOWORK: "off", GO111MODULE: "on", CGO_ENABLED: "0", GOOS: "linux" };
  // The compiler and the linker are short-lived: collecting garbage four times as rarely saves CPU (docs of GOGC).
  return { GOGC: "400", ...(process.env as Record<string, string>), ...set };
}

/** Asks the `go` on PATH about itself. Throws if there is none, or one older than `needed` ("1.26"). */
export async function findGo(needed: string, what: string): Promise<Go> {
  const advice = `install Go ${needed} or newer and run this again, or put fit versions of those programs on PATH`;
  const asked = await execa("go", ["env", "-json", "GOVERSION", "GOPROXY", "GOCACHE", "GOMODCACHE"], {
    env: goEnvironment(),
    extendEnv: false,
    cwd: os.tmpdir(),
    reject: false,
  });
  if (asked.code === "ENOENT")
    throw new Error(`Go ${needed} is needed to build ${what}, and no go is on PATH; ${advice}`);
  if (asked.failed) throw new Error(`go env failed, so ${what} can't be built: ${lastLines(asked.stderr, 5)}`);
  const found = JSON.parse(asked.stdout) as Record<string, string>;
  const version = (found["GOVERSION"] ?? "").replace(/^go/, "");
  if (compareVersions(version, needed) < 0) {
    throw new Error(`Go ${needed} or newer is needed to build ${what}, got ${version}; ${advice}`);
  }
  return {
    version,
    proxy: found["GOPROXY"] ?? "",
    buildCache: found["GOCACHE"] ?? os.tmpdir(),
    moduleCache: found["GOMODCACHE"] ?? os.tmpdir(),
  };
}

/** Runs `go` in a module's folder; `seen` gets each line of its stderr as it comes. Throws what a person can act on. */
export async function runGo(
  go: Go,
  folder: string,
  args: readonly string[],
  options: { what: string; seen?: (line: string) => void },
): Promise<string> {
  const running = execa("go", args, {
    cwd: folder,
    env: goEnvironment(),
    extendEnv: false,
    stdin: "ignore",
    reject: false,
  });
  const lines: string[] = [];
  for await (const line of running.iterable({ from: "stderr" })) {
    lines.push(line);
    options.seen?.(line);
  }
  const ended = await running;
  if (ended.failed)
    throw failure({ what: options.what, proxy: go.proxy, output: lines.join("\n"), reason: ended.shortMessage ?? "" });
  return ended.stdout;
}

/** The newest `go` line of the go.mod files in these folders: "1.26". */
export function neededGo(folders: readonly string[]): string {
  const versions = folders.map((folder) => {
    const text = fs.readFileSync(path.join(folder, "go.mod"), "utf8");
    return /^go (\S+)$/m.exec(text)?.[1] ?? "1.0";
  });
  return versions.sort(compareVersions).at(-1) ?? "1.0";
}
