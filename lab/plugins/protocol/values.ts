/**
 * Property values as the plugin protocol has them: JSON, plus secrets and values that a preview doesn't know yet.
 * On the wire the two are objects with a signature and sentinel strings (sdk/go/common/resource, "properties.go").
 */
export type Value = null | boolean | number | string | Value[] | Secret | Unknown | { [key: string]: Value };

/** A resource's properties by name. */
export type Properties = Record<string, Value>;

/** A value that must be encrypted in the state and hidden from people. */
export class Secret {
  constructor(readonly value: Value) {}
}

/** A value that is known only once the resources that it comes from exist. */
export class Unknown {
  static readonly value = new Unknown();
  readonly isUnknown = true;
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const UNKNOWNS = new Set([
  UNKNOWN_STRING,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Reads a value off the wire. */
export function fromWire(raw: unknown): Value {
  if (typeof raw === "string") return UNKNOWNS.has(raw) ? Unknown.value : raw;
  if (Array.isArray(raw)) return raw.map(fromWire);
  if (raw === null || raw === undefined) return null;
  if (typeof raw !== "object") return raw as boolean | number;
  const object = raw as Record<string, unknown>;
  if (object[SIGNATURE] === SECRET) return new Secret(fromWire(object["value"]));
  if (object[SIGNATURE] === OUTPUT) {
    const value = "value" in object ? fromWire(object["value"]) : Unknown.value;
    return object["secret"] === true ? new Secret(value) : value;
  }
  return mapValues(object, fromWire);
}

/** Writes a value for the wire. */
export function toWire(value: Value): string | number | boolean | null | unknown[] | object {
  if (value instanceof Unknown) return UNKNOWN_STRING;
  if (value instanceof Secret) return { [SIGNATURE]: SECRET, value: toWire(value.value) };
  if (isList(value)) return value.map(toWire);
  if (value === null || typeof value !== "object") return value;
  return mapValues(value, toWire);
}

/** Reads a resource's properties off the wire; those that are null are the same as left out. */
export function propertiesFromWire(raw: Record<string, unknown>): Properties {
  const read = Object.entries(raw).map(([key, value]) => [key, fromWire(value)] as const);
  return Object.fromEntries(read.filter(([, value]) => value !== null));
}

/** The value without its secret marks, at any depth. Unknown parts stay. */
export function reveal(value: Value | undefined): Exclude<Value, Secret> | undefined {
  if (value === undefined) return undefined;
  if (value instanceof Secret) return reveal(value.value);
  if (isList(value)) return value.map((element) => reveal(element) as Value);
  if (value === null || typeof value !== "object" || value instanceof Unknown) return value;
  return mapValues(value, (element) => reveal(element) as Value);
}

/** True if the value or a part of it is unknown. */
export function hasUnknown(value: Value | undefined): boolean {
  if (value instanceof Unknown) return true;
  if (value instanceof Secret) return hasUnknown(value.value);
  if (isList(value)) return value.some(hasUnknown);
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some(hasUnknown);
}

/** True if the value or a part of it is secret. */
export function hasSecret(value: Value | undefined): boolean {
  if (value instanceof Secret) return true;
  if (isList(value)) return value.some(hasSecret);
  if (value === null || value === undefined || typeof value !== "object" || value instanceof Unknown) return false;
  return Object.values(value).some(hasSecret);
}

/** True for the same value with the same secret marks; marks inside of a secret say nothing and don't count. */
export function same(a: Value | undefined, b: Value | undefined): boolean {
  if (a instanceof Secret || b instanceof Secret) {
    return a instanceof Secret && b instanceof Secret && same(reveal(a.value), reveal(b.value));
  }
  if (isList(a)) {
    return isList(b) && a.length === b.length && a.every((element, index) => same(element, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && same(a[key], b[key]));
}

/** True for a list of values. */
export function isList(value: Value | undefined): value is Value[] {
  return Array.isArray(value);
}

/** True for a plain object: no list, secret or unknown. */
export function isObject(value: Value | undefined): value is Record<string, Value> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Secret) &&
    !(value instanceof Unknown)
  );
}

function mapValues<A, B>(object: Record<string, A>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}
