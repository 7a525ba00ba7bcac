import type { RepositoryReport } from "../retention";

/** The report of one repository, in lines: every image that goes, and those that stay for another reason than being new. */
export function repositoryLines(report: RepositoryReport, deleted: boolean): string[] {
  return report.rule === undefined ? [] : [heading(report), ...details(report, deleted)];
}

/** The last lines of a run's report. */
export function summaryLines(reports: readonly RepositoryReport[], deleted: boolean): string[] {
  const ruled = reports.filter(({ rule }) => rule !== undefined);
  const unruled = reports.length - ruled.length;
  const gone = sum(reports.filter(({ leftAlone }) => leftAlone === undefined));
  const verb = deleted ? "deleted" : "would be deleted; --delete does it";
  return [
    ...(unruled > 0 ? [`${count(unruled, "repository", "repositories")} without a rule: left alone`] : []),
    `${count(gone.tags, "tag")} and ${count(gone.manifests, "manifest")} ${verb}`,
    ...(deleted && gone.manifests > 0
      ? ["The space is free after the registry's next cleaning (cleaningSchedule)."]
      : []),
  ];
}

function heading({ repository, rule, kept, deletions }: RepositoryReport): string {
  return `${repository} (rule ${rule}): ${count(kept.length, "image")} kept, ${deletions.length} to go`;
}

/** Those that stay because a rule counts them are too many to be named. */
const EXPECTED = /^(one of the last|of the last)/;

function details({ deletions, kept, leftAlone }: RepositoryReport, deleted: boolean): string[] {
  const done = deleted && leftAlone === undefined;
  return [
    ...(leftAlone === undefined ? [] : [`  left alone: ${leftAlone}`]),
    ...deletions.map((each) => `  ${done ? "deleted" : "would delete"} ${described(each)}`),
    ...kept.filter(({ reason }) => !EXPECTED.test(reason)).map((each) => `  kept ${described(each)}`),
  ];
}

function described(image: { tags: string[]; digest: string; created: number | undefined; reason: string }): string {
  const made = image.created === undefined ? "no date" : new Date(image.created).toISOString().slice(0, 10);
  return `${image.tags.join(", ")} (${image.digest.slice(0, 19)}, ${made}): ${image.reason}`;
}

function sum(reports: readonly RepositoryReport[]): { tags: number; manifests: number } {
  const manifests = (each: RepositoryReport): number => new Set(each.deletions.flatMap((one) => one.manifests)).size;
  return {
    tags: reports.flatMap(({ deletions }) => deletions.flatMap(({ tags }) => tags)).length,
    manifests: reports.reduce((all, each) => all + manifests(each), 0),
  };
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
