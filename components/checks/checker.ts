import * as pulumi from "@pulumi/pulumi";
import { isServed } from "../served";
import { hasLate, isGiven, isTable, judge } from "./judge";
import { type Origin, originOf, placeIn } from "./origin";
import { memberPath, type Problem, report } from "./problems";
import type { Checked, Value } from "./value";

type Members = Readonly<Record<string, Value>>;

/** Several values of one kind, for which one output is enough: a thousand outputs would take a second. */
export interface Column<T> {
  property: string;
  given: pulumi.Input<T> | undefined;
  value: Value<T>;
}

/**
 * Collects what is wrong with a component's arguments. What is known is judged at once, and all its problems are thrown
 * together by `done`; what is known only later (an output) is judged when it is known, in a preview too, and reported
 * under the same path.
 *
 * @example
 * const checker = new Checker(`RegistryService "${name}"`, args);
 * const { registryNodePort } = checker.read(SERVICE, args);
 * checker.done();
 */
export class Checker {
  readonly problems: Problem[] = [];
  private readonly origin: Origin;
  private readonly judged: boolean;

  /**
   * @param subject What is checked, as the first words of the error: `RegistryService "main"`.
   * @param args The arguments: where they come from another component, it has said where the user wrote them (`from`).
   */
  constructor(subject: string, args: object) {
    const origin = originOf(args);
    this.judged = origin !== undefined;
    this.origin = origin ?? { subject, places: {} };
  }

  /**
   * Judges arguments by the values of their members, and hands them back with defaults, as outputs where they may be.
   * @param moved What to say of arguments of former versions, by their names.
   */
  read<M extends Members>(members: M, args: unknown, moved: Readonly<Record<string, string>> = {}): Checked<M> {
    const root: Value = { kind: "table", expected: "a table", members, moved, default: {}, required: true };
    // What another component hands over is the user's, and has been judged there.
    if (!this.judged) judge(root, args, "", { root, problems: this.problems });
    return this.taken(members, args, "") as Checked<M>;
  }

  private taken(members: Members, given: unknown, path: string): Record<string, unknown> {
    const table = isTable(given) ? given : {};
    return Object.fromEntries(
      Object.entries(members).map(([name, value]) => [name, this.take(value, table[name], memberPath(path, name))]),
    );
  }

  private take(value: Value, given: unknown, path: string): unknown {
    const { members, each, plain } = value;
    const there = (members && !isGiven(given) ? undefined : given) ?? value.default;
    if (value.bulk || there === undefined) return there;
    if (members && plain) return this.taken(members, there, path);
    const { members: inner } = each ?? {};
    if (inner && plain) return listed(there).map((item, index) => this.taken(inner, item, `${path}[${index}]`));
    return plain ? there : this.output(value, there, path);
  }

  private output(value: Value, given: unknown, path: string): pulumi.Output<unknown> {
    const output = pulumi.output<unknown>(given) as pulumi.Output<unknown>;
    if (!hasLate(given)) return guarded(output, value);
    return this.late(output, (plain, secret) => this.problemsOf(value, plain, path, secret), value);
  }

  /** One output for all values of a column, in their order; those that are known must have been judged by `read`. */
  column<T>(column: readonly Column<T>[], secret = false): pulumi.Output<T[]> {
    const output = pulumi.all(column.map(({ given }) => given)) as unknown as pulumi.Output<T[]>;
    const late = column.map(({ given }) => hasLate(given));
    if (!late.includes(true)) return guarded(output, { secret });
    const judged = (all: T[], hidden: boolean): Problem[] =>
      column.flatMap(({ property, value }, index) =>
        late[index] ? this.problemsOf(value, all[index], property, hidden) : [],
      );
    return this.late(output, judged, { secret });
  }

  private problemsOf(value: Value, plain: unknown, path: string, secret: boolean): Problem[] {
    const problems: Problem[] = [];
    const hidden = { ...value, secret: secret || value.secret === true };
    judge(hidden, plain, path, { root: value, problems });
    return problems;
  }

  /**
   * Hands an output on as soon as it is judged: with problems the run fails, and all of them are said.
   * @param find Finds the problems of the value; it is told whether the value is a secret.
   */
  late<T>(
    output: pulumi.Output<T>,
    find: (plain: T, secret: boolean) => (Problem | undefined)[],
    options: { secret?: boolean } = {},
  ): pulumi.Output<T> {
    const result = guarded(output, options);
    return pulumi.output(pulumi.isSecret(result)).apply((secret) =>
      (output as pulumi.OutputInstance<T>).apply((plain) => {
        const problems = find(plain, secret).filter((problem) => problem !== undefined);
        if (problems.length > 0) throw this.error(problems);
        return result;
      }),
    );
  }

  /** Adds problems that concern more than one value; nothing happens for undefined. */
  add(...problems: readonly (Problem | undefined)[]): void {
    for (const problem of problems) if (problem) this.problems.push(problem);
  }

  /** Ends the check. Throws one error with every problem found so far. */
  done(): void {
    if (this.problems.length > 0) throw this.error(this.problems);
  }

  /**
   * `pulumi.RunError` in a program, which is shown without a stack trace; `pulumi.InputPropertiesError` in the
   * package's plugin.
   */
  private error(found: readonly Problem[]): Error {
    const problems = found.map((each) => ({ ...each, property: placeIn(this.origin, each.property) }));
    const message = report(this.origin.subject, problems);
    if (!isServed()) return new pulumi.RunError(message);
    const errors = problems.map(({ property, expected, got, advice }) => ({
      propertyPath: property,
      reason: `must be ${expected}, got ${got}; ${advice}`,
    }));
    return new pulumi.InputPropertiesError({ message, errors });
  }
}

const listed = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function guarded<T>(output: pulumi.Output<T>, { secret }: { secret?: boolean }): pulumi.Output<T> {
  return secret ? (pulumi.secret<unknown>(output) as pulumi.OutputInstance<unknown> as pulumi.Output<T>) : output;
}
