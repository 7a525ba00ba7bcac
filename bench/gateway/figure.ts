/** One row of the table: a value and the bound that it has to keep, if it has one. */
export interface Row {
  /** What was measured. */
  what: string;
  value: number;
  /** Unit of value and bound; ratios have none. */
  unit?: string;
  atLeast?: number;
  atMost?: number;
  /** Single values, other figures of the same run: for the reader. */
  detail: string;
}

/** True if a row keeps its bound. */
export function isKept({ value, atLeast, atMost }: Row): boolean {
  if (!Number.isFinite(value)) return false;
  return (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** The middle of what each round's pair gives: what slows the machine down meanwhile slows both of a pair. */
export function medianRatio(above: readonly number[], below: readonly number[]): number {
  return median(above.map((value, index) => value / (below[index] ?? NaN)));
}

/** Some numbers on a line: "12.1 (11.8-14.0)". */
export function spread(values: readonly number[], digits = 0): string {
  const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)];
  return `${middle.toFixed(digits)} (${least.toFixed(digits)}-${most.toFixed(digits)})`;
}

/** What the requests of each round cost nginx, in seconds of CPU: "0.14 (0.13-0.17) ms of nginx's CPU for each". */
export function cpuCost(seconds: readonly number[], per: string): string {
  const milliseconds = seconds.map((each) => each * 1000);
  return `${spread(milliseconds, 2)} ms of nginx's CPU for ${per}`;
}

/** The rows as a Markdown table. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.what,
    number(row.value, row),
    boundOf(row),
    boundOf(row) === "" ? "" : isKept(row) ? "yes" : "NO",
    row.detail,
  ]);
  const all = [["figure", "measured", "bound", "kept", "of"], ...cells];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  const lines = all.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  lines.splice(1, 0, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`);
  return lines.join("\n");
}

function boundOf(row: Row): string {
  const { atLeast, atMost } = row;
  if (atLeast !== undefined) return `at least ${number(atLeast, row)}`;
  return atMost === undefined ? "" : `at most ${number(atMost, row)}`;
}

function number(value: number, { unit }: Row): string {
  return unit === undefined ? value.toFixed(2) : `${Number(value.toFixed(2))} ${unit}`;
}
