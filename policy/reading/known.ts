/**
 * What of a resource is known. In a preview, reading a value that is not known yet throws, and ends the rule with all
 * that it has found; here such a value is left out, so that the rest is judged. For rules that a missing value only
 * keeps from finding something: the engine asks again before the resource is made.
 */
export function knownOf<T extends object>(value: T): T {
  const keys = Object.keys(value) as (keyof T & string)[];
  const known = keys.flatMap((key): [string, unknown][] => {
    const read = valueAt(value, key);
    return read === undefined ? [] : [[key, typeof read === "object" && read !== null ? knownOf(read) : read]];
  });
  return (Array.isArray(value) ? known.map(([, each]) => each) : Object.fromEntries(known)) as T;
}

function valueAt<T extends object>(value: T, key: keyof T): unknown {
  try {
    return value[key];
  } catch (error) {
    if (error instanceof Error && error.message.includes("can't be known during preview")) return undefined;
    throw error;
  }
}
