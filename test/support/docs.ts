import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(__dirname, "../..");

/** Every page: README, docs/, and the lab's. */
export function pages(): string[] {
  const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
  return ["README.md", "lab/README.md", ...docs.filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)];
}

export const textOf = (page: string): string => readFileSync(join(root, page), "utf8");

/** The shell blocks of a page, each as a script, in lists too. */
export function shellBlocks(page: string): string[] {
  const found = [...textOf(page).matchAll(/^( *)```(?:sh|bash|shell)\n([^]*?)^ *```$/gm)];
  return found.map(([, indent = "", text = ""]) => text.replace(new RegExp(`^${indent}`, "gm"), ""));
}

/** The commands of a page's shell blocks, without comments; what goes over several lines is one. */
export function commands(page: string): string[] {
  const lines = shellBlocks(page).flatMap((text) => text.replace(/\\\n\s*/g, " ").split("\n"));
  return lines.map((line) => line.replace(/(^|\s)#.*$/, "").trim()).filter((line) => line !== "");
}

/** Pages whose shell blocks test/e2e/7e-documents.test.ts runs in the lab, line by line. */
export const RUN_IN_LAB = [
  "README.md",
  "docs/runbooks/renewal-fails.md",
  "docs/runbooks/gateway-lost.md",
  "docs/runbooks/node-lost.md",
  "docs/runbooks/rotate-secrets.md",
  "docs/runbooks/from-the-recipe.md",
];

/** Pages with a test of their own, which does what they say. */
export const OWN_TESTS: Record<string, string> = {
  "docs/importing.md": "test/e2e/7c-import.test.ts",
  "docs/upgrading.md": "test/e2e/7d-upgrade.test.ts",
  "docs/runbooks/backup.md": "test/integration/backup.test.ts",
  "docs/runbooks/moves.md": "test/integration/backup.test.ts",
  "docs/runbooks/retention.md": "test/integration/retention.test.ts",
};

/** What runs the other commands: the file, and the words there. */
export const RUN_ELSEWHERE: [command: RegExp, file: string, words: RegExp][] = [
  [/^npm start$/, "lab/cli.ts", /start/], // the lab itself; its parts are the end-to-end tests'
  [/^npm test$/, ".ci/run", /^suite npm test$/m],
  [/^npm run lab -- (up|down|status|logs|env)\b/, "rig/stack/lab.ts", /"lab", "--", \.\.\.args/],
  [/^eval "\$\(npm run --silent lab -- env\)"$/, "rig/stack/lab.ts", /npm run --silent lab -- env/],
  [/^npm ci( --ignore-scripts)?$/, "lab/install.cjs", /"ci"/],
  [/^scripts\/checks\.sh$/, ".github/workflows/checks.yml", /scripts\/checks\.sh/], // its three lines are .ci/run's
  [/^scripts\/offline-preview\.sh /, "test/integration/workflows.test.ts", /offline-preview\.sh/],
  [/^scripts\/(preview|apply|daily)\.sh /, "test/e2e/2b-scripts.test.ts", /script\("daily\.sh"\)/],
  [/^npm run bench -- /, "bench/main.ts", /command\("/], // figures for a quiet machine: their bounds are no test's
  [/^npm run (smoke|drift) /, "test/e2e/7e-documents.test.ts", /RUN_IN_LAB/],
  [/^pulumi config set( --secret)?( --path)? /, "test/e2e/7e-documents.test.ts", /RUN_IN_LAB/],
];
