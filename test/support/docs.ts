import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(__dirname, "../..");

/** Every page that a person reads here, new ones too; not what goes into an issue or pull request. */
export function pages(): string[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"];
  const found = execFileSync("git", args, { cwd: root, encoding: "utf8" }).split("\0").sort();
  return found.filter((name) => name !== "" && name !== "CHANGELOG.md" && !name.includes("_TEMPLATE"));
}

export const textOf = (page: string): string => readFileSync(join(root, page), "utf8");

/** The fenced blocks of a page in some languages, without their indent in lists. */
function blocks(page: string, languages: readonly string[]): string[] {
  const fenced = textOf(page).matchAll(/^( *)```([^\n`]*)\n([^]*?)^ *```$/gm);
  return [...fenced].flatMap(([, indent = "", language = "", text = ""]) =>
    languages.includes(language) ? [text.replace(new RegExp(`^${indent}`, "gm"), "")] : [],
  );
}

const SHELLS = ["sh", "bash", "shell", "zsh", "console"];

/** The shell blocks of a page, each as a script, in lists too. */
export const shellBlocks = (page: string): string[] => blocks(page, SHELLS);

/** The same, and blocks that do not say what they are: somebody may paste those too. */
export const pasted = (page: string): string[] => blocks(page, [...SHELLS, ""]);

/** The block of a page that stands below `<!-- test: name -->`. */
export function blockBelow(page: string, name: string, language = "sh"): string {
  const [, rest] = textOf(page).split(`<!-- test: ${name} -->`);
  const [, indent = "", text] =
    new RegExp(`^\\n+( *)\`\`\`${language}\\n([^]*?(?<=\\n)) *\`\`\`(?:\\n|$)`).exec(rest ?? "") ?? [];
  if (text === undefined) throw new Error(`${page} has no commands below "test: ${name}"`);
  return text.replace(new RegExp(`^${indent}`, "gm"), "");
}

/** A page without its fenced blocks, in which nothing is a heading or a link. */
const prose = (page: string): string => textOf(page).replace(/^ *```[^]*?^ *```$/gm, "");

/** The anchors of a page's headings, as GitHub makes them. */
export function anchors(page: string): string[] {
  const seen = new Map<string, number>();
  return [...prose(page).matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = ""]) => {
    const plain = heading.replace(/\]\([^)]*\)/g, "").toLowerCase();
    const slug = plain.replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, "").replace(/ /g, "-");
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
}

/** Where a page's links and pictures lead, those to the world outside left out. */
export function links(page: string): { file: string; anchor: string }[] {
  const found = [
    ...prose(page)
      .replace(/`[^`\n]*`/g, "")
      .matchAll(/\]\(\s*<?([^)\s>]+)/g),
  ];
  return found
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/i.test(target))
    .map((target) => ({ file: target.split("#")[0] ?? "", anchor: target.split("#")[1] ?? "" }));
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
  "docs/runbooks/rotate-secrets.md",
  "docs/runbooks/from-the-recipe.md",
];

/** Commands of those pages that need what no lab has: a repository, somebody's own state, a terminal. */
export const NOT_IN_LAB =
  /^(npm|git clone|ssh-keygen|ssh-copy-id|pulumi config get --path 'users\[0\]\.password' \| docker login) /;

/** Headings of troubleshooting.md that quote Pulumi and its plugins; test/e2e/7f-night.test.ts makes them say it. */
export const SAID_BY_OTHERS = [
  "configured Kubernetes cluster is unreachable",
  "unable to load schema information from the API server",
  "unable to load Kubernetes client configuration",
  "failed to parse kubeconfig",
  "the stack is currently locked by",
  "pending operations from previous deployment",
  "incorrect passphrase",
  "passphrase must be set with PULUMI_CONFIG_PASSPHRASE",
  "no stack selected",
];

/** Pages with a test of their own, which does what they say. */
export const OWN_TESTS: Record<string, string> = {
  "docs/importing.md": "test/e2e/7c-import.test.ts",
  "docs/upgrading.md": "test/e2e/7d-upgrade.test.ts",
  "docs/pulling.md": "test/e2e/6e-pulls.test.ts",
  "docs/mirrors.md": "test/e2e/6i-mirrors.test.ts",
  "docs/runbooks/backup.md": "test/integration/backup.test.ts",
  "docs/runbooks/node-lost.md": "test/e2e/6f-lost-node.test.ts",
  "docs/runbooks/leave.md": "test/integration/leave.test.ts",
  "docs/runbooks/disk-full.md": "test/integration/disk-full.test.ts",
  "docs/runbooks/drill.md": "test/e2e/7b-backup-and-moves.test.ts",
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
  [/^npx mocha --config test\/\.mocharc\.json test\/unit\//, "package.json", /mocha --config test\/\.mocharc\.json/],
  [/policy-pack policy$|^npm install --prefix policy$/, "test/e2e/6b-policy.test.ts", /"--policy-pack"/],
  [/^scripts\/checks\.sh$/, ".github/workflows/checks.yml", /scripts\/checks\.sh/], // its three lines are .ci/run's
  [/^scripts\/offline-preview\.sh /, "test/integration/workflows.test.ts", /offline-preview\.sh/],
  [/^scripts\/(preview|apply|daily)\.sh /, "test/e2e/2b-scripts.test.ts", /script\("daily\.sh"\)/],
  [/^npm run bench -- /, "bench/main.ts", /command\("/], // figures for a quiet machine: their bounds are no test's
  [
    /^kubectl -n kube-system (get|describe) pods -l k8s-app=kube-registry/,
    "rig/stack/stack.ts",
    /k8s-app=kube-registry/,
  ],
  [/^kubectl .* app\.kubernetes\.io\/name=token-verifier/, "test/e2e/6h-identities.test.ts", /name=token-verifier/],
  [/^pulumi (cancel|refresh) --stack prod/, "test/e2e/7f-night.test.ts", /"cancel", [^]*"refresh", /],
  [/^kubectl .*qosClass/, "test/e2e/6b-registry-memory.test.ts", /status\.qosClass/],
  [/^pulumi up --stack prod --yes$/, "test/e2e/6f-lost-node.test.ts", /onPage\(SCALING, "resources"/],
  [/^npm run (smoke|drift) /, "test/e2e/7e-documents.test.ts", /RUN_IN_LAB/],
  [/^sudo bash -c 'for good in /, "test/unit/old-releases.test.ts", /gateway-hosts\.md/],
  [/^pulumi config set( --secret)?( --path)? /, "test/e2e/7e-documents.test.ts", /RUN_IN_LAB/],
];
