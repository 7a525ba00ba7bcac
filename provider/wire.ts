import { runtime } from "@pulumi/pulumi";

type State = Record<string, unknown>;

/** The values with every secret in them opened, at any depth. */
export function plainOf<T>(value: T): T {
  if (runtime.isRpcSecret(value)) return plainOf(runtime.unwrapRpcSecret(value) as T);
  if (Array.isArray(value)) return value.map(plainOf) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plainOf<unknown>(each)])) as T;
}

/** The state with those members marked secret that always are, and those that hold a secret in what was given. */
export function withSecrets(state: State, given: State, always: readonly string[]): State {
  const marked = Object.entries(state).map(([key, value]): [string, unknown] => {
    const secret = value !== undefined && (always.includes(key) || holdsSecret(given[key]));
    return [key, secret ? secretOf(value) : value];
  });
  return Object.fromEntries(marked);
}

function holdsSecret(value: unknown): boolean {
  if (runtime.isRpcSecret(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsSecret);
}

function secretOf(value: unknown): State {
  return { [runtime.specialSigKey]: runtime.specialSecretSig, value };
}
