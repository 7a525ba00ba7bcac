import * as fs from "node:fs";
import type { Command } from "commander";
import { type RegistryAccessOptions, registryAccess } from "./retention/access";
import { deletePlanned } from "./retention/deletion";
import { readImages } from "./retention/images";
import { planRetention } from "./retention/plan";
import { readRules, type RetentionRule, ruleFor } from "./retention/policy";
import { RegistryApi, type RegistryCalls } from "./retention/registry-api";
import { repositoryLines, type RepositoryReport, summaryLines } from "./retention/report";
import { withStackOptions } from "./stack";

/** How a retention run goes. */
export interface RetentionOptions {
  /** False for a dry run: everything is read and nothing deleted. */
  delete: boolean;
  /** The time by which ages are measured, in milliseconds. Default: now. */
  now?: number;
}

/**
 * Deletes the images that no rule keeps, over the registry's API, and reports one repository after the other. Before
 * each manifest the tags of its repository are asked for again: once one was pushed, moved or deleted meanwhile, the
 * rest of the repository is left alone. The layers go with the next garbage collection. Rejects with what the registry
 * refused.
 */
export async function* retain(
  api: RegistryCalls,
  rules: readonly RetentionRule[],
  options: RetentionOptions,
): AsyncGenerator<RepositoryReport> {
  for (const repository of (await api.repositories()).sort()) {
    const rule = ruleFor(rules, repository);
    if (rule) yield await retainIn(api, repository, rule, options);
    else yield { repository, rule: undefined, deletions: [], kept: [] };
  }
}

async function retainIn(
  api: RegistryCalls,
  repository: string,
  rule: RetentionRule,
  options: RetentionOptions,
): Promise<RepositoryReport> {
  const images = await readImages(api, repository);
  const plan = planRetention(images, rule, options.now ?? Date.now());
  const report = { repository, rule: rule.repositories, ...plan };
  return options.delete ? { ...report, ...(await deletePlanned(api, images, plan)) } : report;
}

/**
 * `private-registry retention`: a dry run unless `--delete`; ends with 1 if a repository was left alone or something
 * was lost.
 */
export function addRetention(cli: Command): void {
  withStackOptions(cli.command("retention"), "the stack whose outputs name registry and users")
    .description("delete images that no rule keeps; without --delete only say which")
    .requiredOption("-r, --rules <file>", "the rules, YAML or JSON: docs/runbooks/retention.md")
    .option("--delete", "delete them", false)
    .option("-u, --user <name>", "the stack's user; needed if it has several")
    .option(
      "--registry <url>",
      "a registry without a stack; name and password from REGISTRY_USER and REGISTRY_PASSWORD",
    )
    .option("--ca-file <file>", "roots, in PEM, for the registry's certificate; default: the machine's own")
    .action(async (options: RegistryAccessOptions & { rules: string; delete: boolean }) => {
      const rules = readRules(fs.readFileSync(options.rules, "utf8"));
      const api = new RegistryApi(await registryAccess(options, process.env));
      try {
        process.exitCode = await printRun(api, rules, options);
      } finally {
        api.close();
      }
    });
}

async function printRun(api: RegistryApi, rules: RetentionRule[], options: RetentionOptions): Promise<number> {
  const reports: RepositoryReport[] = [];
  for await (const report of retain(api, rules, options)) {
    for (const line of repositoryLines(report, options.delete)) console.log(line);
    reports.push(report);
  }
  for (const line of summaryLines(reports, options.delete)) console.log(line);
  return reports.some(({ leftAlone, losses }) => leftAlone !== undefined || losses !== undefined) ? 1 : 0;
}
