import { randomBytes } from "node:crypto";
import { asReplace, changesBetween } from "../protocol/changes";
import { Changes, Failure } from "../protocol/resource";
import { isList, isObject, Properties, reveal, same, Secret, Unknown, Value } from "../protocol/values";

/** What an input may be. */
export interface Field {
  kind: "text" | "number" | "integer" | "flag" | "texts" | "textMap" | "list" | "object" | "any";
  required?: boolean;
  /** Marked secret whatever the program said. */
  secret?: boolean;
  default?: Value;
  /** The fields of an object. */
  fields?: Fields;
  /** The closed set of texts. */
  oneOf?: readonly string[];
}

/** The inputs of a resource, or of an object in one, by name. */
export interface Fields {
  readonly [name: string]: Field;
}

/** What Go calls the kinds, for error messages. */
const GO_NAMES: Record<Field["kind"], string> = {
  text: "string",
  number: "float64",
  integer: "int",
  flag: "bool",
  texts: "[]string",
  textMap: "map[string]string",
  list: "[]interface {}",
  object: "struct",
  any: "interface {}",
};

/** Judges inputs, fills in defaults and marks secrets, as the real plugin's framework does. */
export function checkInputs(inputs: Properties, fields: Fields): { inputs: Properties; failures: Failure[] } {
  const failures: Failure[] = [];
  return { inputs: checkObject(inputs, fields, "", failures), failures };
}

function checkObject(given: Properties, fields: Fields, path: string, failures: Failure[]): Properties {
  const checked: Properties = { ...given };
  for (const [name, field] of Object.entries(fields)) {
    const value = given[name] ?? field.default;
    const property = path === "" ? name : `${path}.${name}`;
    if (value === undefined) {
      if (field.required) failures.push({ property, reason: `Missing required field '${name}'` });
      continue;
    }
    const result = checkValue(value, field, property, failures);
    checked[name] = field.secret && !(result instanceof Secret) ? new Secret(result) : result;
  }
  return checked;
}

function checkValue(value: Value, field: Field, property: string, failures: Failure[]): Value {
  if (value instanceof Secret) return new Secret(checkValue(value.value, field, property, failures));
  if (value instanceof Unknown) return value;
  if (field.kind === "object" && isObject(value)) return checkObject(value, field.fields ?? {}, property, failures);
  const plain = reveal(value) as Value;
  if (!fits(plain, field.kind)) {
    const reason = `Field '${property}' must be a '${GO_NAMES[field.kind]}'; got '${goTypeOf(plain)}' instead`;
    failures.push({ property, reason });
  } else if (field.oneOf && !field.oneOf.includes(plain as string)) {
    failures.push({ property, reason: `Field '${property}' must be one of ${field.oneOf.join(", ")}` });
  }
  return value;
}

const FITS: Record<Field["kind"], (value: Value) => boolean> = {
  text: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: (value) => Number.isInteger(value),
  flag: (value) => typeof value === "boolean",
  texts: (value) => isList(value) && value.every((element) => fits(element, "text")),
  textMap: (value) => isObject(value) && Object.values(value).every((element) => fits(element, "text")),
  list: isList,
  object: isObject,
  any: () => true,
};

function fits(value: Value, kind: Field["kind"]): boolean {
  return value instanceof Unknown || FITS[kind](value);
}

function goTypeOf(value: Value): string {
  if (isList(value)) return "[]interface {}";
  if (isObject(value)) return "map[string]interface {}";
  return { string: "string", number: "float64", boolean: "bool" }[typeof value as string] ?? "interface {}";
}

/** The changes of the inputs; a change of one in `replaceOn` as a whole makes the resource anew. */
export function inputChanges(
  state: Properties,
  oldInputs: Properties | undefined,
  inputs: Properties,
  fields: Fields,
  replaceOn: readonly string[],
): Changes {
  const visible = (properties: Properties): Properties =>
    Object.fromEntries(Object.entries(properties).filter(([key]) => key !== "version" && !key.startsWith("__")));
  const kept = Object.fromEntries(Object.entries(state).filter(([key]) => key in fields));
  const changes = changesBetween(visible(oldInputs ?? kept), visible(inputs));
  for (const [path, kind] of Object.entries(changes)) {
    if (replaceOn.includes(path)) changes[path] = asReplace(kind);
  }
  return changes;
}

/**
 * What a preview knows of the outputs that a run will give: nothing when the resource is made, and when it is updated
 * only if no input that it had before changes.
 */
export function outputsInPreview(outputs: Properties, old: Properties | undefined, inputs: Properties): Properties {
  const changed = (name: string): boolean =>
    inputs[name] instanceof Unknown || (old?.[name] !== undefined && !same(old[name], inputs[name]));
  const uncertain =
    old === undefined ||
    [...Object.keys(inputs), ...Object.keys(old)].some((name) => !(name in outputs) && changed(name));
  return uncertain ? Object.fromEntries(Object.keys(outputs).map((name) => [name, Unknown.value])) : outputs;
}

/** An id as the engine's library makes it: a prefix and eight random hexadecimal digits. */
export function uniqueId(prefix: string): string {
  return prefix + randomBytes(4).toString("hex");
}

/** The commands and triggers that every command resource has. */
export const lifecycleFields: Fields = {
  create: { kind: "text" },
  update: { kind: "text" },
  delete: { kind: "text" },
  triggers: { kind: "list" },
};

const endpointFields: Fields = {
  host: { kind: "text", required: true },
  port: { kind: "number", default: 22 },
  user: { kind: "text", default: "root" },
  password: { kind: "text", secret: true },
  privateKey: { kind: "text", secret: true },
  privateKeyPassword: { kind: "text", secret: true },
  agentSocketPath: { kind: "text" },
  dialErrorLimit: { kind: "integer", default: 10 },
  perDialTimeout: { kind: "integer", default: 15 },
  hostKey: { kind: "text" },
};

/** The input `connection` of a remote resource. */
export const connectionField: Field = {
  kind: "object",
  required: true,
  secret: true,
  fields: { ...endpointFields, proxy: { kind: "object", fields: endpointFields } },
};

/** Which streams the log shows. */
export const loggingField: Field = { kind: "text", oneOf: ["stdout", "stderr", "stdoutAndStderr", "none"] };

/** Reads the input `logging`; without it both are shown. */
export function shown(logging: Value | undefined): { logStdout: boolean; logStderr: boolean } {
  const choice = (reveal(logging) as string | undefined) ?? "stdoutAndStderr";
  return { logStdout: /^stdout/.test(choice), logStderr: choice === "stderr" || choice === "stdoutAndStderr" };
}
