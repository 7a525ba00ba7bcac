import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { PrivateRegistryArgs } from "./components";
import { omitUndefined, type Problem, problemsOf, report } from "./components/internal";
import { inTheOpen } from "./config/in-the-open";
import { advised, ownProblems, unknownKeys } from "./config/problems";
import { read, secretsIn } from "./config/read";
import { type OwnArgs, STACK, type StackArgs } from "./config/stack";

/** The stack's config as the engine gives it: by key without the project's name, each value as text. */
export type Raw = Record<string, string>;

/** A stack's file: what its registry is made of, and what is the stack's own. */
export interface StackConfig extends OwnArgs {
  registry: PrivateRegistryArgs;
}

/** Reads the config of the running stack. Throws a `pulumi.RunError` with every problem at once; no secret is in it. */
export function loadConfig(): StackConfig {
  const project = pulumi.getProject();
  const prefix = `${project}:`;
  const own = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith(prefix));
  const raw = Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]));
  const secretKeys = JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] || "[]") as string[];
  const file = `Pulumi.${pulumi.getStack()}.yaml`;
  const stored = { text: textOf(file), encrypted: (key: string) => secretKeys.includes(prefix + key) };
  return readConfig(raw, file, (values) => inTheOpen(secretsIn(STACK, values), project, stored));
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(join(__dirname, file), "utf8");
  } catch {
    return undefined;
  }
}

/**
 * As `loadConfig`, from plain data. Secrets are plain texts: whoever takes one of the arguments marks it.
 * @param file Where the user looks for it.
 * @param open Finds the secrets that are not encrypted.
 */
export function readConfig(raw: Raw, file: string, open: (values: object) => Problem[] = () => []): StackConfig {
  const { members = {} } = STACK;
  const known = Object.entries(raw).filter(([key]) => Object.hasOwn(members, key));
  const values = Object.fromEntries(known.map(([key, value]) => [key, read(members[key] ?? STACK, value)]));
  const { kubeconfig, kubeContext, smokeTest, ...rest } = values as unknown as StackArgs;
  const problems = [
    ...unknownKeys(Object.keys(raw), file),
    ...problemsOf(rest),
    ...ownProblems(values),
    ...open(values),
  ];
  if (problems.length > 0) throw new pulumi.RunError(report(file, problems.map(advised)));
  // The very object that was found to be fine: it is not judged again.
  return { registry: rest, ...omitUndefined({ kubeconfig, kubeContext, smokeTest }) };
}
