import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { written } from "../../components/registry/environment";
import { pod, variables } from "../../rig/registry/pod";

const NAME = "REGISTRY_PROXY_PASSWORD";
const wrong = { "@x": "is no YAML", "[x": "is no YAML", "x #y": "is cut", "&a b": "is cut", "*a": "is no YAML" };

describe("variables of the registry, which reads them as YAML", () => {
  it("are written so that a text stays that text", () => {
    const texts = ["@x", "[x", "a: b", "x #y", "0123e5", "true", "", '"', "\\", "~", "ü", "#x", "- x", "{a"];
    for (const text of texts) assert.equal(JSON.parse(written({ REGISTRY_X: text })["REGISTRY_X"] ?? ""), text);
    assert.deepEqual(written({ REGISTRY_A: true, REGISTRY_B: 5, REGISTRY_C: ["/a"], GOGC: "400" }), {
      ...{ REGISTRY_A: "true", REGISTRY_B: "5", REGISTRY_C: '["/a"]', GOGC: "400" },
    });
  });

  it("are handed on as the user wrote them", async () => {
    const environment = { REGISTRY_HTTP_HEADERS: "{X-A: [b]}", REGISTRY_LOG_LEVEL: "debug", OTHER: "@x", NUMBER: "#" };
    const found = await variables("registry", { registry: { environment } });
    for (const [name, value] of Object.entries(environment)) assert.equal(found[name], value);
  });

  for (const [text, fault] of Object.entries({ ...wrong, "a: b": "is a table or list to it" })) {
    it(`are refused where the registry would read something else: ${text}`, async () => {
      const message = `registry.environment.${NAME} must be a text that stays what it is when the registry reads it as YAML, got ${JSON.stringify(text)}, which ${fault}; put it in double quotes`;
      for (const value of [text, pulumi.output(text)]) {
        const made = pod({ registry: { environment: { [NAME]: value } } });
        await assert.rejects(made, (error: Error) => error.message.includes(message));
      }
    });
  }

  for (const [text, fault] of Object.entries({ ...wrong, "0123e5": "is a number to it", yes: "is a boolean to it" })) {
    it(`are refused without a word of a secret: ${text}`, async () => {
      const message = `registry.secretEnvironment.${NAME} must be a text that stays what it is when the registry reads it as YAML, got one that ${fault};`;
      for (const value of [text, pulumi.secret(text)]) {
        const made = pod({ registry: { secretEnvironment: { [NAME]: value } } });
        await assert.rejects(made, (error: Error) => error.message.includes(message) && !error.message.includes(text));
      }
    });
  }

  it("take quotes, brackets and braces", async () => {
    for (const text of ['"@x"', "'x #y'", "[/a, /b]", "{a: b}", "plain", ""])
      await pod({ registry: { environment: { [NAME]: text }, secretEnvironment: { REGISTRY_Y: text } } });
  });
});
