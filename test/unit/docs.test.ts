import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import {
  anchors,
  commands,
  links,
  NOT_IN_LAB,
  OWN_TESTS,
  pages,
  pasted,
  root,
  RUN_ELSEWHERE,
  RUN_IN_LAB,
  SAID_BY_OTHERS,
  shellBlocks,
  textOf,
} from "../support/docs";

/** The words of Pulumi's command plugin, as its stand-in has them; test/integration/plugin-command.test.ts holds it. */
const SSH = "lab/plugins/ssh";

/** Everything that prints something: the code and its scripts. Texts that go over several lines are on one. */
function code(): string {
  const folders = ["components", "smoke", "cli", "config", "scripts", ".github/workflows", SSH];
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => join(root, folder, name)),
  );
  const texts = files.filter((file) => /\.(ts|sh|awk|yml)$/.test(file)).map((file) => readFileSync(file, "utf8"));
  return texts.join("\n").replace(/\\\n|["`] \+\s+["`]/g, "");
}

/** True if a command waits for an answer at the terminal, and so would take what was pasted behind it. */
function asks(line: string): boolean {
  if (/(^|&& )pulumi (up|destroy|refresh|stack rm)\b(?!.* --yes\b)/.test(line)) return true;
  if (/^pulumi (login|stack init|stack change-secrets-provider)\b|^ssh-copy-id /.test(line)) return true;
  if (/^docker login\b(?!.*--password-stdin)/.test(line)) return true;
  if (!/^pulumi config set .*--secret(?!.*<)/.test(line)) return false;
  const words = line.replace(/ --(secret|path|stack \S+)/g, "").match(/'[^']*'|\S+/g) ?? [];
  return words.length < 5; // pulumi config set NAME, without a value
}

describe("the documents", () => {
  it("link to files that are there, and to headings that they have", () => {
    let checked = 0;
    for (const page of pages()) {
      for (const { file, anchor } of links(page)) {
        const target = file === "" ? page : normalize(join(dirname(page), decodeURI(file)));
        assert.ok(existsSync(join(root, target)), `${page} links to ${target}`);
        if (anchor !== "") assert.ok(anchors(target).includes(anchor), `${page} links to ${target}#${anchor}`);
        checked++;
      }
    }
    assert.ok(checked > 150, `${checked} links`);
  });

  it("explain error messages that the code has", () => {
    const said = `${code()}\n${SAID_BY_OTHERS.join("\n")}`;
    const headings = textOf("docs/troubleshooting.md").match(/^### .*$/gm) ?? [];
    const quoted = headings.flatMap((heading) => [...heading.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text));
    assert.ok(quoted.length > 20);
    for (const message of quoted) assert.ok(said.includes(message), `no code says: ${message}`);
    const gone = SAID_BY_OTHERS.filter((message) => !quoted.includes(message));
    assert.deepEqual(gone, [], "has no heading any more");
  });

  it("have no comment in what is pasted into a shell, which zsh takes for arguments", () => {
    for (const page of pages()) {
      const lines = pasted(page).flatMap((text) => text.split("\n"));
      assert.deepEqual(
        lines.filter((line) => /(^|\s)#(?!!)/.test(line)),
        [],
        page,
      );
    }
  });

  it("have shell blocks that bash reads to their end: no quote or bracket stays open", () => {
    for (const page of pages()) {
      for (const input of shellBlocks(page)) {
        const { status, stderr } = spawnSync("bash", ["-n"], { input, encoding: "utf8" });
        assert.equal(`${status} ${stderr}`, "0 ", `${page}:\n${input}`);
      }
    }
  });

  it("ask for nothing in the middle of a block, which would eat the next line that is pasted", () => {
    assert.deepEqual(["pulumi config set --secret --path 'a[0].b'", "pulumi up"].map(asks), [true, true]);
    assert.deepEqual(["pulumi config set --secret --path 'a' < b", "pulumi up --yes"].map(asks), [false, false]);
    for (const page of pages()) {
      for (const text of shellBlocks(page)) {
        const lines = text.trim().split("\n");
        const asking = lines.slice(0, -1).filter(asks);
        assert.deepEqual(asking, [], page);
      }
    }
  });

  it("have no command that nothing runs", () => {
    for (const page of pages().filter((each) => !RUN_IN_LAB.includes(each) && !OWN_TESTS[each])) {
      for (const command of commands(page)) {
        const ran = RUN_ELSEWHERE.find(([pattern]) => pattern.test(command));
        assert.ok(ran, `${page}: nothing runs ${command}; see test/support/docs.ts`);
      }
    }
    for (const file of Object.values(OWN_TESTS)) assert.ok(existsSync(join(root, file)), file);
    for (const [, file, words] of RUN_ELSEWHERE) assert.match(readFileSync(join(root, file), "utf8"), words, file);
  });
});

/** A line that a terminal shows at once: about as many fit on one screen. */
const SCREEN = 40;

/** What somebody asks who has never heard of this: below which heading it comes up, and what an answer has to say. */
const QUESTIONS: [question: string, heading: string, ...answer: RegExp[]][] = [
  [
    "What is it for?",
    "# private-registry",
    /private Docker registry of your own/,
    /^You run /m,
    /better served elsewhere/,
  ],
  [
    "What do I need?",
    "## Production in ten minutes",
    /Kubernetes cluster|kubectl get nodes/,
    /ports 80 and 443/,
    /sudo -n/,
    /Node 20/,
    /Pulumi\s+CLI/,
    /host names/,
  ],
  ["What does it cost me?", "## Production in ten minutes", /no fee/, /\bCPU\b/, /GiB of memory/, /Your time:/],
  [
    "What if nginx breaks?",
    "## What it protects you from",
    /nginx -t/,
    /old one goes on/,
    /runbooks\/gateway-lost\.md/,
  ],
  ["How do I get out?", "## Production in ten minutes", /get out/, /all\s+images/, /runbooks\/leave\.md/],
];

describe("README", () => {
  const lines = textOf("README.md").split("\n");

  for (const [question, heading, ...answer] of QUESTIONS) {
    it(`answers within a screen of where it comes up: ${question}`, () => {
      const at = lines.indexOf(heading);
      assert.notEqual(at, -1, heading);
      const screen = lines.slice(at, at + SCREEN).join("\n");
      for (const words of answer) assert.match(screen, words);
    });
  }

  it("is short: about 900 words without its blocks", () => {
    const text = lines.join("\n").replace(/^```[^]*?^```$/gm, "");
    const words = text.replace(/\]\([^)]*\)/g, "]").match(/\w[\w'.-]*/g) ?? [];
    assert.ok(words.length > 600 && words.length < 950, `${words.length} words`);
  });

  it("says the figures that were measured", () => {
    const [, through, without] =
      /at\s+(\d+)\s+MiB\/s,\s+and\s+at\s+(\d+)\s+without\s+it/.exec(textOf("README.md")) ?? [];
    const row = new RegExp(`\\| 200 MiB push +\\| ${through} [^|]*\\|[^|]*\\| ${without} `);
    assert.match(textOf("docs/benchmarks.md"), row);
  });

  it("links the recipe where it speaks of it first", () => {
    const [first = ""] = /^.*recipe.*$/m.exec(textOf("README.md")) ?? [];
    assert.match(first, /\[this recipe of 2016\]\(https:\/\/blog\.lwolf\.org\/post\/hosting-own-docker-registry\/\)/);
  });

  it("has commands that are run in the lab, but for a named few", () => {
    const left = commands("README.md").filter((command) => NOT_IN_LAB.test(command));
    const others = left.filter((command) => !command.startsWith("npm "));
    assert.equal(others.length, 4, others.join("\n"));
  });
});

describe("docs/commands.md", () => {
  it("has each command that works on a deployed stack or its file, and no other", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const ours = Object.keys(scripts).filter((name) => scripts[name]?.startsWith("ts-node cli/main.ts"));
    const named = [...textOf("docs/commands.md").matchAll(/^\| `npm run ([\w:]+)/gm)].map(([, name = ""]) => name);
    assert.deepEqual(named.filter((name) => name !== "bench").sort(), ours.sort());
  });
});

describe("docs/runbooks/rotate-secrets.md", () => {
  const page = textOf("docs/runbooks/rotate-secrets.md");

  it("names every setting that is a secret", () => {
    const settings = [...textOf("docs/configuration.md").matchAll(/^\| `([\w.[\]]+)` \|.*\*\*Secret\.\*\*/gm)];
    assert.ok(settings.length >= 16, `${settings.length} secrets`);
    const named = (setting: string): boolean => {
      const member = setting.slice(setting.lastIndexOf("."));
      return (
        page.includes(`\`${setting}\``) ||
        page.includes(`'${setting.replace("[]", "[0]")}'`) ||
        page.includes(`\`${member}\``)
      );
    };
    assert.deepEqual(
      settings.map(([, setting = ""]) => setting).filter((setting) => !named(setting)),
      [],
    );
  });

  it("replaces every key that a stack of any kind makes", () => {
    const golden = readFileSync(join(root, "test/golden/resources.json"), "utf8");
    const keys = [...golden.matchAll(/PrivateKey::(main-[\w-]+?)(?:-\d+)?"/g)].map(([, name = ""]) => name);
    assert.ok(new Set(keys).size >= 8, [...new Set(keys)].join());
    const left = [...new Set(keys)].filter((name) => !new RegExp(`\\b${name}(\\*\\*)?['\`]`).test(page));
    assert.deepEqual(left, []);
  });
});
