import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { readConfig } from "../../config";
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

describe("the config file", () => {
  const readFile = (file: string, secrets: Record<string, unknown>) => {
    const text = readFileSync(join(__dirname, "../..", file), "utf8");
    const { config } = parse(text) as { config: Record<string, unknown> };
    const raw = Object.entries(config).map(([key, value]) => [key.replace("private-registry:", ""), value] as const);
    const merged = merge(Object.fromEntries(raw), secrets) as Record<string, unknown>;
    const texts = Object.entries(merged).map(([key, value]) => [key, asText(value)]);
    return readConfig(Object.fromEntries(texts) as Record<string, string>, file, () => true);
  };
  const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  const sshPrivateKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----\n";
  const users = [{ password: "one" }, { password: "two" }];

  it("of a test environment lacks its secrets and the agreement, and nothing else", () => {
    const { registry } = readFile("Pulumi.dev.yaml", { sshPrivateKey, users, acmeTermsAgreed: true });
    assert.equal(registry.certificate.directory, "staging");
  });

  it("of production lacks its secrets, and nothing else", () => {
    const storageS3 = { accessKeyId: "id", secretAccessKey: "key" };
    const file = "examples/production/Pulumi.production.yaml";
    const { registry } = readFile(file, { sshPrivateKey, users, storageS3 });
    assert.equal(registry.gateways.length, 2);
    assert.equal(registry.replicas, 3);
    assert.equal(registry.storage.s3?.bucket, "example-registry-images");
  });
});

/** Puts secrets where `pulumi config set --secret --path` would. */
function merge(into: unknown, more: unknown): unknown {
  if (typeof more !== "object" || more === null) return more;
  const whole = { ...(into as Record<string, unknown>) };
  for (const [key, value] of Object.entries(more)) whole[key] = merge(whole[key], value);
  return Array.isArray(more) ? Object.values(whole) : whole;
}

describe("the nearest known word", () => {
  it("is found for a slip, and not for another word", () => {
    const known = ["registryHost", "registryImage", "realm"];
    assert.equal(nearest("registryhost", known), "registryHost");
    assert.equal(nearest("regstryImge", known), "registryImage");
    assert.equal(nearest("colour", known), undefined);
  });
});
