import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { childNames, knownNames } from "../support/contract";
import { namedReplacements } from "../support/upgrades";

const golden = path.join(__dirname, "../golden");
const read = (file: string): Record<string, string[]> =>
  JSON.parse(fs.readFileSync(path.join(golden, file), "utf8")) as Record<string, string[]>;

describe("the names of all children", function () {
  this.timeout(60_000);

  it("are those that are kept in test/golden/resources.json", async () => {
    const kept = read("resources.json");
    assert.deepEqual(
      await childNames(),
      kept,
      "run npm run generate, and see docs/upgrading.md before you commit a name that went",
    );
  });

  const releases = fs.readdirSync(path.join(golden, "releases")).filter((file) => file.endsWith(".json"));
  for (const file of releases) {
    it(`lead to every resource of release ${path.parse(file).name}, by themselves or by an alias`, async () => {
      const known = await knownNames();
      const allowed = namedReplacements();
      const lost = Object.entries(read(path.join("releases", file))).flatMap(([name, children]) =>
        children.filter((child) => !known[name]?.has(child) && !allowed.has(child.split("$").at(-1) ?? "")),
      );
      assert.deepEqual(
        lost,
        [],
        "give the new child an alias of the old name, or say so in the changelog: docs/upgrading.md",
      );
    });
  }
  it("are kept for at least one release", () => assert.notEqual(releases.length, 0));
});

describe("what the changelog says of replacements", () => {
  it("is read by its form, and by nothing else", () => {
    const text = [
      "- Replaces `kubernetes:core/v1:Service::main-service`: the port's name changed.",
      "- Replaces the old drawing; see `tls:index/privateKey:PrivateKey::main-key`.",
    ].join("\n");
    assert.deepEqual([...namedReplacements(text)], ["kubernetes:core/v1:Service::main-service"]);
  });
});
