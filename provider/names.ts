/**
 * Arguments whose names in the package differ from those in the code, by the name in the code. Python makes
 * `size_gi_b` of `sizeGiB`, and a schema can't name a property for one language.
 */
export const NAMES: Readonly<Record<string, string>> = { sizeGiB: "sizeGib" };

type Table = Record<string, unknown>;

const CODE_NAMES = new Map(Object.entries(NAMES).map(([code, name]) => [name, code]));

/** The arguments of a component as its code names them. All such names are below `storage`, where no name is free. */
export function asInCode(args: Table): Table {
  return "storage" in args ? { ...args, storage: renamed(args["storage"]) } : args;
}

/** What is an output, or nothing but a value, stays as it is. */
function renamed(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [CODE_NAMES.get(name) ?? name, renamed(each)]));
}
