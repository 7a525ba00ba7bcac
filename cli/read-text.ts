import { readFileSync } from "node:fs";

/**
 * The text of a file that the user named.
 * @throws Error that says which file, and why it can't be read.
 */
export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(code === "ENOENT" ? `${file} does not exist` : `${file} can't be read (${code ?? "no reason"})`, {
      cause: error,
    });
  }
}
