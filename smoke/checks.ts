/**
 * How a check ended; "unchecked" is neither good nor bad: it could not be found out from here, or there is nothing to
 * check.
 */
export type Status = "passed" | "failed" | "unchecked";

/** One thing that was looked at. No secret is in it. */
export interface Check {
  /** A gateway's or node's address, or "registry", "cluster". */
  where: string;
  /** What was looked at: "login of alice (push)". */
  what: string;
  status: Status;
  /** What was found, or what is wrong and what to do about it. */
  detail: string;
}

/** Thrown by a check that can't be made; its message says why. */
export class Unchecked extends Error {}

/** The checks of one run, in their order. */
export class Checks {
  readonly all: Check[] = [];

  /** @param seen Gets each check as soon as it has ended. */
  constructor(private readonly seen: (check: Check) => void = () => undefined) {}

  /** Makes a check: `work` says what it found, or throws what is wrong. True if all is well. */
  async run(where: string, what: string, work: () => Promise<string> | string): Promise<boolean> {
    const check = { where, what, ...(await ended(work)) };
    this.all.push(check);
    this.seen(check);
    return check.status === "passed";
  }
}

async function ended(work: () => Promise<string> | string): Promise<Pick<Check, "status" | "detail">> {
  try {
    return { status: "passed", detail: await work() };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { status: error instanceof Unchecked ? "unchecked" : "failed", detail };
  }
}

const WORDS: Record<Status, string> = { passed: "ok", failed: "FAILED", unchecked: "not checked" };

/** The checks as a table for people, with a last line that counts them. */
export function table(checks: readonly Check[]): string {
  const rows = checks.map(({ where, what, status, detail }) => [WORDS[status], where, what, detail]);
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const widths = [0, 1, 2].map(width);
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [...lines, counts(checks)].join("\n");
}

/** "21 passed, 1 failed, 2 not checked". */
export function counts(checks: readonly Check[]): string {
  const count = (status: Status): number => checks.filter((check) => check.status === status).length;
  return `${count("passed")} passed, ${count("failed")} failed, ${count("unchecked")} not checked`;
}
