import { Command } from "commander";
import { benchBlobCache, CACHE_FIGURES } from "./blob-cache";
import { addCapacity } from "./capacity";
import { benchDeployed } from "./deployed";
import { benchGateway, FIGURES } from "./gateway";
import { benchHashing } from "./hashing";
import { benchIssuance } from "./issuance";
import { benchKills } from "./kills";
import { benchPreview, RUNS } from "./preview";
import { benchReading } from "./reading";

/** Each figure that an issue names is printed by a command here, with its bound; exit code 1 if one is not kept. */
const cli = new Command("npm run bench --").description(
  "Figures, measured on this machine and printed with their bounds.",
);
cli.command("issuance").description("a certificate of two names, beside certbot's").action(benchIssuance);
cli
  .command("gateway")
  .description("the gateway's speed, beside the bare registry and the recipe's config")
  .option("--only <figure...>", `some of them: ${Object.keys(FIGURES).join(", ")}`)
  .option("--quick", "fewer rounds and less data: to see that it runs, not to rely on")
  .option("--registry <version>", "version of the registry, 2 or 3", "2")
  .action(benchGateway);
cli
  .command("blob-cache")
  .description("pulls through a gateway that keeps blobs, beside one that does not and the registry itself")
  .option("--only <figure...>", `some of them: ${Object.keys(CACHE_FIGURES).join(", ")}`)
  .option("--quick", "fewer rounds and less data: to see that it runs, not to rely on")
  .action(benchBlobCache);
cli
  .command("deployed")
  .description("the registry as it comes up, in the lab: beside the recipe's resources, and without a gateway")
  .option("--only <figure...>", "some of them: transfers, small, docker, memory")
  .action(benchDeployed);
cli
  .command("preview")
  .description(
    "a run of this stack beside an empty program, 1,000 users beside 10, and 10 registries beside one; in the lab",
  )
  .option("--only <figure...>", `some of them: ${Object.keys(RUNS).join(", ")}`)
  .action(benchPreview);
cli
  .command("kills")
  .description("activations of a gateway release, killed by SIGKILL at any moment: what each step leaves")
  .option("--count <number>", "how many", "300")
  .action(benchKills);

cli
  .command("reading")
  .description("reading and checking a stack's file with 10 and 1,000 users, each in a process of its own")
  .option("--users <number>", "once, in this process")
  .action(benchReading);

cli
  .command("hashing")
  .description("the passwords of 1,000 users hashed on one thread, as a few are, and on all cores")
  .option("--users <number>", "how many", "1000")
  .action(benchHashing);

addCapacity(cli);

cli.parseAsync().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
