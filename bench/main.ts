import { Command } from "commander";
import { benchIssuance } from "./issuance";

/** Each figure that an issue names is printed by a command here, with its bound; exit code 1 if one is not kept. */
const cli = new Command("npm run bench --").description(
  "Figures, measured on this machine and printed with their bounds.",
);
cli.command("issuance").description("a certificate of two names, beside certbot's").action(benchIssuance);

cli.parseAsync().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
