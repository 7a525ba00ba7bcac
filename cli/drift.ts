import type { Command } from "commander";
import { doneAt, notDone, onHost, type Verb, warningsIn, wordIn } from "../components/internal";
import { confirms, noteConfirmed, type WrittenRelease, writtenReleases } from "./gateways/written";
import { type StackOptions, stackArgs, withStackOptions } from "./stack";

/** What a host holds, compared with what the stack last wrote. */
export interface DriftReport {
  name: string;
  urn: string;
  host: string;
  /** One line each, with the file's path first; empty if all is as it was written. */
  differences: string[];
  /** What is no difference, but worth to know: one line each. */
  warnings: string[];
  /** Why it could not be found out; undefined if it could. */
  failure?: string;
}

/**
 * Compares hosts with what the stack last wrote: every file's content, mode, owner and group, the links, files that are
 * too many, whether nginx's workers can read them, what nginx itself says of the configuration, and whether a stand-in
 * user is let in, past the memory of passwords. Changes nothing. A host that can't be asked does not keep the others
 * from being asked.
 */
export async function drift(releases: readonly WrittenRelease[]): Promise<DriftReport[]> {
  const reports = await Promise.all(groups(releases).map(inTurn));
  const found = new Map(reports.flat().map((report) => [report.urn, report]));
  return releases.flatMap(({ urn }) => found.get(urn) ?? []);
}

async function inTurn(releases: readonly WrittenRelease[]): Promise<DriftReport[]> {
  const reports: DriftReport[] = [];
  for (const release of releases) reports.push(await compared(release));
  return reports;
}

async function compared(release: WrittenRelease): Promise<DriftReport> {
  const { name, urn, host } = release;
  const none = { name, urn, host, differences: [], warnings: [] };
  try {
    const { code, stdout, stderr } = await onHost(release, "check", release.stdin);
    const lines = stdout.split("\n").filter((line) => line !== "" && !line.startsWith("private-registry: "));
    if (code === 0 && finished(stdout, ["check"], release.stdin)) return { ...none, warnings: warningsIn(stdout) };
    if (code === 3) return { ...none, differences: lines, warnings: warningsIn(stdout) };
    return { ...none, failure: stderr.trim() || notDone(code, "host") };
  } catch (error) {
    return { ...none, failure: (error as Error).message };
  }
}

/**
 * Sends to a host what the stack last sent, by the same way. Returns what the host said at the end; throws if it did
 * not come to that.
 */
async function sendAgain(release: WrittenRelease): Promise<string> {
  const { code, stdout, stderr } = await onHost(release, "update", release.stdin);
  if (code === 0 && confirms(stdout, release.stdin)) return stdout;
  throw new Error(stderr.trim() || notDone(code, "host"));
}

function finished(stdout: string, verbs: Verb[], stdin: string): boolean {
  return doneAt(stdout, verbs, wordIn(stdin, "site"), wordIn(stdin, "release")) !== undefined;
}

/** `private-registry drift`: prints what differs, and ends with 1 if something does. */
export function addDrift(cli: Command): void {
  withStackOptions(cli.command("drift"))
    .description("compare what the gateways hold with what the stack last wrote; exit code 1 if something differs")
    .option("--fix", "write again what differs, as an up would; no later preview shows a change for it")
    .action(async ({ fix = false, ...options }: StackOptions & { fix?: boolean }) => {
      process.exitCode = await printDrift(stackArgs(options), fix);
    });
}

async function printDrift(args: readonly string[], fix: boolean): Promise<number> {
  const releases = await writtenReleases(args);
  if (releases.length === 0) throw new Error("this stack has written no release to any host; run pulumi up first");
  const before = await drift(releases);
  const wrong = before.filter((report) => report.differences.length > 0);
  const unconfirmed = releases.filter(({ confirmed }) => !confirmed).map(({ urn }) => urn);
  print(before);
  if (!fix || (wrong.length === 0 && unconfirmed.length === 0)) {
    if (wrong.length > 0)
      console.log(`To write it again: npm run drift -- --fix${args.map((word) => ` ${word}`).join("")}`);
    return worst(before);
  }
  const again = new Set([...wrong.map(({ urn }) => urn), ...unconfirmed]);
  return fixed(
    releases.filter(({ urn }) => again.has(urn)),
    before,
    args,
  );
}

async function fixed(
  releases: readonly WrittenRelease[],
  before: readonly DriftReport[],
  args: readonly string[],
): Promise<number> {
  const said = new Map<string, string>();
  for (const release of releases) {
    try {
      const text = await sendAgain(release);
      if (!release.confirmed) said.set(release.urn, text);
      console.log(`${release.name} on ${release.host}: written again`);
    } catch (error) {
      console.log(`${release.name} on ${release.host}: could not be written again: ${(error as Error).message}`);
    }
  }
  await noteConfirmed(said, args);
  const after = await drift(releases);
  print(after);
  const now = new Map(after.map((report) => [report.urn, report]));
  return worst(before.map((report) => now.get(report.urn) ?? report));
}

function print(reports: readonly DriftReport[]): void {
  for (const { name, host, differences, warnings, failure } of reports) {
    const found = differences.length === 0 ? "as written" : `${differences.length} differences`;
    console.log(`${name} on ${host}: ${failure === undefined ? found : `could not be compared: ${failure}`}`);
    for (const line of differences) console.log(`  ${line}`);
    for (const line of warnings) console.log(`  warning: ${line}`);
  }
}

function worst(reports: readonly DriftReport[]): number {
  if (reports.some(({ differences }) => differences.length > 0)) return 1;
  return reports.some(({ failure }) => failure !== undefined) ? 2 : 0;
}

/** Releases of one host together, since a host takes one run at a time. */
function groups(releases: readonly WrittenRelease[]): WrittenRelease[][] {
  const all = new Map<string, WrittenRelease[]>();
  for (const release of releases) {
    const key = `${release.host} ${release.port}`;
    all.set(key, [...(all.get(key) ?? []), release]);
  }
  return [...all.values()];
}
