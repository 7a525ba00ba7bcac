import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { reference } from "../../generate/reference";
import type { StackArgs } from "../../config/stack";
import { KEY_PEM, readRaw } from "../support/stack-config";

const root = join(__dirname, "../..");

describe("the config", () => {
  it("is described in docs/configuration.md in the code's own words", () => {
    assert.equal(readFileSync(join(root, "docs/configuration.md"), "utf8"), reference(), "run npm run generate");
  });

  it("is declared nowhere else: the engine would stop at the first two missing keys, and fill in defaults", () => {
    const project = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as Record<string, unknown>;
    assert.deepEqual(Object.keys(project), ["name", "description", "main", "runtime"]);
  });
});

describe("the config file", () => {
  const readFile = (file: string, secrets: Record<string, unknown>): StackArgs => {
    const { config } = parse(readFileSync(join(root, file), "utf8")) as { config: Record<string, unknown> };
    const raw = Object.entries(config).map(([key, value]) => [key.replace("private-registry:", ""), value] as const);
    return readRaw(merge(Object.fromEntries(raw), secrets) as Record<string, unknown>, file);
  };
  const ssh = { privateKey: KEY_PEM };
  const users = [{ password: "one" }, { password: "two" }];

  it("of a test environment lacks its secrets and the agreement, and nothing else", () => {
    const { certificate } = readFile("Pulumi.dev.yaml", { ssh, users, certificate: { termsAgreed: true } });
    assert.equal(certificate.directory, "staging");
  });

  it("of production lacks its secrets, and nothing else", () => {
    const storage = { s3: { accessKeyId: "id", secretAccessKey: "key" } };
    const args = readFile("examples/production/Pulumi.production.yaml", { ssh, users, storage });
    assert.equal(args.gateways.length, 2);
    assert.equal(args.registry?.replicas, 3);
    assert.equal(args.storage.s3?.bucket, "example-registry-images");
    const { namespace, createNamespace } = args.cluster ?? {};
    assert.deepEqual([namespace, createNamespace], ["registry", true], "which no cluster has by itself");
  });
});

/** Puts secrets where `pulumi config set --secret --path` would. */
function merge(into: unknown, more: unknown): unknown {
  if (typeof more !== "object" || more === null) return more;
  const whole = { ...(into as Record<string, unknown>) };
  for (const [key, value] of Object.entries(more)) whole[key] = merge(whole[key], value);
  return Array.isArray(more) ? Object.values(whole) : whole;
}
