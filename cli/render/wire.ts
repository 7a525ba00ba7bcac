/** A value as it goes over the wire to the engine. */
export type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };

/** Stands for a value that a preview doesn't know. */
export const UNKNOWN = Symbol("unknown in a preview");

const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Takes the engine's wrappers off a value, and lists the paths of what was secret. */
export function plainOf(value: Plain): { value: unknown; secrets: string[] } {
  const secrets: string[] = [];
  const unwrap = (each: Plain | undefined, path: string): unknown => {
    if (each === UNKNOWN_TEXT) return UNKNOWN;
    if (Array.isArray(each)) return each.map((item, index) => unwrap(item, `${path}[${index}]`));
    if (each === null || typeof each !== "object") return each;
    if (each[SIGNATURE] === SECRET) {
      secrets.push(path);
      return unwrap(each["value"], path);
    }
    return Object.fromEntries(
      Object.entries(each).map(([key, item]) => [key, unwrap(item, path === "" ? key : `${path}.${key}`)]),
    );
  };
  return { value: unwrap(value, ""), secrets: secrets.sort() };
}
