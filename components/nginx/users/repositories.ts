import type { Rule } from "../../checks/problems";
import type { UserRole } from "./role";

/** A right with everything known. */
export interface RepositoryRight {
  pattern: string;
  role: UserRole;
}

/**
 * A pattern of repository names. One `*` a part and one `**` in all, so that no name makes the comparison slow: with
 * more of them the time grows by powers of the name's length.
 */
export const repositoryPattern: Rule<string> = (value) =>
  value.length <= 255 && value.split("/").every(isPart) && fewStars(value)
    ? undefined
    : { expected: "parts of a-z0-9._- with slashes between them, with one * a part at most and one part that is **" };

function isPart(part: string): boolean {
  return part === "**" || (/^[a-z0-9*]([a-z0-9*._-]*[a-z0-9*])?$/.test(part) && part.split("*").length <= 2);
}

function fewStars(pattern: string): boolean {
  return pattern.split("/").filter((part) => part === "**").length <= 1;
}

/** One part of a repository's name, as the registry has it (the distribution specification's grammar for names). */
const PART = "[a-z0-9]+(?:[._-]+[a-z0-9]+)*";

/** A name in a path, and one in a query, where the slash may be encoded. */
export const NAME = nameWith("/");
const QUERY_SLASH = "(?:/|%2[Ff])";

function nameWith(slash: string): string {
  return `${PART}(?:${slash}${PART})*`;
}

/** The regular expression of a pattern for a name that is one: nothing before and behind it is looked at. */
export function expression(pattern: string, slash = "/"): string {
  return pattern
    .split("/")
    .map((part) => (part === "**" ? `${LETTERS}+(?:${slash}${LETTERS}+)*` : literal(part)))
    .join(slash);
}

/** The same for a name in a query; it says itself what a name is. */
export function queryExpression(pattern: string): string {
  return `(?=${nameWith(QUERY_SLASH)}(?:&|\\z))${expression(pattern, QUERY_SLASH)}`;
}

const LETTERS = "[a-z0-9._-]";

function literal(part: string): string {
  return part.replaceAll(".", "\\.").replace("*", `${LETTERS}*`);
}
