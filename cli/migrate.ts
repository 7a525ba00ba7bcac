import { chmodSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Command } from "commander";
import { migrated } from "./migrate/migrated";
import { Refusal } from "./migrate/stack-file";
import { readText } from "./read-text";

/**
 * Rewrites a stack's config file of 0.1.0 to the new shape, in place.
 * @returns What to print: what was moved, and what else there is to know.
 * @throws Error with every reason; the file is then as it was.
 */
export function migrateFile(file: string): string[] {
  const result = migrated(file, readText(file));
  if (!result) return [`${file} already has the new shape; nothing was changed`];
  replace(file, result.text);
  return [...result.moved, ...result.notes];
}

/** Writes beside the file, then renames: a killed run leaves the whole old file or the whole new one. */
function replace(file: string, text: string): void {
  const target = realpathSync(file); // a link stays a link
  const made = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  try {
    writeFileSync(made, text, { flag: "wx", flush: true });
    chmodSync(made, statSync(target).mode);
    renameSync(made, target);
  } catch (error) {
    rmSync(made, { force: true });
    throw new Refusal([`${file} can't be written (${(error as NodeJS.ErrnoException).code ?? "no reason"})`]);
  }
}

/** `private-registry migrate`: moves the settings of 0.1.0 to where this version reads them. */
export function addMigrate(cli: Command): void {
  cli
    .command("migrate")
    .description("rewrite a stack's config file of 0.1.0 to the new shape, in place; secrets stay encrypted")
    .requiredOption("-c, --config <file>", "the stack's config file")
    .action(({ config }: { config: string }) => {
      for (const line of migrateFile(config)) console.log(line);
    });
}
