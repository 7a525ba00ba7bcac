/** What a rule says of a value that it refuses. None of the texts may hold a secret. */
export interface Complaint {
  /** What was expected: "30000-32767". */
  expected: string;
  /** What to do about it: "leave it out to use 30299". */
  advice: string;
  /** What came, where the value itself can't be shown as JSON or says too much; by default the value is shown. */
  got?: string;
}

/** One value that was refused, with everything a person needs to mend it. */
export interface Problem extends Complaint {
  /** The setting, as the user wrote it: "nodePorts.registry". */
  property: string;
  got: string;
}

/** Says what is wrong with a value, or nothing if it is fine. Rules are pure: see the other files of this folder. */
export type Rule<T> = (value: T) => Complaint | undefined;

/** A value as an error may show it: JSON, cut at 80 characters. */
export function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** One line for a person: `nodePorts.registry must be 30000-32767, got 5000; leave it out to use 30299`. */
export function sentence(problem: Problem): string {
  return `${problem.property} must be ${problem.expected}, got ${problem.got}; ${problem.advice}`;
}

/** All problems as one text, a line each. */
export function report(subject: string, problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 setting is" : `${problems.length} settings are`;
  return [`${subject}: ${count} not right`, ...problems.map((problem) => `  - ${sentence(problem)}`)].join("\n");
}
