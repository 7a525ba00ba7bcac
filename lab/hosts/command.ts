import { execa } from "execa";

/** How a program is run. */
export interface RunOptions {
  /** Text for its standard input; nothing by default. */
  input?: string;
  /** Its whole environment, PATH included; see `plainEnvironment`. */
  env?: Record<string, string>;
  /** Ends it after that long. Default 120. */
  timeoutSeconds?: number;
  /** True if a non-zero exit is an answer and no error. Default false. */
  mayFail?: boolean;
}

/** What a program that ended had to say. */
export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment of programs on the lab's hosts: nothing of the caller's. */
export const plainEnvironment: Record<string, string> = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LANG: "C.UTF-8",
  HOME: "/root",
};

/** Runs a program on the machine and waits for its end. Rejects with its last words if it fails. */
export async function run(command: readonly [string, ...string[]], options: RunOptions = {}): Promise<Ran> {
  const [file, ...args] = command;
  const { input = "", env = plainEnvironment, timeoutSeconds = 120, mayFail = false } = options;
  const timeout = timeoutSeconds * 1000;
  const result = await execa(file, args, { input, env, extendEnv: false, timeout, reject: false });
  const { exitCode, stdout, stderr } = result;
  if (exitCode !== undefined && (exitCode === 0 || mayFail)) return { exitCode, stdout, stderr };
  const words = [stderr, stdout, result.shortMessage].find(Boolean) ?? "no message";
  const why = result.timedOut ? `did not end within ${timeoutSeconds} s` : words.trim().slice(-2000);
  throw new Error(`${command.join(" ").slice(0, 200)}: ${why}`);
}
