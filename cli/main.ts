import { Command } from "commander";
import { addDrift } from "./drift";
import { addDrill } from "./drill";
import { addMigrate } from "./migrate";
import { addNodes } from "./nodes";
import { addRetention } from "./retention";
import { addRender } from "./render";
import { addRevoke } from "./revoke";
import { addSmoke } from "./smoke";

/**
 * What runs against a deployed stack, or for one. Exit codes: 0 all is well, 1 something is not as it should be, 2 it
 * could not be found out.
 */
const cli = new Command("private-registry")
  .description("What runs against a deployed registry.")
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2)); // a wrong option is no difference found
addDrift(cli);
addDrill(cli);
addMigrate(cli);
addNodes(cli);
addRetention(cli);
addRender(cli);
addRevoke(cli);
addSmoke(cli);

cli.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
});
