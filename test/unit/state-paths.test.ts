import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PrivateRegistry } from "../../components";
import { underMocks } from "../../rig/pulumi/mocks";
import { answer, smallest } from "../support/contract";
import paths from "../golden/state-paths.json";

const root = join(__dirname, "../..");

describe("paths that lie in users' states", () => {
  it("are those that are written down", async () => {
    const run = await underMocks(() => new PrivateRegistry("main", { ...smallest, nodeHosts: smallest.gateways }), {
      answer,
    });
    const texts = run.resources.flatMap(({ inputs: { __provider: text } }) => (typeof text === "string" ? [text] : []));
    const found = texts.flatMap((text) => {
      const [, home = ""] = /"?home"?\s*[:=]\s*"([^"]*)"/.exec(text) ?? [];
      const [, file = ""] = /resolve\(home, "([^"]*)"\)/.exec(text) ?? [];
      return [`${home}/${file}`];
    });
    assert.deepEqual([...new Set(found)].sort(), paths);
  });

  for (const path of paths) {
    it(`${path} is there, with what a resource of an older state calls`, () => {
      assert.ok(existsSync(join(root, `${path}.ts`)));
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- as the provider's process loads it
      const life = require(join(root, path)) as Record<string, unknown>;
      for (const name of ["diff", "create", "update"]) assert.equal(typeof life[name], "function", name);
    });
  }
});
