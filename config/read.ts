import { isTable, memberPath, type Value } from "../components/internal";

type Table = Record<string, unknown>;

/**
 * A value of a stack's file as the arguments have it. The engine hands out each key as text, and `pulumi config set
 * --path` makes numbers and booleans of what looks like one: so a text becomes what is meant, and a number or boolean a
 * text where one is meant. A list or table may be one JSON text, as it is where it was encrypted as a whole. What can't
 * be read stays as it is, for the check.
 */
export function read(value: Value, given: unknown): unknown {
  const { kind, each } = value;
  if (given === "" && kind !== "text") return undefined;
  const found = typeof given === "string" ? parsed(kind, given) : given;
  if (Array.isArray(found)) return kind === "list" && each ? found.map((item) => read(each, item)) : found;
  if (isTable(found)) return readTable(value, found);
  return kind === "text" && (typeof found === "number" || typeof found === "boolean") ? String(found) : found;
}

function readTable({ kind, each, members }: Value, found: Table): Table {
  let table = found;
  for (const name of Object.keys(found)) {
    const inner = kind === "map" ? each : members?.[name];
    const item = inner ? read(inner, found[name]) : found[name];
    if (item === found[name]) continue;
    if (table === found) table = { ...found };
    table[name] = item;
  }
  return table;
}

function parsed(kind: Value["kind"], text: string): unknown {
  if (kind === "text") return text;
  if (kind === "number") return /^-?\d+$/.test(text) ? Number(text) : text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A secret that is given. */
export interface Secret {
  /** The names and places that lead to it. */
  way: readonly (string | number)[];
  text: string;
}

/** The path of a secret, as errors print it. */
export function pathOf({ way }: Secret): string {
  return way.reduce<string>((path, part) => memberPath(path, part), "");
}

/** Every secret in what was read. */
export function secretsIn(value: Value, given: unknown): Secret[] {
  const found: Secret[] = [];
  const way: (string | number)[] = [];
  const inside = (part: string | number, item: unknown, inner: Value | undefined, secret: boolean): void => {
    if (!inner) return;
    way.push(part);
    visit(inner, item, secret || inner.secret === true);
    way.pop();
  };
  const visit = ({ members, each }: Value, item: unknown, secret: boolean): void => {
    if (typeof item === "string") {
      if (secret && item !== "") found.push({ way: [...way], text: item });
    } else if (Array.isArray(item)) item.forEach((one, index) => inside(index, one, each, secret));
    else if (isTable(item)) for (const name in item) inside(name, item[name], members?.[name] ?? each, secret);
  };
  visit(value, given, false);
  return found;
}

/** The value at a path, as errors print it. */
export function valueAt(root: Value, path: string): Value | undefined {
  const names = path.match(/[^.[\]"]+|"(?:[^"\\]|\\.)*"/g) ?? [];
  return names.reduce<Value | undefined>((value, name) => value?.members?.[name] ?? value?.each, root);
}
