import type { Command } from "commander";
import { kubectlOf } from "./drill/cluster";
import { runDrill } from "./drill/run";
import { chosen, drillsOf } from "./drill/target";
import type { ClusterOptions } from "../smoke/cluster";
import { type StackOptions, stackArgs, withStackOptions } from "./stack";

export { runDrill };

interface Flags extends ClusterOptions, StackOptions {
  job?: string;
  minutes: string;
}

/** `private-registry drill`: ends with 1 if something of the newest snapshot is not whole. */
export function addDrill(cli: Command): void {
  withStackOptions(cli.command("drill"))
    .description("restore the newest snapshot beside the registry and follow every tag to every byte")
    .option("--kubeconfig <file>", "of the stack's cluster; default: kubectl's own")
    .option("--context <name>", "context in it; default: its current one")
    .option("--job <name>", "the drill's CronJob, if the stack has several registries")
    .option("--minutes <number>", "how long to wait for its end, 1-1440", "240")
    .action(async ({ job, minutes, ...options }: Flags) => {
      const args = stackArgs(options);
      const totalSeconds = secondsOf(minutes);
      const drill = chosen(await drillsOf(args), job);
      const onLine = (line: string): void => console.log(line);
      process.exitCode = await runDrill(kubectlOf(options), drill, { totalSeconds, onLine });
    });
}

function secondsOf(minutes: string): number {
  const number = Number(minutes);
  if (Number.isInteger(number) && number >= 1 && number <= 1440) return number * 60;
  throw new Error(`--minutes must be 1-1440, got ${minutes}; a drill itself is ended after a day`);
}
