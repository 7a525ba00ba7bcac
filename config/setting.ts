import { integer, type Rule } from "../components";

/** The types that a setting can have in `Pulumi.yaml`, and what each is in the program. */
interface Types {
  string: string;
  integer: number;
  boolean: boolean;
  array: unknown[];
  object: Record<string, unknown>;
}

/** One key of the stack's config. `Pulumi.yaml` and docs/configuration.md say the same. */
export interface Setting<K extends keyof Types = keyof Types> {
  type: K;
  /** What it is, with unit and range. */
  description: string;
  /** What it is if it is left out; none: it then has no effect, or is required. */
  default?: Types[K];
  required?: boolean;
  /** True if it, or for a list or table every secret in it, must be set with `--secret`. */
  secret?: boolean;
  /** For a list, what it is of. Default string. */
  items?: "string" | "object";
  /** For a table with fixed names, the names. */
  members?: string[];
  /** The members of a table, or of the tables of a list, whose values are secrets, each set with `--secret --path`. */
  secretMembers?: string[];
  /** A value as an example of its form. */
  example?: string;
  rule?: Rule<Types[K]>;
}

/** What a key holds. */
export type ValueOf<S> = S extends Setting<infer K> ? Types[K] : never;

type Rest<K extends keyof Types> = Omit<Setting<K>, "type" | "description" | "rule">;

/** A setting of some type. */
export function setting<K extends keyof Types>(
  type: K,
  description: string,
  rest: Rest<K> = {},
  rule?: Rule<Types[K]>,
): Setting<K> {
  return { type, description, ...rest, ...(rule ? { rule } : {}) };
}

/** The advice for a value that has a default. */
export function keep(standard: string | number): string {
  return `leave it out to use ${standard}`;
}

/** A whole number in a range, with a default. */
export function whole(min: number, max: number, standard: number): Rule<number> {
  return integer(min, max, keep(standard));
}

/** The known word that is nearest to an unknown one, if one is near: a third of the letters may differ. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((each) => ({ each, distance: distance(word.toLowerCase(), each.toLowerCase()) }))
    .sort((one, other) => one.distance - other.distance);
  return best && best.distance <= Math.max(2, Math.ceil(word.length / 3)) ? best.each : undefined;
}

/** How many letters have to be added, taken away or changed to make one word of another (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries()) {
      const changed = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
