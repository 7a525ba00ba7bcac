import { clientKey, secretOf } from "./secrets";
import type { GatewaySite } from "./site";

/** What the maps know of a user, as one value: a table of a thousand users is looked through once for a request. */
export interface UserRecord {
  name: string;
  /**
   * Name, role, and a mark of the line in the user file, or of whose tokens it takes: a change makes the memory forget
   * that user only.
   */
  record: string;
}

/** A name that is not there. */
export const UNKNOWN = '"? none -"';
/** Nobody: there is no name. */
export const NOBODY = '"- none -"';

/** The record of each user, in the order of names. */
export function recordsOf(site: GatewaySite): UserRecord[] {
  const lines = new Map(site.userFile.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line]));
  const tokens = new Map(site.identities.map((identity) => [identity.name, JSON.stringify(identity)]));
  return sorted(site).map(({ name, role = "none" }) => {
    const its = tokens.get(name) ?? lines.get(name) ?? name;
    const mark = secretOf(site, clientKey(site), `mark of ${its}`).slice(0, 16);
    return { name, record: `"${name} ${role} ${mark}"` };
  });
}

/** True if there are repositories that everybody may pull from. */
export function isOpen(site: GatewaySite): boolean {
  return site.anonymousPull.length > 0;
}

/** The users in the order of their names. */
export function sorted(site: GatewaySite): GatewaySite["users"] {
  return [...site.users].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * A key of a map that fits this text and no other; a plain key would ignore case, and take "default" for something
 * else.
 */
export function exactly(text: string): string {
  return `"~^${escaped(text)}\\z"`;
}

/** A name as a part of a pattern. */
export function escaped(text: string): string {
  return text.replace(/[.+]/g, "\\$&");
}
