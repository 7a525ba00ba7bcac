import { isNode, type Node, Scalar } from "yaml";
import { flatKey, isFlat } from "../../config/flat-keys";
import { nameDeletedClaim } from "./claim";
import { formerDefaults } from "./defaults";
import { droppedKeys } from "./effect";
import { Places } from "./places";
import { isClosed, moves, Settings } from "./settings";
import { type Entry, parseStackFile, Refusal, type StackFile, textOf } from "./stack-file";
import { hasFormerMembers, renameMembers } from "./users";
import { isEncrypted } from "./values";

/** A stack's file in the new shape, and what there is to say about it, a line each. */
export interface Migrated {
  text: string;
  moved: string[];
  notes: string[];
}

/**
 * Moves the flat keys of 0.1.0 to their new places. Nothing is decrypted.
 * @param file Its name, for messages.
 * @returns Undefined if the file has the new shape already.
 * @throws Refusal with every reason not to move it.
 */
export function migrated(file: string, text: string): Migrated | undefined {
  const stackFile = parseStackFile(file, text);
  const settings = new Settings(stackFile);
  const complaints = settings.complaints();
  if (complaints.length > 0) throw new Refusal(complaints.map((complaint) => `${file}: ${complaint}`));
  if (!settings.entries.some(moves) && !hasFormerMembers(settings.given("users"))) return undefined;
  return { ...moveAll(stackFile, settings), text: textOf(stackFile) };
}

function moveAll(stackFile: StackFile, settings: Settings): Omit<Migrated, "text"> {
  const dropped = droppedKeys(settings);
  const missing = missingDefaults(settings);
  const places = new Places(settings.entries.filter((entry) => !moves(entry)));
  const lines: Lines = { moved: [], notes: [] };
  for (const pair of stackFile.config.items) {
    const entry = settings.entries.find((each) => each.pair === pair);
    const reason = entry && isFlat(entry.name) ? dropped.get(entry.name) : undefined;
    if (!entry) places.keep(pair);
    else if (reason === undefined) move(entry, places, lines);
    else {
      places.drop(pair);
      lines.notes.push(`${entry.name}: dropped, ${reason}`);
    }
  }
  lines.notes.push(...writeDefaults(settings, missing, places));
  places.writeTo(stackFile);
  return lines;
}

interface Lines {
  moved: string[];
  notes: string[];
}

/** The former defaults that the file left to the program. What an encrypted table holds can't be seen. */
function missingDefaults(settings: Settings): typeof formerDefaults {
  if (isClosed(settings.given("registry"))) return [];
  return formerDefaults.filter(({ key, unless }) => !settings.has(key) && settings.at(unless) === undefined);
}

/** Writes former defaults out, and says so. A stack that was moved before may use the present ones, and keeps them. */
function writeDefaults(settings: Settings, missing: typeof formerDefaults, places: Places): string[] {
  const movedBefore = settings.given("nodeAddresses") !== undefined;
  return missing.flatMap(({ key, value }) =>
    flatKey(key).places.map((place) => {
      if (movedBefore) return `${place} is left to the program; in 0.1.0 it was ${value}`;
      places.put(place, new Scalar(value));
      return `${place}: ${value} written out, the default of 0.1.0`;
    }),
  );
}

function move({ name, pair }: Entry, places: Places, { moved, notes }: Lines): void {
  if (name === "users") sort(renameMembers(pair.value), moved, notes);
  if (!isFlat(name) || flatKey(name).places[0] === name) return places.keepAs(name, pair);
  const { type, places: targets } = flatKey(name);
  if (name === "storageClaim") sort(nameDeletedClaim(pair.value), moved, notes);
  const [first = name, ...others] = targets;
  if (first.includes(".")) places.put(first, pair.value, pair);
  else places.keepAs(first, pair);
  for (const other of others) places.put(other, copyOf(pair.value));
  moved.push(`${name} -> ${targets.join(" and ")}`);
  if (isEncrypted(pair.value) && (type === "number" || type === "boolean")) {
    notes.push(`${first} is encrypted, so it is read as a text, not as a ${type}: set it again in the clear`);
  }
}

/** Lines with an arrow say what was moved; the others are notes. */
function sort(lines: readonly string[], moved: string[], notes: string[]): void {
  for (const line of lines) (line.includes(" -> ") ? moved : notes).push(line);
}

/** The same value for a second place, without the comments. */
function copyOf(value: unknown): unknown {
  if (!isNode(value)) return value;
  const copy = value.clone() as Node;
  copy.comment = null;
  copy.commentBefore = null;
  return copy;
}
