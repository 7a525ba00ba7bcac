import type { Command } from "commander";

/** Which stack a command works on, as in pulumi's own options. */
export interface StackOptions {
  /** Default: the selected one. */
  stack?: string;
  /** The program's folder. Default: this one. */
  cwd?: string;
}

/**
 * Adds the options that name the stack.
 * @param stack What the stack is to the command, for its help.
 */
export function withStackOptions(command: Command, stack = "the stack"): Command {
  return command
    .option("-s, --stack <name>", `${stack}; default: the selected one`)
    .option("-C, --cwd <folder>", "the program's folder; default: this one");
}

/** The same for `pulumi` and for another command of this program. */
export function stackArgs({ stack, cwd }: StackOptions): string[] {
  return Object.entries({ stack, cwd }).flatMap(([name, value]) => (value ? [`--${name}`, value] : []));
}

/** The stack's state. `args` go to `pulumi stack export`: `["--stack", "dev", "--show-secrets"]`. */
export async function stackState(args: readonly string[]): Promise<unknown> {
  const { execa } = await import("execa");
  return JSON.parse((await execa("pulumi", ["stack", "export", ...args])).stdout);
}

/** The stack's outputs, secrets in the clear. */
export async function stackOutputs(options: StackOptions): Promise<Record<string, unknown>> {
  const { execa } = await import("execa");
  const { stdout } = await execa("pulumi", ["stack", "output", "--json", "--show-secrets", ...stackArgs(options)]);
  return JSON.parse(stdout) as Record<string, unknown>;
}
