import * as fs from "node:fs";
import * as path from "node:path";
import { checkout, env, labVariable, run, succeeded, type Run } from "../../rig/stack/lab";

/**
 * The commands of a runbook that stand below `<!-- test: name -->`, as they are printed.
 * @param replaced Words of the page that are others in the lab; each must be there.
 */
export function runbookBlock(page: string, name: string, replaced: Record<string, string> = {}): string {
  const text = fs.readFileSync(path.join(checkout, "docs/runbooks", page), "utf8");
  const [, block] = text.split(`<!-- test: ${name} -->`);
  const commands = /^\s*```sh\n([\s\S]*?)```/.exec(block ?? "")?.[1];
  if (commands === undefined) throw new Error(`${page} has no commands below "test: ${name}"`);
  return Object.entries(replaced).reduce((all, [word, other]) => {
    if (!all.includes(word)) throw new Error(`"test: ${name}" in ${page} does not say ${word}`);
    return all.replaceAll(word, other);
  }, commands);
}

/** Runs commands of a runbook as a user would at a shell in the checkout; `pulumi` doesn't ask. */
export async function follow(commands: string): Promise<Run> {
  const variables = { ...env, PULUMI_STACK: labVariable("LAB_STACK"), PULUMI_SKIP_CONFIRMATIONS: "true" };
  return succeeded(await run("bash", ["-euo", "pipefail", "-c", commands], { env: variables }));
}
