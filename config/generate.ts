import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectFile } from "./project-file";
import { reference } from "./reference";

/** Writes the files that are made from the code: `npm run generate`. */
const root = join(__dirname, "..");
writeFileSync(join(root, "Pulumi.yaml"), projectFile());
writeFileSync(join(root, "docs/configuration.md"), reference());
