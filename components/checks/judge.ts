import * as pulumi from "@pulumi/pulumi";
import { nearest } from "./nearest";
import { memberPath, type Problem, shown } from "./problems";
import type { Value } from "./value";

type Table = Record<string, unknown>;

/** True for what is known only later: an output or a promise. */
export function isLate(value: unknown): boolean {
  return typeof value === "object" && (pulumi.Output.isInstance(value) || value instanceof Promise);
}

/** True if a part of the value, or all of it, is known only later. */
export function hasLate(value: unknown): boolean {
  if (isLate(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasLate);
}

/** True for a table of names and values. */
export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isLate(value);
}

/** False for nothing, and for a table without a member: no feature is switched on by an empty table. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && !(isTable(value) && Object.keys(value).length === 0);
}

/** What a judgement goes by beyond the value. */
export interface Where {
  /** All that there is: there a member is looked for that has been given in another place. */
  root: Value;
  problems: Problem[];
}

/**
 * Where a value stands: its name or place, and what that is in. Paths are long lists' cost, so only problems have one
 * made.
 */
interface Place {
  part: string | number;
  within: Place | undefined;
}

/**
 * Judges everything in a value that is known now; what is known only later is passed over. Pure: nothing is made,
 * nothing thrown.
 * @param path Where the user wrote it; empty for the arguments themselves.
 */
export function judge(value: Value, given: unknown, path: string, where: Where): void {
  judgeAt(value, given, path === "" ? undefined : { part: path, within: undefined }, where);
}

function judgeAt(value: Value, given: unknown, place: Place | undefined, where: Where): void {
  if (isLate(given)) {
    if (value.plain) add(where, place, value, { expected: `${value.expected}, not an output`, got: "an output" });
  } else if (isMissing(value, given)) {
    if (value.required) add(where, place, value, { expected: "set", got: "nothing" });
  } else judgeKnown(value, given, place, where);
}

function pathTo(place: Place | undefined): string {
  if (place === undefined) return "";
  const { part, within } = place;
  if (within === undefined) return String(part);
  return memberPath(pathTo(within), part);
}

/** What to do about a value that is right but for its type. */
function spelling({ kind }: Value, given: unknown): string | undefined {
  if (kind === "text" && typeof given !== "object") return "write it in quotes, as a text";
  if (typeof given !== "string") return undefined;
  if (kind === "number" && /^-?\d+$/.test(given)) return "write it without quotes, as a number";
  return kind === "boolean" && /^(true|false)$/.test(given) ? "write it without quotes" : undefined;
}

/** True for nothing, and for an empty table that would switch something on. */
function isMissing({ members, default: standard }: Value, given: unknown): boolean {
  if (given === undefined || given === null) return true;
  return members !== undefined && standard === undefined && !isGiven(given);
}

function judgeKnown(value: Value, given: unknown, place: Place | undefined, where: Where): void {
  if (!isOfKind(value, given)) {
    return add(where, place, value, {
      expected: value.expected,
      got: shownOf(value, given),
      advice: spelling(value, given),
    });
  }
  const complaint = value.rule?.(given as never);
  if (complaint) add(where, place, value, { got: shownOf(value, given), ...complaint });
  else judgeParts(value, given, place, where);
}

function judgeParts(value: Value, given: unknown, place: Place | undefined, where: Where): void {
  const { each, members } = value;
  if (members) judgeMembers(members, given as Table, place, where, value);
  if (!each) return;
  const inherited = hiddenIn(value, each);
  if (Array.isArray(given)) {
    const there = { ...inherited, required: true };
    given.forEach((item, index) => judgeAt(there, item, { part: index, within: place }, where));
  } else {
    for (const [name, item] of Object.entries(given as Table)) {
      judgeAt({ ...inherited, required: item === null }, item, { part: name, within: place }, where);
    }
  }
}

/** A part of a secret is one. */
function hiddenIn({ secret }: Value, part: Value): Value {
  return secret ? { ...part, secret } : part;
}

function judgeMembers(
  members: Readonly<Record<string, Value>>,
  given: Table,
  place: Place | undefined,
  where: Where,
  value: Value,
): void {
  const { moved = {} } = value;
  for (const name in given) {
    if (Object.hasOwn(members, name) || given[name] === undefined) continue;
    where.problems.push(unknown(name, members, pathTo(place), where, moved));
  }
  for (const name in members) {
    const member = members[name] as Value;
    if (given[name] === undefined && !member.required) continue;
    judgeAt(hiddenIn(value, member), given[name], { part: name, within: place }, where);
  }
}

/**
 * The problem of a name that nothing knows: with its new place, or the nearest name, or the place of the same name
 * elsewhere.
 */
function unknown(
  name: string,
  members: Readonly<Record<string, Value>>,
  path: string,
  { root }: Where,
  moved: Readonly<Record<string, string>>,
): Problem {
  const property = memberPath(path, name);
  const found = { property, expected: "a setting that exists", got: "an unknown one" };
  const place = Object.hasOwn(moved, name) ? moved[name] : undefined;
  if (place) return { ...found, advice: place };
  const [elsewhere, ...more] = placesOf(name, root, "");
  const near = nearest(name, Object.keys(members));
  const meant = elsewhere !== undefined && more.length === 0 ? elsewhere : near && memberPath(path, near);
  return { ...found, advice: meant === undefined ? "remove it" : `did you mean ${meant}? Rename it, or remove it` };
}

function placesOf(name: string, { members = {} }: Value, path: string): string[] {
  return Object.entries(members).flatMap(([key, member]) => {
    const place = memberPath(path, key);
    return [...(key === name ? [place] : []), ...placesOf(name, member, place)];
  });
}

function isOfKind({ kind }: Value, given: unknown): boolean {
  switch (kind) {
    case "text":
      return typeof given === "string";
    case "number":
      return typeof given === "number";
    case "boolean":
      return typeof given === "boolean";
    case "list":
      return Array.isArray(given);
    case "map":
    case "table":
      return isTable(given);
    case "any":
      return true;
  }
}

function shownOf(value: Value, given: unknown): string {
  const { secret, each, members } = value;
  if (secret) return "a secret";
  if (!each && !members) return shown(given);
  if (typeof given === "object") return Array.isArray(given) ? "a list" : "a table";
  return typeof given === "string" && holdsSecret(value) ? "a text" : shown(given);
}

/** True if a part of it is never shown: then a text in its place may be that part. */
function holdsSecret({ secret, each, members = {} }: Value): boolean {
  return secret === true || (each !== undefined && holdsSecret(each)) || Object.values(members).some(holdsSecret);
}

interface Fault {
  expected: string;
  got: string;
  advice?: string | undefined;
}

function add({ problems }: Where, place: Place | undefined, value: Value, { expected, got, advice }: Fault): void {
  const subject = pathTo(place) || "the arguments";
  problems.push({ property: subject, expected, got, advice: advice ?? value.advice ?? standardAdvice(value) });
}

/** What to do about a wrong value where nothing better is known. */
function standardAdvice({ default: standard, without, required }: Value): string {
  if (without !== undefined) return `leave it out to use ${without}`;
  if (required) return "correct it";
  if (typeof standard === "string") return `leave it out to use ${standard || "none"}`;
  if (typeof standard === "number" || typeof standard === "boolean") return `leave it out to use ${standard}`;
  return "correct it, or leave it out";
}
