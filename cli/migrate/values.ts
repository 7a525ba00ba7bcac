import { type Document, isMap, isNode, isScalar, isSeq, parse, Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import type { FlatType } from "../../config/flat-keys";

/** True for a value, of whatever type, that is encrypted as one text. */
export function isEncrypted(value: unknown): boolean {
  return isMap(value) && value.items.length === 1 && typeof value.get("secure") === "string";
}

/** True for what stood for nothing in 0.1.0: no value, an empty text, list or table. */
export function isEmpty(value: unknown): boolean {
  if (isMap(value) || isSeq(value)) return value.items.length === 0;
  const plain = isScalar(value) ? value.value : value;
  return plain === undefined || plain === null || plain === "";
}

/** What a scalar holds; undefined for everything else. */
export function plainOf(value: unknown): unknown {
  return isScalar(value) ? value.value : undefined;
}

/** True for true, which `pulumi config set` writes as a text. */
export function isTrue(value: unknown): boolean {
  return String(plainOf(value)) === "true";
}

/** A value in the type of its new place. What does not fit stays as it is: the program says what is wrong with it. */
export function converted(type: FlatType, value: unknown, document: Document): unknown {
  if (isEncrypted(value)) return value;
  switch (type) {
    case "text":
      return asText(value);
    case "number":
      return asNumber(value);
    case "boolean":
      return asBoolean(value);
    case "list":
      return listOf(value, document) ?? value;
    case "table":
      return tableOf(value, document) ?? value;
    case "texts":
      return withTexts(tableOf(value, document) ?? value);
  }
}

/** A value of a table as a text: what Pulumi makes of it there, in quotes. */
export function memberAsText(value: unknown): unknown {
  if (!isScalar(value) || typeof value.value === "string" || value.value === null) return value;
  const read = asInTables(value.source ?? "");
  return like(value, JSON.stringify(typeof read === "number" ? read : value.value), Scalar.QUOTE_DOUBLE);
}

/** A flat value as a text: as it is written, since Pulumi reads a flat value as a text whatever it looks like. */
function asText(value: unknown): unknown {
  if (!isScalar(value) || value.value === null) return value;
  const text = typeof value.value === "string" ? value.value : (value.source ?? JSON.stringify(value.value));
  const plain = value.type === undefined || value.type === Scalar.PLAIN;
  return plain && typeof asInTables(text) !== "string" ? like(value, text, Scalar.QUOTE_DOUBLE) : value;
}

/** What Pulumi makes of a plain text within a table or list: a boolean of yes, a time of 2027-01-15 (YAML 1.1). */
function asInTables(text: string): unknown {
  try {
    return parse(text, { version: "1.1", logLevel: "silent" });
  } catch {
    return text;
  }
}

function asNumber(value: unknown): unknown {
  const text = isScalar(value) ? (value.source ?? value.value) : undefined;
  if (!isScalar(value) || typeof text !== "string" || !/^-?\d+$/.test(text)) return value;
  return String(value.value) === text && typeof value.value === "number" ? value : like(value, Number(text));
}

function asBoolean(value: unknown): unknown {
  if (!isScalar(value)) return value;
  return value.value === "true" || value.value === "false" ? like(value, value.value === "true") : value;
}

/** A list, also one that was set as a JSON text. */
function listOf(value: unknown, document: Document): YAMLSeq | undefined {
  const node = isScalar(value) ? fromJson(value, document) : value;
  return isSeq(node) ? node : undefined;
}

/** A table, also one that was set as a JSON text. */
export function tableOf(value: unknown, document: Document): YAMLMap | undefined {
  const node = isScalar(value) ? fromJson(value, document) : value;
  return isMap(node) ? node : undefined;
}

function withTexts(value: unknown): unknown {
  if (isMap(value)) for (const pair of value.items) pair.value = memberAsText(pair.value);
  return value;
}

function fromJson(value: Scalar, document: Document): unknown {
  if (typeof value.value !== "string") return undefined;
  try {
    return keepComments(document.createNode(JSON.parse(value.value)), value);
  } catch {
    return undefined;
  }
}

/** Another scalar with the comments of a scalar. */
function like(former: Scalar, value: unknown, type?: Scalar.Type): Scalar {
  const scalar = new Scalar(value);
  if (type) scalar.type = type;
  return keepComments(scalar, former) as Scalar;
}

function keepComments(node: unknown, { commentBefore, comment }: Scalar): unknown {
  if (!isNode(node)) return node;
  node.commentBefore = [commentBefore, isScalar(node) ? undefined : comment].filter(Boolean).join("\n") || null;
  if (isScalar(node)) node.comment = comment ?? null;
  return node;
}
