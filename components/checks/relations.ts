import { isGiven } from "./judge";
import type { Problem } from "./problems";

/** The problem of two members that go together, if one of them is missing. */
export function bothOrNeither(
  path: string,
  args: object | undefined | null,
  names: readonly [string, string],
): Problem | undefined {
  const given = (args ?? {}) as Record<string, unknown>;
  const missing = names.filter((name) => !isGiven(given[name]));
  const [name] = missing;
  if (missing.length !== 1 || name === undefined) return undefined;
  const other = names.find((each) => each !== name);
  const property = `${path}.${name}`;
  return { property, expected: `set, since ${other} is`, got: "nothing", advice: "give both, or neither" };
}

/** Those of the names under which something is given. */
export function givenOf<N extends string>(args: unknown, names: readonly N[]): N[] {
  const given = (args ?? {}) as Record<string, unknown>;
  return names.filter((name) => isGiven(given[name]));
}
