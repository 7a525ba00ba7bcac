import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { dashboardFile } from "./dashboard-file";
import { packageSchema } from "./package-schema";
import { reference } from "./reference";

/** Writes the files that are made from the code: `npm run generate`. */
async function generate(): Promise<void> {
  const root = join(__dirname, "..");
  writeFileSync(join(root, "docs/configuration.md"), reference());
  writeFileSync(join(root, "docs/grafana-dashboard.json"), dashboardFile());
  writeFileSync(join(root, "provider/schema.json"), await packageSchema());
}

void generate();
