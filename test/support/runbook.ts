import * as path from "node:path";
import { env, labVariable, run, succeeded, type Run } from "../../rig/stack/lab";
import { blockBelow } from "./docs";

/**
 * The commands of a runbook that stand below `<!-- test: name -->`, as they are printed.
 * @param replaced Words of the page that are others in the lab; each must be there.
 */
export function runbookBlock(page: string, name: string, replaced: Record<string, string> = {}): string {
  return pageBlock(path.join("docs/runbooks", page), name, replaced);
}

/** As `runbookBlock`, of a page anywhere: "docs/pulling.md". */
export function pageBlock(page: string, name: string, replaced: Record<string, string> = {}): string {
  return Object.entries(replaced).reduce(
    (all, [word, other]) => {
      if (!all.includes(word)) throw new Error(`"test: ${name}" in ${page} does not say ${word}`);
      return all.replaceAll(word, other);
    },
    blockBelow(page, name),
  );
}

/** Runs commands of a runbook as a user would at a shell in the checkout; `pulumi` doesn't ask. */
export async function follow(commands: string): Promise<Run> {
  const variables = { ...env, PULUMI_STACK: labVariable("LAB_STACK"), PULUMI_SKIP_CONFIRMATIONS: "true" };
  return succeeded(await run("bash", ["-euo", "pipefail", "-c", commands], { env: variables }));
}
