import { isMap } from "yaml";
import { flatKey, type FlatName, flatNames, isFlat, partsOf, topNames } from "../../config/flat-keys";
import { nearest } from "../../components/internal";
import { type Entry, ownEntries, type StackFile } from "./stack-file";
import { membersInBothShapes } from "./users";
import { converted, isEmpty, isEncrypted, plainOf } from "./values";

/** The settings of a stack's file, in the flat shape and in the new one, each in the type of its new place. */
export class Settings {
  /** The project's own keys in the order of the file. */
  readonly entries: readonly Entry[];

  constructor(file: StackFile) {
    this.entries = ownEntries(file);
    for (const { name, pair } of this.entries) {
      if (isFlat(name)) pair.value = converted(flatKey(name).type, pair.value, file.document);
      else if (isGroup(name)) pair.value = converted("table", pair.value, file.document);
      else if (topNames.has(name)) pair.value = converted("list", pair.value, file.document);
    }
  }

  /** The value of a flat key, or of a name at the top of the new shape. */
  given(name: string): unknown {
    return this.entries.find((entry) => entry.name === name)?.pair.value;
  }

  /** The value at a place of the new shape. */
  at(place: string): unknown {
    const [top, ...below] = partsOf(place);
    return below.reduce<unknown>((node, name) => (isMap(node) ? node.get(name, true) : undefined), this.given(top));
  }

  /** The value of a setting, wherever it is. */
  value(name: FlatName): unknown {
    return this.given(name) ?? flatKey(name).places.map((place) => this.at(place))[0];
  }

  /** True if the setting has a value that counts. */
  has(name: FlatName): boolean {
    return !isEmpty(this.value(name));
  }

  /** Why the file can't be moved as it is, a sentence each; none if it can. */
  complaints(): string[] {
    return [
      ...this.entries.flatMap(unknown),
      ...this.entries.flatMap((entry, index) => this.twice(entry, index)),
      ...this.entries.filter(moves).flatMap((entry) => this.inBothShapes(entry)),
      ...membersInBothShapes(this.given("users")).map(([one, other]) => same(one, other)),
    ];
  }

  private twice(entry: Entry, index: number): string[] {
    const first = this.entries.slice(0, index).find(({ name }) => name === entry.name);
    return first ? [same(first.written, entry.written)] : [];
  }

  private inBothShapes({ written, name, pair }: Entry): string[] {
    const places = isFlat(name) ? flatKey(name).places : [];
    const [complaint] = places.flatMap((place) => this.takenBy(written, place));
    if (complaint !== undefined) return [complaint];
    const host = name === "uiKind" && plainOf(pair.value) === "none" && this.at("ui.host") !== undefined;
    return host ? [`${written} is none, which means no UI, and ui.host asks for one; remove one of them`] : [];
  }

  private takenBy(written: string, place: string): string[] {
    const [top, ...below] = partsOf(place);
    const group = this.entries.find(({ name }) => name === top);
    if (!group) return [];
    if (this.at(place) !== undefined) return [same(written, [group.written, ...below].join("."))];
    const above = below.map((_, index) => below.slice(0, index));
    const closed = above.find((names) => isClosed(this.at([top, ...names].join("."))));
    if (!closed) return [];
    const table = [group.written, ...closed].join(".");
    return [`${written} belongs in ${table}, which is not a table in the clear; put it there by hand, then remove it`];
  }
}

/** True for a key whose place is a different one now. */
export function moves({ name }: Entry): boolean {
  return isFlat(name) && flatKey(name).places[0] !== name;
}

/** True for a value that no member can be put into. */
export function isClosed(value: unknown): boolean {
  return isEncrypted(value) || !(isEmpty(value) || isMap(value));
}

/** True for a name whose place is a table of settings, such as `registry`. */
function isGroup(name: string): boolean {
  return flatNames.some((flat) => flatKey(flat).places.some((place) => place.startsWith(`${name}.`)));
}

function same(one: string, other: string): string {
  return `${one} and ${other} are the same setting; remove one of them`;
}

function unknown({ written, name }: Entry): string[] {
  if (isFlat(name) || topNames.has(name)) return [];
  const near = nearest(name, [...flatNames, ...topNames]);
  return [`${written} is not a known setting; ${near ? `did you mean ${near}?` : "remove it"}`];
}
