import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFile } from "../../config/project-file";
import { reference } from "../../config/reference";
import { nearest } from "../../config/setting";

describe("the config", () => {
  it("is declared in Pulumi.yaml as the code has it", () => {
    const file = readFileSync(join(__dirname, "../../Pulumi.yaml"), "utf8");
    assert.equal(file, projectFile(), "run npm run generate");
  });

  it("is described in docs/configuration.md in the code's own words", () => {
    const file = readFileSync(join(__dirname, "../../docs/configuration.md"), "utf8");
    assert.equal(file, reference(), "run npm run generate");
  });
});

describe("the nearest known word", () => {
  it("is found for a slip, and not for another word", () => {
    const known = ["registryHost", "registryImage", "realm"];
    assert.equal(nearest("registryhost", known), "registryHost");
    assert.equal(nearest("regstryImge", known), "registryImage");
    assert.equal(nearest("colour", known), undefined);
  });
});
