import { Command, Option } from "commander";
import path from "node:path";
import { down } from "./commands/down";
import { env } from "./commands/env";
import { logs } from "./commands/logs";
import { programs, Purpose, purposes } from "./commands/programs";
import { start } from "./commands/start";
import { status } from "./commands/status";
import { up } from "./commands/up";
import { labOf } from "./lab";
import { pluginKind } from "./tools";
import { releaseLock } from "./ownership";

const lab = labOf();
// A shell that has read the lab's variables has the lab's links on PATH: they must not be taken for programs of the
// machine.
process.env["PATH"] = (process.env["PATH"] ?? "")
  .split(path.delimiter)
  .filter((folder) => folder !== lab.bin)
  .join(path.delimiter);

const cli = new Command("npm run lab --").description("A whole environment for the registry, on this Linux machine.");

cli
  .command("up")
  .description("bring up what is missing")
  .action(async () => {
    await up(lab);
    if (pluginKind(lab) !== "real") {
      console.log("the real plugins command and tls can't be downloaded here: the lab's stand-ins are in use");
    }
    console.log(`the lab is up; for a shell that uses it: eval "$(npm run --silent lab -- env)"`);
  });
cli
  .command("down")
  .description("take everything down and leave nothing behind")
  .action(() => down(lab));
cli
  .command("status")
  .description("say what is up; exit code 1 if something is missing")
  .action(async () => {
    if (!(await status(lab))) process.exitCode = 1;
  });
cli
  .command("env")
  .description("print the variables of the running lab, for eval")
  .action(() => env(lab));
cli
  .command("logs [name...]")
  .description("list the logs, or print the end of some")
  .option("-n, --lines <count>", "how many lines", (text) => Math.max(1, Number.parseInt(text, 10) || 50), 50)
  .action((names: string[], options: { lines: number }) => logs(lab, names, options.lines));
cli
  .command("programs")
  .description("build and install the programs that something needs, without a lab")
  .addOption(new Option("--for <purpose>", "what they are for").choices(purposes).makeOptionMandatory())
  .action((options: { for: Purpose }) => programs(options.for));
cli
  .command("start")
  .description("the whole main job: lab up, pulumi up, push and pull an image, look at the UI, and a summary")
  .action(() => start(lab));

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    releaseLock();
    if (process.stdout.isTTY) process.stdout.write("\u001b[?25h"); // the display hides the cursor
    console.error(
      `\nstopped by ${signal}. What is up stays up: 'npm run lab -- up' goes on, 'npm run lab -- down' removes it`,
    );
    process.exit(130);
  });
}

cli.parseAsync().catch((error: unknown) => {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
