import * as fs from "node:fs";
import * as path from "node:path";

/**
 * The resources, as `<type>::<name>`, that an upgrade may replace or delete since the changelog says so: lines that
 * begin with "- Replaces `<type>::<name>`".
 */
export function namedReplacements(text = changelog()): Set<string> {
  return new Set([...text.matchAll(/^- Replaces `([^`]+::[^`]+)`/gm)].map(([, resource = ""]) => resource));
}

function changelog(): string {
  return fs.readFileSync(path.join(__dirname, "../../CHANGELOG.md"), "utf8");
}
