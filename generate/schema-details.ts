import { NAMES } from "../provider/names";
import type { Declared } from "./docstrings";

interface Property {
  type?: string;
  $ref?: string;
  description?: string;
  secret?: boolean;
  items?: Property;
  additionalProperties?: Property;
}

type Properties = Record<string, Property>;

/** A resource, an object type or an enum of a package's schema. */
interface Described {
  description?: string;
  properties?: Properties;
  inputProperties?: Properties;
  required?: string[];
  requiredInputs?: string[];
  enum?: { value: string }[];
}

export interface Schema {
  resources: Record<string, Described>;
  types: Record<string, Described>;
  [more: string]: unknown;
}

/** What package.json says of the package. */
export interface Manifest {
  author: string;
  license: string;
}

/**
 * The schema with what the schema host leaves out: who publishes it, what each type is, which values are secret, that
 * numbers are whole, and names that become good ones in every language.
 */
export function detailed(schema: Schema, all: ReadonlyMap<string, Declared>, { author, license }: Manifest): Schema {
  const { name, description, ...rest } = schema;
  return {
    name,
    displayName: "Private Registry",
    description,
    publisher: author,
    license,
    // The first two are how Pulumi's own catalogue sorts packages.
    keywords: ["category/infrastructure", "kind/component", "docker", "registry", "kubernetes", "nginx"],
    // Generated SDKs are packages that can be built as they are; Go's has import paths that fit its folders.
    meta: { supportPack: true },
    ...rest,
    resources: mapped(schema.resources, (each) => detailedType(each)),
    types: Object.fromEntries(
      Object.entries(schema.types).map(([token, each]) => [
        typeOf(token),
        inOrder(detailedType(each), all.get(token.split(":").at(-1) ?? "")),
      ]),
    ),
  };
}

/** `UserArgs` is `User` in the package: languages add the word themselves, and would have `UserArgsArgs`. */
function typeOf(token: string): string {
  return token.replace(/Args$/, "");
}

/** The same of a reference to a type. */
function referred<P extends Property>(property: P): P {
  return property.$ref === undefined ? property : { ...property, $ref: typeOf(property.$ref) };
}

/** Types have their own words, and an enum's values the order of the code. */
function inOrder(type: Described, declared: Declared | undefined): Described {
  if (!declared) return type;
  const { enum: values, ...rest } = type;
  const described = { description: declared.text, ...rest };
  if (!values) return described;
  const order = declared.members.map(({ name }) => name);
  const sorted = [...values].sort((one, other) => order.indexOf(one.value) - order.indexOf(other.value));
  return { ...described, enum: sorted };
}

function detailedType(type: Described): Described {
  const result = { ...type };
  for (const part of ["properties", "inputProperties"] as const) {
    const given = type[part];
    if (given) result[part] = renamed(mapped(given, (each) => detailedProperty(each)));
  }
  for (const part of ["required", "requiredInputs"] as const) {
    const given = type[part];
    if (given) result[part] = given.map(nameOf).sort();
  }
  return result;
}

/** All numbers of this package are whole ones: see `wholeNumber` in checks/value.ts, which has no other kind. */
function detailedProperty(property: Property): Property {
  const whole = <P extends Property>(each: P): P =>
    referred(each.type === "number" ? { ...each, type: "integer" } : each);
  const { items, additionalProperties } = property;
  return {
    ...whole(property),
    ...(items ? { items: whole(items) } : {}),
    ...(additionalProperties ? { additionalProperties: whole(additionalProperties) } : {}),
    ...(/(^|\s)(A secret|Secret)\.$/.test(property.description ?? "") ? { secret: true } : {}),
  };
}

const nameOf = (name: string): string => NAMES[name] ?? name;

function renamed(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).map(([name, each]) => [nameOf(name), each]));
}

function mapped<T>(table: Record<string, T>, change: (each: T, name: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(table).map(([name, each]) => [name, change(each, name)]));
}
