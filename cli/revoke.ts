import type { Command } from "commander";
import { doneAt, fileIn, onHost, revocationInput, wordIn } from "../components/internal";
import { type WrittenRelease, writtenReleases } from "./gateways/written";
import { type StackOptions, stackArgs, withStackOptions } from "./stack";

/** What became of a revocation on one host. */
export interface Revocation {
  name: string;
  host: string;
  /** What the host said of each user; empty if it could not be asked. */
  said: string[];
  /** Why it could not be done; undefined if it was. */
  failure?: string;
}

/**
 * Takes the passwords of some users away on every gateway that answers, at the same time: from all releases on its disk
 * and from its memory. A later release that still has such a password does not bring it back; one in which the user is
 * gone or has a different password ends that. After an `up` that has stopped half-way a user's new password stays.
 */
export function revoke(releases: readonly WrittenRelease[], users: readonly string[]): Promise<Revocation[]> {
  const gateways = releases.filter(hasUsers);
  const spared = newLines(gateways, users);
  return Promise.all(gateways.map((release) => revoked(release, users, spared.get(siteOf(release)) ?? [])));
}

/**
 * The lines that stay good: where an `up` has stopped half-way, the first gateways have a user's new password and the
 * others a former one. Where all have the same, that one is meant.
 */
function newLines(gateways: readonly WrittenRelease[], users: readonly string[]): Map<string, string[]> {
  const spared = new Map<string, string[]>();
  for (const site of new Set(gateways.map(siteOf))) {
    const hosts = gateways.filter((release) => siteOf(release) === site).map(linesOf);
    const lines = users.flatMap((name) => {
      const [newest, ...others] = hosts.map((all) => all.find((line) => line.startsWith(`${name}:`)));
      return newest !== undefined && others.some((line) => line !== newest) ? [newest] : [];
    });
    spared.set(site, lines);
  }
  return spared;
}

function linesOf({ stdin }: WrittenRelease): string[] {
  return ["users", "made-users"].flatMap((path) => (fileIn(stdin, path) ?? "").split("\n"));
}

function siteOf({ stdin }: WrittenRelease): string {
  return wordIn(stdin, "site");
}

/** Only gateways have a user file; the site on port 80 has none. */
function hasUsers({ stdin }: WrittenRelease): boolean {
  return /^put \d+ nginx 'users' /m.test(stdin);
}

async function revoked(
  release: WrittenRelease,
  users: readonly string[],
  spared: readonly string[],
): Promise<Revocation> {
  const { name, host } = release;
  const site = siteOf(release);
  try {
    const { code, stdout, stderr } = await onHost(release, "revoke", revocationInput(site, users, spared));
    const done = code === 0 && doneAt(stdout, ["revoke"], site, "") !== undefined;
    if (!done) return { name, host, said: [], failure: stderr.trim() || `the command ended with ${code}` };
    const lines = stdout.trim().split("\n").slice(0, -1);
    return { name, host, said: lines.map((line) => line.replace(/^private-registry: /, "")) };
  } catch (error) {
    return { name, host, said: [], failure: (error as Error).message };
  }
}

/** `private-registry revoke`: ends with 1 if a host was not reached. */
export function addRevoke(cli: Command): void {
  withStackOptions(cli.command("revoke"))
    .description("end users' passwords at once on every gateway that answers, without an up")
    .requiredOption("-u, --user <name...>", "whose password")
    .action(async ({ user, ...options }: StackOptions & { user: string[] }) => {
      process.exitCode = await printRevocation(stackArgs(options), user);
    });
}

async function printRevocation(args: readonly string[], users: readonly string[]): Promise<number> {
  const bad = users.filter((name) => !/^[A-Za-z0-9_][A-Za-z0-9._@+-]{0,63}$/.test(name));
  if (bad.length > 0)
    throw new Error(`--user: these are no names of users: ${bad.map((name) => JSON.stringify(name)).join(", ")}`);
  const results = await revoke(await writtenReleases(args), users);
  if (results.length === 0)
    throw new Error("this stack has written no gateway to any host; there is nothing to revoke");
  for (const { name, host, said, failure } of results) {
    for (const line of said) console.log(`${name} on ${host}: ${line}`);
    if (failure !== undefined) console.log(`${name} on ${host}: NOT revoked: ${failure}`);
  }
  const missed = results.filter(({ failure }) => failure !== undefined);
  if (missed.length > 0) {
    const hosts = missed.map(({ host }) => host).join(", ");
    console.log(`Not revoked on ${hosts}: run this again when it answers, or run pulumi up without the user.`);
  }
  console.log("Take the user, or the password, out of the stack's file too, and run pulumi up.");
  return missed.length > 0 ? 1 : 0;
}
