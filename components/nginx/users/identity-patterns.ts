import type { Rule } from "../../checks/problems";
import { matches } from "../../checks/rules";

/*
 * Whose tokens an identity takes. In a subject's pattern a `*` never passes a `:`, which is what issuers put between
 * the parts of a subject: so a pattern for a branch is never one for another kind of job.
 */

/** How often a pattern may have a `*`: with more of them a comparison gets slow. */
const STARS = 3;

/** A subject, or a pattern of subjects. */
export const subjectPattern: Rule<string> = (value) =>
  /^[ !#%-[\]-~]{1,255}$/.test(value) && value.trim() === value && value.split("*").length - 1 <= STARS
    ? undefined
    : { expected: `1-255 printable characters of ASCII without ", \\ and $, ${STARS} of them * at most` };

/** A group's name. A token's groups come to the gateway as one text with commas between them. */
export const groupName = matches(
  '1-128 printable characters of ASCII without comma, ", \\, $ and *',
  /^(?! )[ !#%-)+\--[\]-~]{1,128}(?<! )$/,
);

/** A text as a part of a regular expression that nginx has between double quotes. */
export function literally(text: string): string {
  return text.replace(/[.+?^(){}|[\]]/g, "\\$&");
}

/** The regular expression of a subject's pattern. */
export function subjectExpression(pattern: string): string {
  return pattern.split("*").map(literally).join("[^:]*");
}

/** The regular expression for a list of groups, with commas between them, in which one of these is. */
export function groupsExpression(groups: readonly string[]): string {
  return `(?:.*,)?(?:${groups.map(literally).join("|")})(?:,.*)?`;
}

/** What a pattern has to say before its first `*`, by whose subjects they are; see `isTooWide`. */
const OWNER = {
  github:
    /^(?:repo:[^:/]+\/|(?:repository|repository_id|repository_owner|repository_owner_id|enterprise_id):[^:/]+[:/])/,
  gitlab: /^project_path:[^:/]+\//,
} as const;

/** Of any other issuer: two parts. */
const TWO_PARTS = /^(?!system:serviceaccount:$)[^:/|]+[:/|][^:/|]+[:/|]/;

/**
 * True for a pattern that lets in everybody of an issuer, or everybody with a name that begins alike: before the first
 * `*` it has to name an owner, whole.
 * @param kind Whose subjects they are; undefined for another issuer's.
 */
export function isTooWide(pattern: string, kind: keyof typeof OWNER | undefined): boolean {
  const [before = "", ...stars] = pattern.split("*");
  if (stars.length === 0) return false;
  return !(kind === undefined ? TWO_PARTS : OWNER[kind]).test(before);
}
