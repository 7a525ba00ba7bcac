import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registryAccess, type RegistryAccessOptions, ofStack } from "../../cli/retention/access";
import type { RepositoryImages } from "../../cli/retention/images";
import { planRetention } from "../../cli/retention/plan";
import { fits, readRules, ruleFor } from "../../cli/retention/policy";
import { RegistryApi } from "../../cli/retention/registry-api";
import { repositoryLines, summaryLines } from "../../cli/retention/report";

const digest = (number: number): string => `sha256:${String(number).padStart(64, "0")}`;
const NOW = Date.UTC(2026, 0, 31);

/** A repository of images without parts: days of January 2026 by tag; undefined for no date. */
function repository(days: Record<string, number | undefined>): RepositoryImages {
  const entries = Object.entries(days).map(([tag, day], index) => {
    const created = day === undefined ? undefined : Date.UTC(2026, 0, day);
    return { tag, node: { digest: digest(index), created, children: [], subject: undefined } };
  });
  return {
    repository: "app",
    tags: new Map(entries.map(({ tag, node }) => [tag, node.digest])),
    nodes: new Map(entries.map(({ node }) => [node.digest, node])),
    gone: new Set(),
  };
}
const goes = (images: RepositoryImages, rule: object): string[] =>
  planRetention(images, { repositories: "**", ...rule }, NOW).deletions.flatMap(({ tags }) => tags);

describe("the rules of retention", () => {
  it("are read from YAML or JSON, and everything wrong is said at once", () => {
    const text = "rules:\n  - { repositories: team/*, keepLast: 10, keepDays: 30, keepTags: [latest] }\n";
    const rules = [{ repositories: "team/*", keepLast: 10, keepDays: 30, keepTags: ["latest"] }];
    assert.deepEqual(readRules(text), rules);
    assert.deepEqual(readRules(JSON.stringify({ rules })), rules);
    assert.throws(() => readRules(""), /must have a list of `rules`/);
    const wrong = () => readRules("rules: [{ repositories: a, keepLast: 0, keepTag: v }, { keepTags: [v] }]");
    assert.throws(wrong, (error: Error) => {
      assert.match(error.message, /rules\[0\]\.keepTag is not known/);
      assert.match(error.message, /rules\[0\]\.keepLast must be a whole number from 1 on, got 0/);
      assert.match(error.message, /rules\[1\]\.repositories must be a pattern/);
      assert.match(error.message, /rules\[1\] must have keepLast or keepDays: without one it would delete every image/);
      return true;
    });
  });

  it("are refused with each thing that is wrong", () => {
    const said = (...rules: unknown[]): string[] => {
      try {
        return readRules(JSON.stringify({ rules })).map(() => "fine");
      } catch (error) {
        return (error as Error).message.split("\n");
      }
    };
    const fine = { repositories: "a", keepLast: 1 };
    const none = "the file must have a list of `rules`, one at least";
    assert.deepEqual(said(), [none]);
    for (const text of ["rules: a", "[]", "null"]) assert.throws(() => readRules(text), { message: none });
    const first = "the rules are not right";
    assert.deepEqual(said("a", fine, null), [
      first,
      "  - rules[0] must be a table of names and values",
      "  - rules[2] must be a table of names and values",
    ]);
    const number = (name: string, got: string) => `  - rules[0].${name} must be a whole number from 1 on, got ${got}`;
    for (const name of ["keepLast", "keepDays"]) {
      for (const wrong of [0, -1, 1.5, "3", null, [1]]) {
        assert.deepEqual(said({ ...fine, [name]: wrong }), [first, number(name, JSON.stringify(wrong))]);
      }
      assert.deepEqual(said({ repositories: "a", [name]: 1 }), ["fine"]);
    }
    const tags = [first, "  - rules[0].keepTags must be a list of patterns such as v*"];
    for (const keepTags of ["v*", [1], [["v"]], { v: 1 }]) assert.deepEqual(said({ ...fine, keepTags }), tags);
    for (const keepTags of [[], ["v*", "latest"]]) assert.deepEqual(said({ ...fine, keepTags }), ["fine"]);
    assert.deepEqual(said({ repositories: "", keepTag: "v", keep: 1 }), [
      first,
      "  - rules[0].keepTag is not known; there are repositories, keepLast, keepDays, keepTags",
      "  - rules[0].keep is not known; there are repositories, keepLast, keepDays, keepTags",
      "  - rules[0].repositories must be a pattern such as team/*",
      "  - rules[0] must have keepLast or keepDays: without one it would delete every image",
    ]);
  });

  it("name repositories by pattern, the first that fits wins", () => {
    for (const [pattern, text, expected] of [
      ["team/*", "team/app", true],
      ["team/*", "team/app/part", false],
      ["team/**", "team/app/part", true],
      ["team/*", "other/team/app", false],
      ["v1.*", "v1x2", false],
      ["v*-rc", "v1-rc", true],
      ["v*-rc", "v1-rc2", false],
      ["a", "ab", false],
      ["b", "ab", false],
      ["a+(b)|[c]{1}^$?", "a+(b)|[c]{1}^$?", true],
      ["a\\d", "a1", false],
      ["**", "a/b", true],
    ] as const) {
      assert.equal(fits(pattern, text), expected, `${pattern} ${text}`);
    }
    const [first, second] = [
      { repositories: "team/app", keepLast: 1 },
      { repositories: "team/*", keepLast: 2 },
    ];
    assert.equal(ruleFor([first, second], "team/app"), first);
    assert.equal(ruleFor([first, second], "team/else"), second);
    assert.equal(ruleFor([first, second], "else"), undefined);
  });
});

describe("the plan of retention", () => {
  it("keeps the last ones, and those of the same time with them", () => {
    const images = repository({ a: 1, b: 2, c: 3, d: 4 });
    assert.deepEqual(goes(images, { keepLast: 2 }), ["a", "b"]);
    assert.deepEqual(goes(images, { keepLast: 9 }), []);
    assert.deepEqual(goes(repository({ a: 1, b: 2, c: 2, d: 4 }), { keepLast: 2 }), ["a"]);
  });

  it("keeps by age, or by count, whichever keeps more", () => {
    const images = repository({ a: 1, b: 25, c: 26, d: 27 });
    assert.deepEqual(goes(images, { keepDays: 7 }), ["a"]);
    assert.deepEqual(goes(images, { keepDays: 1 }), ["a", "b", "c", "d"]);
    assert.deepEqual(goes(images, { keepDays: 1, keepLast: 1 }), ["a", "b", "c"]);
    assert.deepEqual(goes(images, { keepDays: 7, keepLast: 1 }), ["a"]);
  });

  it("never deletes what nothing dates, nor counts it", () => {
    assert.deepEqual(goes(repository({ a: undefined, b: 1, c: 2 }), { keepLast: 1 }), ["b"]);
  });

  it("keeps all tags of an image if one of them stays", () => {
    const images = repository({ a: 1, b: 2 });
    images.tags.set("stable", digest(0));
    assert.deepEqual(goes(images, { keepLast: 1 }), ["a", "stable"]);
    assert.deepEqual(goes(images, { keepLast: 1, keepTags: ["stab*"] }), []);
  });

  it("leaves a tag whose manifest could not be read", () => {
    const images = repository({ a: 1, b: 2 });
    images.tags.set("vanished", digest(9));
    assert.deepEqual(goes(images, { keepLast: 1 }), ["a"]);
  });

  it("is reported with what goes, and why the rest stays", () => {
    const plan = planRetention(repository({ a: undefined, b: 1, c: 2 }), { repositories: "*", keepLast: 1 }, NOW);
    const reports = [
      { repository: "app", rule: "*", ...plan },
      { repository: "else", rule: undefined, deletions: [], kept: [] },
    ];
    assert.deepEqual(
      [...reports.flatMap((report) => repositoryLines(report, false)), ...summaryLines(reports, false)],
      [
        "app (rule *): 2 images kept, 1 to go",
        "  would delete b (sha256:000000000000, 2026-01-01): not one of the last 1",
        "  kept a (sha256:000000000000, no date): nothing says when it was made",
        "1 repository without a rule: left alone",
        "1 tag and 1 manifest would be deleted; --delete does it",
      ],
    );
  });
});

describe("the access of a command to the registry", () => {
  const config = (password: string) => JSON.stringify({ auths: { "r.test": { username: "x", password } } });
  const outputs = { registryUrl: "https://r.test", dockerConfigs: { ci: config("one"), reader: config("two") } };

  it("comes from the stack's outputs, for a user who is named", () => {
    assert.deepEqual(ofStack(outputs, "ci"), { url: "https://r.test", user: "ci", password: "one" });
    assert.throws(() => ofStack(outputs), /--user must be one of ci, reader, got nothing/);
    const nobody = { message: "--user must be one of ci, reader, got nobody; deleting needs the role push" };
    assert.throws(() => ofStack(outputs, "nobody"), nobody);
    assert.equal(ofStack({ ...outputs, dockerConfigs: { ci: '{"auths":{}}' } }).password, "");
    assert.throws(() => ofStack({}), /no output registryUrl; run pulumi up first/);
    const single = { ...outputs, dockerConfigs: { ci: config("one") } };
    assert.equal(ofStack(single).user, "ci");
  });

  it("is asked of pulumi, with the stack and the folder that are named", async () => {
    const folder = mkdtempSync(join(tmpdir(), "pulumi-"));
    const { PATH } = process.env;
    try {
      // Its words come back as the password.
      const config = JSON.stringify({ auths: { "r.test": { password: "%s" } } });
      const text = JSON.stringify({ registryUrl: "https://r.test", dockerConfigs: { ci: config } });
      const script = `#!/bin/sh\nprintf '${text.replaceAll("\\", "\\\\")}' "$*"\n`;
      writeFileSync(join(folder, "pulumi"), script, { mode: 0o755 });
      process.env["PATH"] = `${folder}:${PATH ?? ""}`;
      const asked = async (options: RegistryAccessOptions) => (await registryAccess(options, {})).password;
      assert.equal(await asked({}), "stack output --json --show-secrets");
      assert.equal(await asked({ stack: "dev", cwd: "/a" }), "stack output --json --show-secrets --stack dev --cwd /a");
      writeFileSync(join(folder, "ca.pem"), "roots");
      const { ca, user } = await registryAccess({ caFile: join(folder, "ca.pem"), user: "ci" }, {});
      assert.deepEqual([ca?.toString(), user], ["roots", "ci"]);
    } finally {
      process.env["PATH"] = PATH;
      rmSync(folder, { recursive: true });
    }
  });

  it("comes from variables without a stack, and only over https", async () => {
    const env = { REGISTRY_USER: "ci", REGISTRY_PASSWORD: "hunter2" };
    const access = await registryAccess({ registry: "https://r.test" }, env);
    assert.deepEqual(access, { url: "https://r.test", user: "ci", password: "hunter2" });
    for (const part of [{}, { REGISTRY_USER: "ci" }, { REGISTRY_PASSWORD: "hunter2" }]) {
      await assert.rejects(registryAccess({ registry: "https://r.test" }, part), /REGISTRY_USER and REGISTRY_PASSWORD/);
    }
    assert.throws(() => new RegistryApi({ url: "http://r.test" }), /must begin with https:/);
  });
});
