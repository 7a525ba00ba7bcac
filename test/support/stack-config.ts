import { generateKeyPairSync } from "node:crypto";
import { readConfig } from "../../config";
import { inTheOpen, type Stored } from "../../config/in-the-open";
import { secretsIn } from "../../config/read";
import { STACK, type StackArgs } from "../../config/stack";

/** An unencrypted private key, PEM, as SSH and nginx take it. */
export const KEY_PEM = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
  type: "pkcs8",
  format: "pem",
}) as string;
export const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/** A gateway of the list `gateways`. */
export const gateway = { address: "gw1.example.com", hostKey: HOST_KEY };
const right = {
  registryHost: "registry.example.com",
  nodeAddresses: ["192.0.2.10"],
  gateways: [gateway],
  ssh: { privateKey: KEY_PEM },
  users: [{ name: "ci", role: "push", password: "hunter2" }],
  certificate: { termsAgreed: true },
  ui: { host: "ui.example.com" },
  storage: { hostPath: { nodeName: "node-1" } },
};

type Table = Record<string, unknown>;

/**
 * What is made of the smallest config with other settings.
 * @param more Values by path, as `pulumi config set --path` takes one: "nginx.hstsSeconds", "users[0].role",
 * "storage.claim"; what is undefined is left out. A text for a whole key is what the engine hands over.
 * @param stored How the values are stored. Default: all that is secret is encrypted.
 */
export const read = (more: Table = {}, stored: Stored = { encrypted: () => true }): StackArgs => {
  const config = structuredClone(right) as Table;
  for (const [path, value] of Object.entries(more)) put(config, path, value);
  return readRaw(config, "Pulumi.test.yaml", stored);
};

/** What is made of a config as the engine hands it over. */
export const readRaw = (config: Table, file: string, stored: Stored = { encrypted: () => true }): StackArgs => {
  const raw = Object.entries(config).map(([key, value]) => [key, asText(value)]);
  const open = (values: object) => inTheOpen(secretsIn(STACK, values), "private-registry", stored);
  const { registry, ...own } = readConfig(Object.fromEntries(raw) as Record<string, string>, file, open);
  return { ...registry, ...own };
};

/** What is said of it, or "nothing". */
export const complaint = (more: Table, stored?: Stored): string => {
  try {
    read(more, stored);
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing";
};

/** A value as the engine hands it to the program. */
const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function put(config: Table, path: string, value: unknown): void {
  const names = path.match(/[^.[\]]+/g) ?? [];
  const last = names.pop() ?? "";
  let table = config;
  for (const name of names) table = (table[name] ??= {}) as Table;
  if (value === undefined) delete table[last];
  else table[last] = value;
}
