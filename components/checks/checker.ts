import * as pulumi from "@pulumi/pulumi";
import { Problem, report, Rule, shown } from "./problems";

/** How a value is checked and shown. */
export interface CheckOptions {
  /** True if the value must never be printed; an error then says "a secret". Default false. */
  secret?: boolean;
}

/** One of many values: where the user wrote it, and what it has to be. */
export interface Named<T> {
  property: string;
  value: pulumi.Input<T>;
  rule: Rule<T>;
}

/** What a user may give for a `T`: the value or an output of it, and for a list outputs of its elements too. */
export type Given<T> = [T] extends [(infer E)[]] ? pulumi.Input<pulumi.Input<E>[]> : pulumi.Input<T>;

/**
 * Collects what is wrong with a component's arguments. Plain values are checked at once and all their problems are
 * thrown together by `done`; a value that is known only later (an output) is checked when it is known, in a preview too.
 *
 * @example
 * const checker = new Checker(`RegistryService "${name}"`);
 * const port = checker.check("nodePorts.registry", args.nodePorts?.registry ?? 30299, nodePort(30299));
 * checker.done();
 */
export class Checker {
  private readonly problems: Problem[] = [];

  /** @param subject What is checked, as the first words of the error: `RegistryService "main"`. */
  constructor(private readonly subject: string) {}

  /**
   * Checks one value and hands it back as an output.
   * @param property The setting's path as the user writes it: "users[2].name".
   */
  check<T>(property: string, value: Given<T>, rule: Rule<T>, options: CheckOptions = {}): pulumi.Output<T> {
    const output = pulumi.output<unknown>(value) as pulumi.OutputInstance<unknown> as pulumi.Output<T>;
    const judge = (plain: T, secret: boolean): (Problem | undefined)[] => [judged(property, plain, rule, secret)];
    if (!isPlain(value)) return this.whenKnown(output, judge, options);
    this.add(judge(value as T, options.secret ?? false)[0]);
    return guarded(output, options);
  }

  /** The same for many values of one kind, handed back as one output in their order: a thousand outputs would take a second. */
  checkEach<T>(values: readonly Named<T>[], options: CheckOptions = {}): pulumi.Output<T[]> {
    const output = pulumi.all(values.map(({ value }) => value)) as unknown as pulumi.Output<T[]>;
    const late = values.map(({ value }) => !isPlain(value));
    values.forEach(({ property, value, rule }, index) => {
      if (!late[index]) this.add(judged(property, value as T, rule, options.secret ?? false));
    });
    if (!late.includes(true)) return guarded(output, options);
    const judge = (all: T[], secret: boolean): (Problem | undefined)[] =>
      values.map(({ property, rule }, index) =>
        late[index] ? judged(property, all[index] as T, rule, secret) : undefined,
      );
    return this.whenKnown(output, judge, options);
  }

  /** What is judged only when it is known; then all its problems are thrown together. */
  private whenKnown<T>(
    output: pulumi.Output<T>,
    judge: (plain: T, secret: boolean) => (Problem | undefined)[],
    options: CheckOptions,
  ): pulumi.Output<T> {
    const result = guarded(output, options);
    return pulumi.output(pulumi.isSecret(result)).apply((secret) =>
      (output as pulumi.OutputInstance<T>).apply((plain) => {
        const problems = judge(plain, secret).filter((problem) => problem !== undefined);
        if (problems.length > 0) throw this.error(problems);
        return result;
      }),
    );
  }

  /** Adds a problem that concerns more than one value; nothing happens for undefined. */
  add(problem: Problem | undefined): void {
    if (problem) this.problems.push(problem);
  }

  /** Ends the check. Throws `pulumi.InputPropertiesError` with every problem found so far. */
  done(): void {
    if (this.problems.length > 0) throw this.error(this.problems);
  }

  private error(problems: readonly Problem[]): Error {
    return new pulumi.InputPropertiesError({
      message: report(this.subject, problems),
      errors: problems.map(({ property, expected, got, advice }) => ({
        propertyPath: property,
        reason: `must be ${expected}, got ${got}; ${advice}`,
      })),
    });
  }
}

function guarded<T>(output: pulumi.Output<T>, { secret }: CheckOptions): pulumi.Output<T> {
  return secret ? (pulumi.secret<unknown>(output) as pulumi.OutputInstance<unknown> as pulumi.Output<T>) : output;
}

function judged<T>(property: string, plain: T, rule: Rule<T>, secret: boolean): Problem | undefined {
  const complaint = rule(plain);
  return complaint && { ...complaint, property, got: secret ? "a secret" : (complaint.got ?? shown(plain)) };
}

/** True if no part of the value is an output or a promise. */
function isPlain(value: unknown): boolean {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return false;
  if (Array.isArray(value)) return value.every(isPlain);
  if (value !== null && typeof value === "object") return Object.values(value).every(isPlain);
  return true;
}
