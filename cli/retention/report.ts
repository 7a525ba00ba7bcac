import type { Outcome } from "./deletion";
import type { Deletion, Plan } from "./plan";

/**
 * What was done, or would be, in one repository: `deletions` are exactly those that were done, in a dry run those that
 * would be. What stopped a run half-way, and what it left, is in the members that `Outcome` adds.
 */
export interface RepositoryReport extends Plan, Outcome {
  repository: string;
  /** The rule's pattern; undefined if no rule names the repository, which is then left alone. */
  rule: string | undefined;
}

/** The report of one repository, in lines: every image that goes, and those kept for a reason other than being new. */
export function repositoryLines(report: RepositoryReport, deleted: boolean): string[] {
  return report.rule === undefined ? [] : [heading(report), ...details(report, deleted)];
}

/** The last lines of a run's report. */
export function summaryLines(reports: readonly RepositoryReport[], deleted: boolean): string[] {
  const ruled = reports.filter(({ rule }) => rule !== undefined);
  const unruled = reports.length - ruled.length;
  // By repository: the same manifest in two of them is deleted twice.
  const gone = total(reports.map(({ deletions }) => sum(deletions)));
  const left = total(reports.map(({ spared = [] }) => sum(spared)));
  const verb = deleted ? "deleted" : "would be deleted; --delete does it";
  return [
    ...(unruled > 0 ? [`${count(unruled, "repository", "repositories")} without a rule: left alone`] : []),
    `${counted(gone)} ${verb}`,
    ...(left.manifests > 0 ? [`${counted(left)} left alone that no rule keeps; run this again`] : []),
    ...(deleted && gone.manifests > 0
      ? ["The space is free after the registry's next garbage collection (storage.garbageCollection)."]
      : []),
  ];
}

function heading({ repository, rule, kept, deletions, spared = [] }: RepositoryReport): string {
  return `${repository} (rule ${rule}): ${count(kept.length, "image")} kept, ${deletions.length + spared.length} to go`;
}

/** Those that stay because a rule counts them are too many to be named. */
const EXPECTED = /^(one of the last|as new as the last|of the last)/;

function details(report: RepositoryReport, deleted: boolean): string[] {
  const { deletions, kept, leftAlone, spared = [], orphans = [], losses = [] } = report;
  return [
    ...(leftAlone === undefined ? [] : [`  left alone: ${leftAlone}`]),
    ...losses.map((each) => `  lost: ${each}; push it again before the next garbage collection`),
    ...deletions.map((each) => `  ${deleted ? "deleted" : "would delete"} ${described(each)}`),
    ...orphans.map((digest) => `  left without a tag: ${digest}, a part of what was deleted`),
    ...spared.map((each) => `  left alone ${described(each)}`),
    ...kept.filter(({ reason }) => !EXPECTED.test(reason)).map((each) => `  kept ${described(each)}`),
  ];
}

function described(image: { tags: string[]; digest: string; created: number | undefined; reason: string }): string {
  const made = image.created === undefined ? "no date" : new Date(image.created).toISOString().slice(0, 10);
  return `${image.tags.join(", ")} (${image.digest.slice(0, 19)}, ${made}): ${image.reason}`;
}

interface Sum {
  tags: number;
  manifests: number;
}

function sum(deletions: readonly Deletion[]): Sum {
  return {
    tags: deletions.flatMap(({ tags }) => tags).length,
    manifests: new Set(deletions.flatMap(({ manifests }) => manifests)).size,
  };
}

function total(sums: readonly Sum[]): Sum {
  const add = (one: Sum, other: Sum): Sum => ({
    tags: one.tags + other.tags,
    manifests: one.manifests + other.manifests,
  });
  return sums.reduce(add, { tags: 0, manifests: 0 });
}

const counted = ({ tags, manifests }: Sum): string => `${count(tags, "tag")} and ${count(manifests, "manifest")}`;

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
