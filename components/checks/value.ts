import type * as pulumi from "@pulumi/pulumi";
import type { Rule } from "./problems";

/**
 * How a value is written: a text, a whole number, true or false, a list, names with a value each, or a table of known
 * members.
 */
export type Kind = "text" | "number" | "boolean" | "list" | "map" | "table" | "any";

/**
 * What a member of an args object may hold: what its interface can't say at run time. Every interface of arguments has
 * a table of them beside it, which `satisfies Members<TheArgs>` holds complete.
 *
 * `Present` is true if there always is one: it is required or has a default. `Plain` is true if it can't be an output.
 */
export interface Value<T = unknown, Present extends boolean = boolean, Plain extends boolean = boolean> {
  readonly kind: Kind;
  /** What has to be there: "30000-32767". */
  readonly expected: string;
  /** What to do about a wrong one. Default: to leave it out, where that is possible. */
  readonly advice?: string;
  /** Judges what is of the right kind. */
  readonly rule?: Rule<never>;
  /** What it is if it is left out. */
  readonly default?: T;
  /** What holds if it is left out and there is no default: "the CA's own". */
  readonly without?: string;
  /** True if it can't be left out. */
  readonly required?: boolean;
  /** True if it is never shown, and marked as a secret wherever it goes. */
  readonly secret?: boolean;
  /** What each element of a list, or each value of a map, may be. */
  readonly each?: Value;
  /** The members of a table. */
  readonly members?: Readonly<Record<string, Value>>;
  /** Of a table: what to say of a member that is no longer there, by its name. */
  readonly moved?: Readonly<Record<string, string>>;
  readonly plain?: Plain;
  /** True for a list of tables that may be very long: its component makes a few outputs for all of it. */
  readonly bulk?: boolean;
  /** Not there at run time: for the compiler. */
  readonly type?: [T, Present];
}

/** What can be said of any value. */
export interface Options<T> {
  default?: T;
  without?: string;
  required?: boolean;
  secret?: boolean;
  advice?: string;
}

type Present<O> = O extends { default: NonNullable<unknown> } | { required: true } ? true : false;

/**
 * The type of an interface's table of values: one for each member, which has to be there where the member has to, and
 * no other.
 */
export type Members<Args> = {
  readonly [K in keyof Args]-?: Record<string, never> extends Pick<Args, K> ? Value : Value<unknown, true>;
};

/** A text of one line, 1-256 characters, or one that a rule judges. */
export function text<const O extends Options<string> & { rule?: Rule<string>; expected?: string; max?: number }>(
  options: O,
): Value<string, Present<O>, false> {
  const { rule, max = 256, ...rest } = options;
  return { kind: "text", expected: "a text", ...rest, rule: rule ?? line(max) } as Value<string, Present<O>, false>;
}

function line(max: number): Rule<string> {
  return (value) =>
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    value.length > 0 && value.length <= max && !/[\u0000-\u001f\u007f]/.test(value)
      ? undefined
      : { expected: `a text of 1-${max} characters without control characters` };
}

/** A whole number in a closed range. */
export function wholeNumber<const O extends Options<number> & { min: number; max?: number }>(
  options: O,
): Value<number, Present<O>, false> {
  const { min, max = Number.MAX_SAFE_INTEGER, ...rest } = options;
  const expected = options.max === undefined ? `a whole number from ${min} on` : `${min}-${max}`;
  const rule: Rule<number> = (value) =>
    Number.isSafeInteger(value) && value >= min && value <= max ? undefined : { expected };
  return { kind: "number", expected, ...rest, rule } as Value<number, Present<O>, false>;
}

/** True or false. */
export function flag<const O extends Options<boolean>>(options: O): Value<boolean, Present<O>, false> {
  return { kind: "boolean", expected: "true or false", ...options };
}

/** One of an enum's values. */
export function oneOf<E extends string, const O extends Options<NoInfer<E>>>(
  all: Readonly<Record<string, E>>,
  options: O,
): Value<E, Present<O>, false> {
  const values: string[] = Object.values(all);
  const expected = values.length === 2 ? values.join(" or ") : `one of ${values.join(", ")}`;
  const rule: Rule<string> = (value) => (values.includes(value) ? undefined : { expected });
  return { kind: "text", expected, ...options, rule };
}

interface ListOptions<T> extends Options<T[]> {
  min?: number;
  max?: number;
  /** What it is a list of: "IP addresses". */
  of: string;
}

/** A list, of which each element is judged by itself. */
export function list<T, const O extends ListOptions<T>>(each: Value<T>, options: O): Value<T[], Present<O>, false> {
  const { min = 0, max = Infinity, of, ...rest } = options;
  const expected = `a list of ${of}${size(min, max)}`;
  const rule: Rule<T[]> = (value) => {
    if (value.length >= min && value.length <= max) return undefined;
    return { expected, got: value.length === 0 ? "an empty one" : `one of ${value.length}` };
  };
  return { kind: "list", expected, ...rest, each, rule } as Value<T[], Present<O>, false>;
}

function size(min: number, max: number): string {
  if (max !== Infinity) return min === 0 ? `, ${max} at most` : `, ${min}-${max}`;
  return min === 0 ? "" : `, at least ${min === 1 ? "one" : min}`;
}

/** Names with a text each, such as labels or variables. */
export function map<const O extends Options<Record<string, string>> & { name: Rule<string>; each: Value<string> }>(
  options: O,
): Value<Record<string, string>, true, false> {
  const { name, ...rest } = options;
  const rule: Rule<Record<string, string>> = (value) => {
    const wrong = Object.keys(value).find((each) => name(each) !== undefined);
    if (wrong === undefined) return undefined;
    return { expected: `names of ${name(wrong)?.expected ?? ""}`, got: `the name ${JSON.stringify(wrong)}` };
  };
  const expected = 'a table of names with a text each, such as NAME: "text"';
  return { kind: "map", expected, default: {}, ...rest, rule } as Value<Record<string, string>, true, false>;
}

/** Whatever it is: something that another program judges. */
export function anything(options: Options<unknown>): Value<unknown, false, false> {
  return { kind: "any", expected: "a value", ...options };
}

type Table = Readonly<Record<string, Value>>;

/** A table whose members all have a default or may be left out: there always is one, if an empty one. */
export function table<M extends Table>(members: M): Value<Checked<M>, true, true> {
  return { ...tableOf(members), default: {} } as Value<Checked<M>, true, true>;
}

/** A table that is there or not, with members of which some are required then; it may be required itself. */
export function optionalTable<M extends Table, const O extends { required?: boolean; advice?: string }>(
  members: M,
  options: O,
): Value<Checked<M>, Present<O>, true> {
  return { ...tableOf(members), ...options } as unknown as Value<Checked<M>, Present<O>, true>;
}

/** A list of tables; plain, since each makes something of its own. */
export function rows<M extends Table, const O extends ListOptions<never>>(
  members: M,
  options: O,
): Value<Checked<M>[], true, true> {
  const each = tableOf(members) as unknown as Value<Checked<M>>;
  return { default: [], ...list(each, options as ListOptions<never>), plain: true } as unknown as Value<
    Checked<M>[],
    true,
    true
  >;
}

/** The same for a list that may have thousands of tables: they are judged, and handed on as they are. */
export function manyRows<A, const O extends ListOptions<never>>(
  members: Members<A>,
  options: O,
): Value<A[], true, true> {
  return { ...rows(members, options), bulk: true } as unknown as Value<A[], true, true>;
}

/** The same as an input: the list, or a table in it, may be an output. */
export function inputRows<A>(members: Members<A>, options: ListOptions<never>): Value<A[], false, false> {
  const each = { ...tableOf(members), plain: false } as unknown as Value<A>;
  return list(each, options as ListOptions<A>);
}

/** The value with what to say of members that it had in former versions, by their names. */
export function formerly<V extends Value>(moved: Readonly<Record<string, string>>, value: V): V {
  return value.each ? { ...value, each: { ...value.each, moved } } : { ...value, moved };
}

function tableOf(members: Table): Value {
  return { kind: "table", expected: `a table of ${Object.keys(members).join(", ")}`, members, plain: true };
}

/** The same, but plain: not an output. */
export function plain<T, P extends boolean>(value: Value<T, P, false>): Value<T, P, true> {
  return { ...value, plain: true };
}

/** The members of a table after the checks: with defaults, and as outputs where they may be. */
export type Checked<M> = {
  readonly [K in keyof M]: M[K] extends Value<infer T, infer P, infer L> ? Member<T, P, L> : never;
};

type Member<T, Present extends boolean, Plain extends boolean> =
  (Plain extends true ? T : pulumi.Output<T>) | (Present extends true ? never : undefined);

/** What the members of a table are where nothing is given. */
export function defaultsOf<M extends Table>(members: M): { [K in keyof M]: M[K] extends Value<infer T> ? T : never } {
  const entries = Object.entries(members).map(([name, value]) => [name, value.default]);
  return Object.fromEntries(entries) as { [K in keyof M]: M[K] extends Value<infer T> ? T : never };
}
