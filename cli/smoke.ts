import { readFileSync } from "node:fs";
import { type Command } from "commander";
import { drift } from "./drift";
import { writtenReleases } from "./gateways/written";
import { type Check, Checks, counts, table } from "../smoke/checks";
import { checkNames, checkNodePorts, checkSecret, type ClusterOptions } from "../smoke/cluster";
import { checkGateway } from "../smoke/gateway";
import { checkHosts, type HostReport } from "../smoke/hosts";
import { checkImage } from "../smoke/image";
import { type SmokeTarget, targetOf } from "../smoke/target";
import { type StackOptions, stackArgs, stackOutputs, withStackOptions } from "./stack";

export { type Check, counts, table, targetOf, type SmokeTarget };

/** How a smoke test goes about it. */
export interface SmokeOptions extends ClusterOptions {
  /** Repository of the image that is pushed. Default `private-registry-smoke`. */
  repository?: string | undefined;
  /** What each gateway says of itself over SSH. Default: they are not asked. */
  hosts?: readonly HostReport[];
  /** Gets each check as soon as it has ended. */
  onCheck?: (check: Check) => void;
}

/** What a smoke test found. */
export interface SmokeReport {
  /** True if no check has failed. */
  ok: boolean;
  checks: Check[];
}

/** The repository of the image that is pushed, if no other is named. */
export const REPOSITORY = "private-registry-smoke";

/**
 * Does with a deployed registry what its users do, and looks at what they rely on: each gateway's certificate,
 * password, clock and UI, a push, a pull and a deletion, the secret in the cluster and the ports of the nodes. Sends no
 * password to a gateway whose certificate is not to be trusted. What can't be found out from here is "unchecked" and no
 * failure.
 */
export async function smoke(target: SmokeTarget, options: SmokeOptions = {}): Promise<SmokeReport> {
  const checks = new Checks(options.onCheck);
  const trusted: string[] = [];
  for (const address of target.gateways) {
    if (await checkGateway(checks, target, address)) trusted.push(address);
  }
  await checkNames(checks, target);
  await checkImage(checks, target, trusted, options.repository ?? REPOSITORY);
  const { kubeconfig, context } = options;
  await checkSecret(checks, target, { kubeconfig, context });
  await checkNodePorts(checks, target);
  await checkHosts(checks, options.hosts ?? []);
  return { ok: checks.all.every(({ status }) => status !== "failed"), checks: checks.all };
}

interface Flags extends ClusterOptions, StackOptions {
  outputs?: string;
  repository?: string;
  json?: boolean;
  identity?: string;
}

/** `private-registry smoke`: prints what it found, and ends with 1 if something is not as it should be. */
export function addSmoke(cli: Command): void {
  withStackOptions(cli.command("smoke"))
    .description("use a deployed registry as its users do, and say what is not right; exit code 1 if a check fails")
    .option("--outputs <file>", "what `pulumi stack output --json --show-secrets` printed, instead of asking pulumi")
    .option("--repository <name>", "repository of the image that is pushed", REPOSITORY)
    .option("--kubeconfig <file>", "for the look at the cluster's secret; default: kubectl's own")
    .option("--context <name>", "context in it; default: its current one")
    .option("--identity <name>", "try a token of this identity at every gateway; it is read from standard input")
    .option("--json", "print the checks for programs")
    .action(async (flags: Flags) => {
      const shown = flags.identity === undefined ? {} : { identity: tokenOf(flags.identity) };
      const hosts = flags.outputs === undefined ? await drift(await writtenReleases(stackArgs(flags))) : [];
      const { ok, checks } = await smoke({ ...targetOf(await readOutputs(flags)), ...shown }, { ...flags, hosts });
      console.log(flags.json ? JSON.stringify({ ok, checks }, null, 2) : table(checks));
      process.exitCode = ok ? 0 : 1;
    });
}

/** A token is a password: it comes by standard input, never as an argument. */
function tokenOf(name: string): { name: string; token: string } {
  const token = process.stdin.isTTY ? "" : readFileSync(0, "utf8").trim();
  if (token === "") throw new Error("--identity needs a token on standard input; pipe it, or write < FILE");
  return { name, token };
}

async function readOutputs(flags: Flags): Promise<Record<string, unknown>> {
  const { outputs } = flags;
  if (outputs !== undefined) return JSON.parse(readFileSync(outputs, "utf8")) as Record<string, unknown>;
  return stackOutputs(flags);
}
