import { execFile } from "node:child_process";

/** A program that makes TXT records and takes them away. */
export interface HookSettings {
  /** The program and its first arguments; no shell is involved. */
  command: string[];
  /** For one call. */
  timeoutSeconds: number;
}

const OUTPUT = 2000;

/**
 * Calls the program with "present" or "cleanup", the record's name and its value as further arguments. Throws, with the
 * end of what it printed, if it can't be started, exits with a code other than 0, or takes too long.
 */
export function callHook(
  { command, timeoutSeconds }: HookSettings,
  action: "present" | "cleanup",
  { name, value }: { name: string; value: string },
): Promise<void> {
  const [file = "", ...first] = command;
  return new Promise((resolve, reject) => {
    const options = { timeout: timeoutSeconds * 1000, killSignal: "SIGKILL", maxBuffer: 1 << 24 } as const;
    execFile(file, [...first, action, name, value], options, (error, stdout, stderr) => {
      if (!error) return resolve();
      const printed = `${stdout}${stderr}`.trim().slice(-OUTPUT);
      const said = printed === "" ? "it printed nothing" : `it printed:\n${printed}`;
      reject(new Error(`the hook ${file} ${action} ${name} ${endOf(error, timeoutSeconds)}; ${said}`));
    });
  });
}

function endOf(error: { killed?: boolean; code?: string | number | null; message: string }, seconds: number): string {
  if (error.killed) return `was stopped, since it took longer than ${seconds} s`;
  return typeof error.code === "number" ? `ended with code ${error.code}` : `could not be started (${error.message})`;
}
