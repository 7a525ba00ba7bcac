import type { Command } from "commander";
import { execa } from "execa";
import { Client, type ConnectConfig } from "ssh2";
import { END_MARK, remoteCommand } from "../components/internal";

/** One release on one host, as the stack last wrote it. */
export interface WrittenRelease {
  /** Name of the command resource: "main-gateway-192-0-2-4". */
  name: string;
  /** URN of the command resource. */
  urn: string;
  host: string;
  port: number;
  user: string;
  privateKey: string;
  /** "ssh-ed25519 AAAA...". */
  hostKey: string;
  /** Everything that went to the host. Secret. */
  stdin: string;
}

/** What a host holds, compared with what the stack last wrote. */
export interface DriftReport {
  name: string;
  urn: string;
  host: string;
  /** One line each, with the file's path first; empty if all is as it was written. */
  differences: string[];
}

/**
 * Compares hosts with what the stack last wrote: every file's content, mode, owner and group, the link that makes the
 * release live, files that are too many, and whether nginx serves it. Changes nothing. Rejects if a host can't be
 * reached or is not the one whose key is pinned.
 */
export async function drift(releases: readonly WrittenRelease[]): Promise<DriftReport[]> {
  const reports: DriftReport[] = [];
  for (const release of releases) {
    const { name, urn, host } = release;
    const { code, stdout, stderr } = await runOverSsh(release, remoteCommand("check"), release.stdin);
    if (code !== 0 && code !== 3)
      throw new Error(`${name}: ${host} could not be compared: ${stderr.trim() || `it ended with ${code}`}`);
    reports.push({ name, urn, host, differences: stdout.split("\n").filter((line) => line !== "") });
  }
  return reports;
}

/** What the stack's state says was last written. `args` go to `pulumi stack export`: `["--stack", "dev"]`. */
export async function writtenReleases(args: readonly string[] = []): Promise<WrittenRelease[]> {
  const { stdout } = await execa("pulumi", ["stack", "export", "--show-secrets", ...args]);
  return releasesIn(JSON.parse(stdout));
}

/** The releases in an exported state with its secrets in clear. */
export function releasesIn(exported: unknown): WrittenRelease[] {
  const { deployment } = exported as { deployment?: { resources?: StateResource[] } };
  const commands = (deployment?.resources ?? []).filter(({ type }) => type === "command:remote:Command");
  return commands.flatMap(({ urn, inputs }) => {
    const { stdin, connection } = clear(inputs) as { stdin?: unknown; connection?: Connection };
    if (typeof stdin !== "string" || !stdin.endsWith(END_MARK) || !connection) return [];
    const { host, port = 22, user = "root", privateKey = "", hostKey = "" } = connection;
    return [{ name: urn.split("::").at(-1) ?? urn, urn, host, port, user, privateKey, hostKey, stdin }];
  });
}

interface StateResource {
  urn: string;
  type: string;
  inputs?: unknown;
}

interface Connection {
  host: string;
  port?: number;
  user?: string;
  privateKey?: string;
  hostKey?: string;
}

/** The mark of a secret in an exported state; its value is JSON once more. */
const SECRET = "4dabf18193072939515e22adb298388d";

function clear(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clear);
  if (value === null || typeof value !== "object") return value;
  if (SECRET in value) {
    const { plaintext } = value as { plaintext?: string };
    return plaintext === undefined ? undefined : clear(JSON.parse(plaintext));
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, clear(inner)]));
}

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

function runOverSsh(to: WrittenRelease, command: string, input: string): Promise<Ended> {
  const pinned = Buffer.from(to.hostKey.split(" ")[1] ?? "", "base64");
  const algorithm = (to.hostKey.split(" ")[0] ?? "") as "ssh-ed25519";
  const options: ConnectConfig = {
    host: to.host,
    port: to.port,
    username: to.user,
    privateKey: to.privateKey,
    readyTimeout: 15_000,
    algorithms: { serverHostKey: [algorithm] },
    hostVerifier: (key: Buffer) => pinned.length > 0 && key.equals(pinned),
  };
  return new Promise((resolve, reject) => {
    const client = new Client();
    const fail = (error: Error): void => reject(new Error(`${to.name}: ${to.host}:${to.port}: ${error.message}`));
    client.on("error", fail);
    client.on("ready", () =>
      client.exec(command, (error, channel) => {
        if (error) return fail(error);
        let [stdout, stderr] = ["", ""];
        channel.on("data", (text: Buffer) => (stdout += text.toString()));
        channel.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
        channel.on("close", (code: number | null) => {
          client.end();
          resolve({ code: code ?? 128, stdout, stderr });
        });
        channel.end(input);
      }),
    );
    client.connect(options);
  });
}

/** `private-registry drift`: prints what differs, and ends with 1 if something does. */
export function addDrift(cli: Command): void {
  cli
    .command("drift")
    .description("compare what the gateways hold with what the stack last wrote; exit code 1 if something differs")
    .option("-s, --stack <name>", "the stack; default: the selected one")
    .option("-C, --cwd <folder>", "the program's folder; default: this one")
    .action(async (options: { stack?: string; cwd?: string }) => {
      const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
      process.exitCode = await printDrift(args);
    });
}

async function printDrift(args: readonly string[]): Promise<number> {
  const releases = await writtenReleases(args);
  if (releases.length === 0) throw new Error("this stack has written no release to any host; run pulumi up first");
  const reports = await drift(releases);
  for (const { name, host, differences } of reports) {
    console.log(`${name} on ${host}: ${differences.length === 0 ? "as written" : `${differences.length} differences`}`);
    for (const line of differences) console.log(`  ${line}`);
  }
  const different = reports.filter(({ differences }) => differences.length > 0);
  if (different.length === 0) return 0;
  console.log("To write it again: pulumi up" + different.map(({ urn }) => ` --replace '${urn}'`).join(""));
  return 1;
}
