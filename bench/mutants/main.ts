import { Argument, Command } from "commander";
import { AREAS } from "./areas";
import { type Choices, runArea } from "./run";
import { scoreLine, sum } from "./score";

/** Changes the code in small ways, one after the other, and tells which of them no test notices. */
const cli = new Command("npm run mutants --")
  .description("Small changes in the code that the unit and property tests should notice, and those they don't.")
  .addArgument(new Argument("[area...]", "which modules").choices(Object.keys(AREAS)))
  .option("--workers <number>", "how many run at a time", "1")
  .option("--only <glob>", "only the area's files that this names, such as '**/time.ts' or 'cli/retention/plan.ts:3-9'")
  .action(async (named: string[], choices: Choices) => {
    const scores = [];
    for (const name of named.length > 0 ? named : Object.keys(AREAS)) {
      const area = AREAS[name];
      if (area) scores.push(await runArea(name, area, choices));
    }
    for (const score of scores) console.log(scoreLine(score));
    if (scores.length > 1) console.log(scoreLine(sum(scores)));
  });

cli.parseAsync().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
