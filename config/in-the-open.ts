import { createRequire } from "node:module";
import type { Problem } from "../components/internal";
import { pathOf, type Secret } from "./read";

/** What is known of how the values were stored. */
export interface Stored {
  /** The text of the stack's file; undefined if it can't be read, as where the config is in a different one. */
  text?: string | undefined;
  /** True for a key, without the project's name, of which the engine has decrypted something. */
  encrypted: (key: string) => boolean;
}

/**
 * The problems of secrets that lie unencrypted in the stack's file. The engine only tells of a whole key whether
 * something in it was encrypted, so the file itself is looked at. What comes from an environment (Pulumi ESC) or a
 * different file can't be seen there: for that the engine's word has to do.
 */
export function inTheOpen(secrets: readonly Secret[], project: string, { text, encrypted }: Stored): Problem[] {
  const plain = secrets.filter(({ way: [key = ""] }) => !encrypted(String(key)));
  const others = secrets.filter(({ way: [key = ""] }) => encrypted(String(key)));
  const found = text !== undefined && mayHold(text, others) ? inFile(text, project, others) : [];
  return [...plain, ...found].map((secret) => openProblem(pathOf(secret)));
}

/** The problem of a secret that is not encrypted. */
export function openProblem(path: string): Problem {
  const advice = `set it with pulumi config set --secret --path '${path}', and take it for known to others`;
  return { property: path, expected: "encrypted", got: "a secret in the open", advice };
}

/** What YAML may have written in a different way: a number (0x10), a truth (yes). */
const OTHERWISE = /^(-?\d+(\.\d+)?(e[+-]?\d+)?|true|false)$/i;
/** A line that holds an encrypted text and nothing else, as the CLI writes it: most of a long file. */
const ENCRYPTED = /^ *secure: \S+$/;
const BETWEEN = /[\s"',[\]{}:]+/;

/**
 * False if none of the secrets can be in the text, as its pieces are not: so a file that is as it should be needs no
 * YAML parser, which would take longer than all the rest. What may be written in a different way, such as with escapes
 * or as a number, is not told apart.
 */
function mayHold(text: string, secrets: readonly Secret[]): boolean {
  if (text.includes("\\")) return true;
  const lines = text.split("\n").filter((line) => !ENCRYPTED.test(line));
  const pieces = new Set(lines.join("\n").split(BETWEEN));
  const inside = (secret: string): boolean => secret.split(BETWEEN).every((piece) => pieces.has(piece) || piece === "");
  return secrets.some((secret) => OTHERWISE.test(secret.text) || inside(secret.text));
}

function inFile(text: string, project: string, secrets: readonly Secret[]): Secret[] {
  const { load } = createRequire(__filename)("js-yaml") as { load: (yaml: string) => unknown };
  const { config } = (load(text) ?? {}) as { config?: Record<string, unknown> };
  return secrets.filter(({ way: [key = "", ...rest] }) => isOpen(config?.[`${project}:${key}`] ?? config?.[key], rest));
}

/** True if the way leads to a value that is not encrypted; one that is not there comes from somewhere else. */
function isOpen(node: unknown, way: readonly (string | number)[]): boolean {
  if (node === undefined || node === null) return false;
  if (typeof node === "object" && "secure" in node) return false;
  const [name, ...rest] = way;
  if (name === undefined) return true;
  const inside: unknown = typeof node === "string" ? JSON.parse(node) : node;
  return isOpen((inside as Record<string | number, unknown>)[name], rest);
}
