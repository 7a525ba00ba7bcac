/** What a rule says of a value that it refuses. None of the texts may hold a secret. */
export interface Complaint {
  /** What was expected: "30000-32767". */
  expected: string;
  /** What came, where the value itself can't be shown as JSON or says too much; by default the value is shown. */
  got?: string;
}

/** One value that was refused, with everything a person needs to put it right. */
export interface Problem {
  /** The setting, as the user wrote it: "nodePorts.registry". */
  property: string;
  expected: string;
  got: string;
  advice: string;
}

/** Says what is wrong with a value, or nothing if it is fine. Rules are pure: see the other files of this folder. */
export type Rule<T> = (value: T) => Complaint | undefined;

/** A value as an error may show it: JSON, cut at 80 characters; what can't be JSON is named. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  const text = jsonOf(value) ?? `a ${typeof value}`;
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return "an object in a circle";
  }
}

/** A problem as it may be told where the value is a secret. */
export function hidden(problem: Problem | undefined, secret: boolean): Problem | undefined {
  return problem && secret ? { ...problem, got: "a secret" } : problem;
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

/** The path of a member or of a place in a list, in the form that `pulumi config set --path` takes. */
export function memberPath(path: string, name: string | number): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(String(name))) return `${path}[${JSON.stringify(name)}]`;
  return path === "" ? String(name) : `${path}.${name}`;
}
