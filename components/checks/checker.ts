import * as pulumi from "@pulumi/pulumi";
import { Problem, report, Rule, shown } from "./problems";

/** How a value is checked and shown. */
export interface CheckOptions {
  /** True if the value must never be printed; an error then says "a secret". Default false. */
  secret?: boolean;
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
    const judge = (plain: T, secret: boolean): Problem | undefined => {
      const complaint = rule(plain);
      return complaint && { ...complaint, property, got: secret ? "a secret" : (complaint.got ?? shown(plain)) };
    };
    const output = pulumi.output<unknown>(value) as pulumi.OutputInstance<unknown> as pulumi.Output<T>;
    const guarded = (options.secret ? pulumi.secret(output) : output) as pulumi.Output<T>;
    if (isPlain(value)) {
      this.add(judge(value as T, options.secret ?? false));
      return guarded;
    }
    return pulumi.output(pulumi.isSecret(guarded)).apply((secret) =>
      (output as pulumi.OutputInstance<T>).apply((plain) => {
        const problem = judge(plain, secret);
        if (problem) throw this.error([problem]);
        return guarded;
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

/** True if no part of the value is an output or a promise. */
function isPlain(value: unknown): boolean {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return false;
  if (Array.isArray(value)) return value.every(isPlain);
  if (value !== null && typeof value === "object") return Object.values(value).every(isPlain);
  return true;
}
