import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { type Document, parseDocument, stringify } from "yaml";
import { caRoots } from "./ca";
import { pulumiEnvironment } from "./environment";
import { hostKeyOf, markOf } from "./hosts";
import { Lab, logFile, names, network, nodes } from "./lab";
import { endPulumi } from "./leftovers";
import { ensureSecrets, writePrivate } from "./secrets";
import { Say, Step } from "./step";

const PREFIX = "private-registry:";

/** What `pulumi` said. */
export interface PulumiRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run `pulumi`. */
export interface PulumiOptions {
  /** Its standard input: where a secret goes. Default: nothing. */
  input?: string;
  /** True if a non-zero exit is an answer and no error. Default false. */
  mayFail?: boolean;
  /** Gets each line of its output as it comes. */
  onLine?: (line: string) => void;
  /** More variables. */
  env?: Record<string, string>;
}

/** Runs the real `pulumi` CLI in the checkout, on the lab's backend. Rejects with its last words if it fails. */
export async function runPulumi(
  lab: Lab,
  args: readonly string[],
  { input = "", mayFail = false, onLine, env = {} }: PulumiOptions = {},
): Promise<PulumiRun> {
  const program = path.join(lab.bin, "pulumi");
  const variables = { ...pulumiEnvironment(lab), ...env };
  const options = { cwd: lab.checkout, env: variables, extendEnv: false, input, reject: false, all: true } as const;
  const running = execa(program, [...args, "--non-interactive", "--color", "never"], options);
  if (onLine) void watch(running.iterable({ from: "all" }), onLine);
  const result = await running;
  const { exitCode = 255, stdout, stderr } = result;
  if (exitCode === 0 || mayFail) return { exitCode, stdout, stderr };
  const words = (result.all || result.shortMessage || "").trim().split("\n").slice(-15).join("\n");
  throw new Error(`pulumi ${args.join(" ")} ended with ${exitCode}:\n${words}`);
}

async function watch(lines: AsyncIterable<unknown>, onLine: (line: string) => void): Promise<void> {
  for await (const line of lines) onLine(String(line));
}

/** Sets a secret of the stack's config by its path ("ssh.privateKey"); it goes through standard input. */
export async function setSecret(lab: Lab, at: string, value: string): Promise<void> {
  await runPulumi(lab, ["config", "set", "--stack", lab.pulumi.stack, "--secret", "--path", at], { input: value });
}

/** The stack's outputs, secrets in the clear. */
export async function stackOutputs(lab: Lab): Promise<Record<string, unknown>> {
  const args = ["stack", "output", "--stack", lab.pulumi.stack, "--json", "--show-secrets"];
  return JSON.parse((await runPulumi(lab, args)).stdout) as Record<string, unknown>;
}

/** Gives the stack free if a `pulumi` that was killed left it locked; a lock whose process runs stays. */
export async function freeStack(lab: Lab): Promise<void> {
  const folder = path.join(lab.pulumi.backend, ".pulumi/locks");
  if (!existsSync(folder)) return;
  const locks = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
  const dead = locks.filter((name) => {
    const { pid } = JSON.parse(readFileSync(path.join(folder, name), "utf8")) as { pid?: number };
    return pid !== undefined && markOf(pid) === undefined;
  });
  if (dead.length > 0) await runPulumi(lab, ["cancel", "--yes", "--stack", lab.pulumi.stack]);
}

/** The config file of the lab's stack, in the checkout; git does not see it. */
export function configFile(lab: Lab): string {
  return path.join(lab.checkout, `Pulumi.${lab.pulumi.stack}.yaml`);
}

/** The stack and its config. The stack itself is the user's to deploy: `npm start`, or `pulumi up`. */
export const stackStep: Step = {
  title: "Pulumi stack",
  log: (lab) => logFile(lab, "pulumi-stack"),
  isUp: (lab) => Promise.resolve(existsSync(lab.caFile) && existsSync(configFile(lab)) && madeFor(lab) === inputs(lab)),
  up: upStack,
  down: async (lab) => {
    await endPulumi(lab);
    rmSync(configFile(lab), { force: true });
    rmSync(path.join(lab.dir, "pulumi"), { recursive: true, force: true });
  },
};

async function upStack(lab: Lab, say: Say): Promise<void> {
  const { pushPassword, pullPassword } = ensureSecrets(lab);
  mkdirSync(lab.pulumi.backend, { recursive: true, mode: 0o700 });
  mkdirSync(lab.pulumi.home, { recursive: true, mode: 0o700 });
  say("the stack");
  writeFileSync(configFile(lab), configText(lab));
  const stacks = path.join(lab.pulumi.backend, ".pulumi/stacks/private-registry", `${lab.pulumi.stack}.json`);
  if (!existsSync(stacks)) await runPulumi(lab, ["stack", "init", lab.pulumi.stack]);
  say("its secrets");
  await setSecret(lab, "ssh.privateKey", readFileSync(lab.ssh.keyFile, "utf8"));
  await setSecret(lab, "users[0].password", pushPassword);
  await setSecret(lab, "users[1].password", pullPassword);
  writePrivate(saltFile(lab), salt(configFile(lab)) ?? "");
  writePrivate(madeForFile(lab), inputs(lab));
}

/** The lab's values over those of Pulumi.dev.yaml. The secrets follow. */
function configText(lab: Lab): string {
  const document = parseDocument(readFileSync(path.join(lab.checkout, "Pulumi.dev.yaml"), "utf8"));
  if (document.contents) document.contents.commentBefore = null;
  document.commentBefore = " Written by the lab (npm run lab -- up): not a file to keep.";
  const kept = existsSync(saltFile(lab)) ? readFileSync(saltFile(lab), "utf8") : salt(configFile(lab));
  if (kept) document.set("encryptionsalt", kept);
  for (const [key, value] of Object.entries(labValues(lab))) put(document, ["config", `${PREFIX}${key}`], value);
  return document.toString();
}

/** Puts a value over what is there: of a table its members one by one, of anything else all of it. */
function put(document: Document, at: string[], value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return document.setIn(at, value);
  for (const [name, member] of Object.entries(value)) put(document, [...at, name], member);
}

function labValues(lab: Lab): Record<string, unknown> {
  const { addresses } = network;
  const { directoryCa, issuerRoots } = caRoots(lab);
  return {
    registryHost: names.registry,
    nodeAddresses: nodes.map(({ host }) => addresses[host]),
    gateways: [{ address: addresses.gateway, hostKey: hostKeyOf(lab, "gateway") }],
    ssh: { user: lab.ssh.user },
    users: [
      { name: lab.users.push, role: "push" },
      { name: lab.users.pull, role: "pull" },
    ],
    certificate: {
      directory: lab.acmeDirectory,
      directoryCaPem: directoryCa,
      profile: "classic",
      termsAgreed: true,
      trustedRootsPem: issuerRoots,
    },
    ui: { host: names.ui },
    storage: { hostPath: { nodeName: nodes[0].name } },
  };
}

const saltFile = (lab: Lab): string => path.join(lab.dir, "pulumi", "salt");
const madeForFile = (lab: Lab): string => path.join(lab.dir, "pulumi", "config-made-for");

/**
 * What the stack's secrets are encrypted with, together with the passphrase: it is the same in the file and in the
 * state.
 */
function salt(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const value: unknown = parseDocument(readFileSync(file, "utf8")).get("encryptionsalt");
  return typeof value === "string" ? value : undefined;
}

function madeFor(lab: Lab): string {
  return existsSync(madeForFile(lab)) ? readFileSync(madeForFile(lab), "utf8") : "";
}

/** Changes with what the config file is made of: then `up` writes it anew, else a user's changes of it stay. */
function inputs(lab: Lab): string {
  const base = readFileSync(path.join(lab.checkout, "Pulumi.dev.yaml"), "utf8");
  return createHash("sha256")
    .update(base)
    .update(stringify(labValues(lab)))
    .digest("hex");
}
