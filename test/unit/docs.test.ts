import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { commands, OWN_TESTS, pages, root, RUN_ELSEWHERE, RUN_IN_LAB, shellBlocks, textOf } from "../support/docs";

/** Everything that prints something: the code and its scripts. */
function code(): string {
  const files = ["components", "smoke", "cli", "config"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => join(root, folder, name)),
  );
  const texts = files.filter((file) => /\.(ts|sh)$/.test(file)).map((file) => readFileSync(file, "utf8"));
  return texts.join("\n");
}

describe("the documents", () => {
  it("link to what is there", () => {
    for (const page of pages()) {
      for (const [, target = ""] of textOf(page).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
        assert.ok(existsSync(join(root, dirname(page), target)), `${page} links to ${target}`);
      }
    }
  });

  it("explain error messages that the code has", () => {
    const said = code();
    const headings = textOf("docs/troubleshooting.md").match(/^### .*$/gm) ?? [];
    const quoted = headings.flatMap((heading) => [...heading.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text));
    assert.ok(quoted.length > 20);
    for (const message of quoted) assert.ok(said.includes(message), `no code says: ${message}`);
  });

  it("have no comment in a shell block, which zsh takes for arguments", () => {
    for (const page of pages()) {
      const lines = shellBlocks(page).flatMap((text) => text.split("\n"));
      const commented = lines.filter((line) => /(^|\s)#(?!!)/.test(line));
      assert.deepEqual(commented, [], page);
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
