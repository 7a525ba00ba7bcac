import { isGiven } from "./judge";
import { memberPath, type Problem } from "./problems";

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

/** The problems of settings that do nothing without another one; one that is false does nothing anyway. */
export function withoutEffect(
  path: string,
  args: unknown,
  names: readonly string[],
  { missing, advice }: { missing: string; advice: string },
): Problem[] {
  const given = (args ?? {}) as Record<string, unknown>;
  return givenOf(args, names)
    .filter((name) => given[name] !== false)
    .map((name) => ({
      property: memberPath(path, name),
      expected: `left out without ${missing}`,
      got: "a setting",
      advice,
    }));
}

/** Those of the names under which something is given. */
export function givenOf<N extends string>(args: unknown, names: readonly N[]): N[] {
  const given = (args ?? {}) as Record<string, unknown>;
  return names.filter((name) => isGiven(given[name]));
}
