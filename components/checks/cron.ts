/** A field of a schedule: what it is called, its range, and the names that stand for its numbers. */
interface Field {
  name: string;
  min: number;
  max: number;
  names?: string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const FIELDS: readonly Field[] = [
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day of the month", min: 1, max: 31 },
  { name: "month", min: 1, max: 12, names: MONTHS },
  { name: "day of the week", min: 0, max: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** What is wrong with a schedule as Kubernetes reads it; empty if it has not five fields, undefined if it is right. */
export function cronFault(schedule: string): string | undefined {
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== FIELDS.length) return "";
  const numbers = FIELDS.map((field, index) => numbersOf(fields[index] ?? "", field));
  const wrong = FIELDS.find((_, index) => numbers[index] === undefined);
  if (wrong) return `the ${wrong.name} is ${wrong.min}-${wrong.max}`;
  const [, , days = [], months = []] = numbers;
  if (!/^[*?](\/1)?$/.test(fields[4] ?? "")) return undefined;
  const comes = (months ?? []).some((month) => (days ?? []).some((day) => day <= (LONGEST[month - 1] ?? 0)));
  return comes ? undefined : "that day never comes";
}

/** The numbers that a field stands for; undefined if it is none. */
function numbersOf(text: string, field: Field): number[] | undefined {
  const parts = text.split(",").map((part) => rangeOf(part, field));
  return parts.includes(undefined) ? undefined : parts.flatMap((numbers) => numbers ?? []);
}

/** The numbers of one part: `*`, `5`, `1-5`, each with a step behind a slash or without. */
function rangeOf(part: string, field: Field): number[] | undefined {
  const { min, max } = field;
  const [range = "", stepText, ...more] = part.split("/");
  const [from = NaN, to = stepText === undefined ? from : max] = boundsOf(range, field);
  const step = stepOf(stepText);
  const fits = from >= min && from <= to && to <= max;
  if (!fits || more.length > 0 || !(step >= 1)) return undefined;
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}

/** NaN for a step that is none. */
function stepOf(text = "1"): number {
  return /^\d+$/.test(text) ? Number(text) : NaN;
}

/** One number or two; NaN for a word that is none. */
function boundsOf(range: string, { min, max, names = [] }: Field): number[] {
  if (range === "*" || range === "?") return [min, max];
  const bounds = range.split("-").map((word) => {
    const named = names.indexOf(word.toLowerCase());
    return named === -1 ? (/^\d{1,2}$/.test(word) ? Number(word) : NaN) : named + min;
  });
  return bounds.length > 2 ? [NaN] : bounds;
}
