import { parse } from "yaml";

/** What is kept in the repositories that a pattern names. A tag stays if any of the three says so. */
export interface RetentionRule {
  /** Repositories: `*` is a part of a path, `**` any number of parts. `team/*`. */
  repositories: string;
  /** The newest so many images stay, with all their tags. 1 or more. */
  keepLast?: number;
  /** Images of the last so many days stay. 1 or more. */
  keepDays?: number;
  /** Tags that always stay, by pattern: `latest`, `v*`. */
  keepTags?: string[];
}

const MEMBERS = ["repositories", "keepLast", "keepDays", "keepTags"];

/**
 * Reads a file of rules, YAML or JSON: `rules:` and a list. Throws one error that names everything that is not right. A
 * rule that keeps nothing by `keepLast` or `keepDays` is refused: it would empty its repositories.
 */
export function readRules(text: string): RetentionRule[] {
  const document: unknown = parse(text);
  const rules = (document as { rules?: unknown } | null)?.rules;
  if (!Array.isArray(rules) || rules.length === 0)
    throw new Error("the file must have a list of `rules`, one at least");
  const problems = rules.flatMap((rule: unknown, index) => complaints(rule).map((text) => `rules[${index}]${text}`));
  if (problems.length > 0)
    throw new Error(`the rules are not right\n${problems.map((each) => `  - ${each}`).join("\n")}`);
  return rules as RetentionRule[];
}

function complaints(rule: unknown): string[] {
  if (typeof rule !== "object" || rule === null) return [" must be a table of names and values"];
  const given = rule as Record<string, unknown>;
  const unknown = Object.keys(given).filter((name) => !MEMBERS.includes(name));
  const count = (name: string): string[] =>
    given[name] === undefined || (Number.isSafeInteger(given[name]) && (given[name] as number) >= 1)
      ? []
      : [`.${name} must be a whole number from 1 on, got ${JSON.stringify(given[name])}`];
  const tags = given["keepTags"];
  const texts = tags === undefined || (Array.isArray(tags) && tags.every((tag) => typeof tag === "string"));
  return [
    ...unknown.map((name) => `.${name} is not known; there are ${MEMBERS.join(", ")}`),
    ...(typeof given["repositories"] === "string" && given["repositories"] !== ""
      ? []
      : [".repositories must be a pattern such as team/*"]),
    ...count("keepLast"),
    ...count("keepDays"),
    ...(texts ? [] : [".keepTags must be a list of patterns such as v*"]),
    ...(given["keepLast"] === undefined && given["keepDays"] === undefined
      ? [" must have keepLast or keepDays: without one it would delete every image"]
      : []),
  ];
}

/** The first rule that names a repository; undefined: the repository is left alone. */
export function ruleFor(rules: readonly RetentionRule[], repository: string): RetentionRule | undefined {
  return rules.find((rule) => fits(rule.repositories, repository));
}

const DAY = 24 * 3600 * 1000;

/** What a rule judges: the tags of one manifest. */
export interface Judged {
  tags: string[];
  /** In milliseconds; undefined if nothing credible says so. */
  created: number | undefined;
  /** True for signatures and the like, which may be undated and go all the same, with what they are about. */
  attached: boolean;
}

/**
 * How a rule judges in one repository: why something stays by the rule itself, or undefined. What is of the same time
 * stays or goes together.
 * @param dates Those of all images, by which the newest are told; signatures and the like are not counted.
 * @param now In milliseconds.
 */
export function judge(
  { keepLast, keepDays, keepTags = [] }: RetentionRule,
  dates: readonly (number | undefined)[],
  now: number,
): (judged: Judged) => string | undefined {
  const times = dates.filter((date) => date !== undefined).sort((one, other) => other - one);
  const last = keepLast === undefined ? Infinity : (times[keepLast - 1] ?? -Infinity);
  const days = keepDays === undefined ? Infinity : now - keepDays * DAY;
  return ({ tags, created, attached }) => {
    const pattern = keepTags.find((each) => tags.some((tag) => fits(each, tag)));
    if (pattern !== undefined) return `keepTags ${pattern}`;
    if (created === undefined) return attached ? undefined : "nothing says when it was made";
    if (created >= last) return attached ? `as new as the last ${keepLast}` : `one of the last ${keepLast}`;
    return created >= days ? `of the last ${keepDays} days` : undefined;
  };
}

/** True if a pattern fits the whole of a text. `*` stands for anything without a slash, `**` for anything. */
export function fits(pattern: string, text: string): boolean {
  const parts = pattern.split(/(\*\*|\*)/).map((part) => {
    if (part === "**") return ".*";
    return part === "*" ? "[^/]*" : part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`).test(text);
}
