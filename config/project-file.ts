import { emptyText } from "./read";
import type { Setting } from "./setting";
import { listed } from "./settings";

/**
 * The text of `Pulumi.yaml`. Pulumi itself checks the types that it declares, asks for keys without a default, and refuses a plain value for a key
 * with `secret: true`, even its own default; so a secret that may be left out, or be in a list or not, is declared without, and the program refuses it in the open.
 */
export function projectFile(): string {
  const keys = listed.flatMap(([key, setting]) => [`  ${key}:`, ...declaration(setting).map((line) => `    ${line}`)]);
  return `${[...HEAD, ...keys].join("\n")}\n`;
}

const HEAD = [
  "name: private-registry",
  "description: A private Docker registry with a web UI, trusted certificates and per-user access",
  "main: index.ts",
  "runtime:",
  "  name: nodejs",
  "  options:",
  "    packagemanager: npm",
  "# Every key, with its default. Made from config/ by `npm run generate`; docs/configuration.md says more.",
  "config:",
];

function declaration(setting: Setting): string[] {
  const required = setting.required ? " Required." : "";
  const lines = [`type: ${setting.type}`, `description: ${JSON.stringify(setting.description + required)}`];
  if (setting.type === "array") lines.push("items:", `  type: ${setting.items ?? "string"}`);
  if (setting.required && setting.secret) return setting.secretMembers ? lines : [...lines, "secret: true"];
  return [...lines, `default: ${standard(setting)}`];
}

function standard(setting: Setting): string {
  if (setting.default !== undefined) return JSON.stringify(setting.default);
  return setting.type === "boolean" ? "false" : setting.type === "string" ? '""' : emptyText(setting.type);
}
