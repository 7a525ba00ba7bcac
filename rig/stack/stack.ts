import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { checkout, env, kubectl, labVariable, run, succeeded, type Run } from "./lab";

/** What an operation of Pulumi did: its output, and each resource that it touched. */
export interface Operation extends Run {
  /** Resources that changed, by `<type>::<name>`, with what was done: create, update, delete, replace. */
  changes: Map<string, string>;
  seconds: number;
  /** The engine's own record of it, JSON by the line; without the SDK's debug messages, which show every value. */
  events: string;
}

const UNCHANGED = new Set(["same", "read", "refresh"]);

/** `pulumi up` of the lab's stack, the real CLI, without a preview before it. */
export function up(...args: string[]): Promise<Operation> {
  return operate(["up", "--yes", "--skip-preview", ...args]);
}

/** `pulumi preview` of the lab's stack. */
export function preview(...args: string[]): Promise<Operation> {
  return operate(["preview", "--diff", ...args]);
}

/** `pulumi destroy` of the lab's stack. */
export function destroy(): Promise<Operation> {
  return operate(["destroy", "--yes", "--skip-preview"]);
}

/** The stack's outputs, secrets in the clear. */
export async function outputs(): Promise<Record<string, unknown>> {
  const args = ["stack", "output", "--json", "--show-secrets", "--stack", labVariable("LAB_STACK")];
  return JSON.parse(succeeded(await run("pulumi", args)).stdout) as Record<string, unknown>;
}

/** The stack's state as the backend keeps it: secrets are ciphertext. */
export async function state(): Promise<string> {
  return succeeded(await run("pulumi", ["stack", "export", "--stack", labVariable("LAB_STACK")])).stdout;
}

/** The stack's state with its secrets in the clear. */
export async function decryptedState(): Promise<string> {
  const args = ["stack", "export", "--show-secrets", "--stack", labVariable("LAB_STACK")];
  return succeeded(await run("pulumi", args)).stdout;
}

/**
 * Everything that an operation leaves on this machine, by kind: the backend's files, history included, the stack's
 * config, the lab's logs.
 */
export function stateFiles(): Record<string, string> {
  const lab = labVariable("LAB_DIR");
  return {
    backend: textIn(path.join(lab, "pulumi", "state")),
    config: fs.readFileSync(configFile(), "utf8"),
    logs: textIn(path.join(lab, "logs")),
  };
}

const configFile = (): string => path.join(checkout, `Pulumi.${labVariable("LAB_STACK").split("/").pop()}.yaml`);

function textIn(folder: string): string {
  const files = fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => path.join(folder, name));
  return files
    .filter((file) => fs.statSync(file).isFile())
    .map((file) => fs.readFileSync(file, "utf8"))
    .join("\n");
}

/** Settings by path: "registry.replicas", "users[0].password". A text stays one, "1" too; `undefined` removes one. */
export type Settings = Record<string, string | number | boolean | undefined>;

/**
 * Changes settings of the lab's stack for the time of `during`, and puts the file back as it was in every outcome.
 * @param flags More flags of `pulumi config set`, for all of the settings: "--secret".
 */
export async function withConfig<T>(settings: Settings, during: () => Promise<T>, ...flags: string[]): Promise<T> {
  const putBack = await changeConfig(settings, ...flags);
  try {
    return await during();
  } finally {
    putBack();
  }
}

/** The same for longer: the settings hold until what it resolves to is called, which puts the file back as it was. */
export async function changeConfig(settings: Settings, ...flags: string[]): Promise<() => void> {
  const file = configFile();
  const before = fs.readFileSync(file);
  const putBack = (): void => fs.writeFileSync(file, before);
  try {
    for (const [at, value] of Object.entries(settings)) await setConfig(at, value, flags);
  } catch (error) {
    putBack();
    throw error;
  }
  return putBack;
}

async function setConfig(at: string, value: Settings[string], flags: readonly string[]): Promise<void> {
  const stack = ["--stack", labVariable("LAB_STACK"), "--path"];
  if (value === undefined) return void succeeded(await run("pulumi", ["config", "rm", at, ...stack]));
  const secret =
    /(password|privateKey|accessKeyId|secretAccessKey|clientSecret)$/i.test(at) && !flags.includes("--plaintext")
      ? ["--secret"]
      : [];
  // With --path the CLI makes numbers and booleans of what looks like one, unless the type is said. A secret is a text.
  const all = [...new Set([...secret, ...flags])];
  const said = all.includes("--secret") || all.includes("--plaintext");
  const kind = typeof value === "string" && !said ? ["--type", "string"] : [];
  succeeded(await run("pulumi", ["config", "set", at, ...stack, ...kind, ...all], { input: String(value) }));
}

/** Brings the stack to what its config file says; what a suite starts from and returns to. */
export async function settle(): Promise<void> {
  succeeded(await up());
  await oldPodsGone();
}

/** What tests look at of a pod, as Kubernetes has it. */
export interface Pod {
  metadata: { name: string; deletionTimestamp?: string };
  status: {
    qosClass?: string;
    conditions?: { type: string; status: string }[];
    containerStatuses?: { name: string; restartCount: number; lastState: object }[];
  };
}

/** The pods of the registry, with those that are on their way out. */
export async function registryPods(): Promise<Pod[]> {
  const found = await kubectl("-n", "kube-system", "get", "pods", "-l", "k8s-app=kube-registry", "-o", "json");
  return (JSON.parse(found) as { items: Pod[] }).items;
}

/**
 * Waits until no pod of an earlier version is left: a stopping one answers for some seconds more.
 * @param replicas How many pods there are then.
 */
export async function oldPodsGone(replicas = 1): Promise<void> {
  for (let tries = 0; tries < 120; tries++) {
    const found = await registryPods();
    if (found.length === replicas && !found.some(({ metadata }) => metadata.deletionTimestamp)) return;
    await sleep(500);
  }
  throw new Error("an old pod of the registry is still there after a minute");
}

async function operate(args: string[]): Promise<Operation> {
  const log = path.join(labVariable("LAB_DIR"), "e2e-events.json");
  fs.rmSync(log, { force: true });
  const common = ["--stack", labVariable("LAB_STACK"), "--non-interactive", "--color", "never", "--event-log", log];
  const started = process.hrtime.bigint();
  // --event-log, the engine's own record of what it did, is there only with this variable.
  const result = await run("pulumi", [...args, ...common], { env: { ...env, PULUMI_DEBUG_COMMANDS: "true" } });
  const recorded = fs.existsSync(log) ? fs.readFileSync(log, "utf8").split("\n").filter(Boolean) : [];
  const events = recorded.filter((event) => !event.includes('"severity":"debug"')).join("\n");
  return { ...result, events, changes: changesIn(recorded), seconds: Number(process.hrtime.bigint() - started) / 1e9 };
}

interface EngineEvent {
  resourcePreEvent?: { metadata: { op: string; urn: string } };
}

function changesIn(recorded: readonly string[]): Map<string, string> {
  const changes = new Map<string, string>();
  for (const line of recorded) {
    const metadata = (JSON.parse(line) as EngineEvent).resourcePreEvent?.metadata;
    if (!metadata || UNCHANGED.has(metadata.op)) continue;
    const [, , types = "", name = ""] = metadata.urn.split("::");
    // The engine's own default providers: they carry the stack's config, so every change of a setting updates one. The
    // CLI does not count them as resources either.
    if (types.startsWith("pulumi:providers:") && name.startsWith("default")) continue;
    changes.set(`${types.split("$").pop()}::${name}`, metadata.op);
  }
  return changes;
}
