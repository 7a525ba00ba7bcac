import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { childNames } from "../support/contract";

/** Writes the golden files that need Pulumi's mocks: a part of `npm run generate`. */
void childNames().then((names) => {
  writeFileSync(join(__dirname, "resources.json"), `${JSON.stringify(names, null, 2)}\n`);
});
