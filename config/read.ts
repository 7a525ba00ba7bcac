import { type Problem, shown } from "../components";
import { nearest, type Setting } from "./setting";
import { listed, type Values } from "./settings";

/** The stack's config as the engine gives it: by key without the project's name, each value as text. */
export type Raw = Record<string, string>;

/**
 * Reads every key that is known, with its default; what is wrong goes to `problems`.
 * @param encrypted Says of a key whether its value, or a part of it, is encrypted in the stack's file.
 */
export function readValues(raw: Raw, encrypted: (key: string) => boolean, problems: Problem[]): Values {
  const known: string[] = listed.map(([key]) => key);
  for (const key of Object.keys(raw).filter((each) => !known.includes(each))) {
    problems.push(unknown(key, key, known, `pulumi config rm ${key}`));
  }
  const values = listed.map(([key, setting]) => {
    const text = given(raw[key], setting);
    const value = readOne(key, setting, text, problems);
    if (text !== undefined && holdsSecret(setting, value) && !encrypted(key)) problems.push(inTheOpen(key));
    if (setting.members) checkMembers(key, setting, value as Record<string, unknown>, encrypted(key), problems);
    return [key, value];
  });
  return Object.fromEntries(values) as Values;
}

/** The problem of a name that nothing knows. */
export function unknown(property: string, name: string, known: readonly string[], removal: string): Problem {
  const near = nearest(name, known);
  const advice = near ? `did you mean ${near}? Rename it, or remove it: ${removal}` : `remove it: ${removal}`;
  return { property, expected: "a setting that exists", got: "an unknown one", advice };
}

function checkMembers(
  key: string,
  { members = [], secretMembers = [] }: Setting,
  value: Record<string, unknown> = {},
  encrypted: boolean,
  problems: Problem[],
): void {
  for (const name of Object.keys(value)) {
    const path = `${key}.${name}`;
    if (!members.includes(name)) problems.push(unknown(path, name, members, `pulumi config rm --path ${path}`));
    if (secretMembers.includes(name) && !encrypted) problems.push(inTheOpen(path));
  }
}

/** What `Pulumi.yaml` gives to a key without a default stands for nothing: Pulumi asks for every key that has none. */
function given(text: string | undefined, setting: Setting): string | undefined {
  return setting.default === undefined && text === emptyText(setting.type) ? undefined : text || undefined;
}

/** The text that stands for nothing. */
export function emptyText(type: Setting["type"]): string {
  return { string: "", integer: "0", boolean: "", array: "[]", object: "{}" }[type];
}

/** True for a secret, and for a list in which one of the tables holds one. */
function holdsSecret({ secret, secretMembers }: Setting, value: unknown): boolean {
  if (!secret || !secretMembers || !Array.isArray(value)) return secret ?? false;
  return value.some((item) =>
    secretMembers.some((name) => (item as Record<string, unknown> | null)?.[name] !== undefined),
  );
}

function inTheOpen(key: string): Problem {
  return {
    property: key,
    expected: "encrypted",
    got: "a secret in the open",
    advice: `set it with pulumi config set --secret ${key}, or with --path for a part of it`,
  };
}

function readOne(key: string, setting: Setting, text: string | undefined, problems: Problem[]): unknown {
  if (text === undefined) {
    if (setting.required) problems.push(missing(key, setting));
    return setting.default;
  }
  const value = parsed(setting.type, text);
  const got = setting.secret ? "a secret" : shown(value ?? text);
  if (value === undefined) {
    const advice =
      setting.default === undefined
        ? "mend it or leave it out"
        : `leave it out to use ${JSON.stringify(setting.default)}`;
    problems.push({ property: key, expected: TYPES[setting.type], got, advice });
    return setting.default;
  }
  const complaint = setting.rule?.(value as never);
  if (complaint) problems.push({ ...complaint, property: key, got: complaint.got ?? got });
  return value;
}

function missing(key: string, setting: Setting): Problem {
  const value = setting.secret ? "--secret" : (setting.example ?? "<value>");
  return {
    property: key,
    expected: "set",
    got: "nothing",
    advice:
      setting.type === "array" || setting.type === "object"
        ? `add it: ${describe(setting)}`
        : `pulumi config set ${key} ${value}`,
  };
}

function describe(setting: Setting): string {
  return setting.description.split(". ")[0] ?? setting.description;
}

const TYPES: Record<Setting["type"], string> = {
  string: "a text",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a table of names and values",
};

/** The value that a text stands for, or undefined if it is none of this type. */
function parsed(type: Setting["type"], text: string): unknown {
  switch (type) {
    case "string":
      return text;
    case "integer":
      return /^-?\d+$/.test(text) ? Number(text) : undefined;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "array":
      return json(text, Array.isArray);
    case "object":
      return json(text, (value) => typeof value === "object" && value !== null && !Array.isArray(value));
  }
}

function json(text: string, fits: (value: unknown) => boolean): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return fits(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
