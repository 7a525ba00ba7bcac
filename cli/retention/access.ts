import * as fs from "node:fs";
import type { RegistryAccess } from "./registry-api";
import { type StackOptions, stackOutputs } from "../stack";

/**
 * The options by which a command finds a registry. None of them is a secret: those come from the stack or the
 * environment.
 */
export interface RegistryAccessOptions extends StackOptions {
  user?: string;
  registry?: string;
  caFile?: string;
}

/**
 * Where the registry is and who asks: from the outputs of a stack, or from `--registry`, REGISTRY_USER and
 * REGISTRY_PASSWORD.
 */
export async function registryAccess(
  options: RegistryAccessOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<RegistryAccess> {
  const ca = options.caFile === undefined ? {} : { ca: fs.readFileSync(options.caFile) };
  if (options.registry === undefined) return { ...ofStack(await stackOutputs(options), options.user), ...ca };
  const { REGISTRY_USER: user, REGISTRY_PASSWORD: password } = env;
  if (!user || !password) throw new Error("--registry needs the variables REGISTRY_USER and REGISTRY_PASSWORD");
  return { url: options.registry, user, password, ...ca };
}

/** The access that a stack's outputs give to one of its users. */
export function ofStack(outputs: Record<string, unknown>, wanted?: string): RegistryAccess {
  const { registryUrl, dockerConfigs = {} } = outputs as {
    registryUrl?: string;
    dockerConfigs?: Record<string, string>;
  };
  if (registryUrl === undefined) throw new Error("the stack has no output registryUrl; run pulumi up first");
  const names = Object.keys(dockerConfigs);
  const user = wanted ?? (names.length === 1 ? names[0] : undefined);
  const config = user === undefined ? undefined : dockerConfigs[user];
  if (user === undefined || config === undefined) {
    throw new Error(
      `--user must be one of ${names.join(", ")}, got ${wanted ?? "nothing"}; deleting needs the role push`,
    );
  }
  const { auths } = JSON.parse(config) as { auths: Record<string, { password: string }> };
  return { url: registryUrl, user, password: Object.values(auths)[0]?.password ?? "" };
}
