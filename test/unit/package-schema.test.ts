import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Value } from "../../components/checks/value";
import { RegistryLogLevel } from "../../components";
import { ROOT } from "../../components/internal";
import { packageSchema } from "../../generate/package-schema";
import manifest from "../../package.json";
import { NAMES } from "../../provider/names";
import schemaFile from "../../provider/schema.json";

interface Property {
  type?: string;
  $ref?: string;
  items?: Property;
  description?: string;
  secret?: boolean;
  plain?: boolean;
}

interface Typed {
  description?: string;
  properties?: Record<string, Property>;
  inputProperties?: Record<string, Property>;
  enum?: { name: string; value: string }[];
}

const typed = schemaFile as unknown as Record<"types" | "resources", Record<string, Typed>>;
const every: [token: string, type: Typed][] = [...Object.entries(typed.types), ...Object.entries(typed.resources)];

/** The type that a property, or each element of its list, is of. */
function below({ $ref, items }: Property): string {
  return /[^:/]*$/.exec($ref ?? items?.$ref ?? "")?.[0] ?? "";
}

/** Of each setting, its place in the schema, and whether the table of values and the schema say that it is a secret. */
function secretsOf(value: Value, properties: Record<string, Property>, type: string): [string, boolean, boolean][] {
  return Object.entries(value.members ?? {}).flatMap(([name, member]) => {
    const property = properties[NAMES[name] ?? name];
    assert.ok(property, `${type}.${name} is in the schema`);
    const table = member.members ? member : member.each;
    const inner = typed.types[`private-registry:index:${below(property)}`]?.properties;
    if (inner && table?.members) return secretsOf(table, inner, below(property));
    return [[`${type}.${name}`, member.secret === true, property.secret === true]];
  });
}

describe("the package's schema", function () {
  this.timeout(120_000);

  it("says who publishes it, what it is called, and its licence", () => {
    const { displayName, publisher, license, keywords } = schemaFile;
    assert.deepEqual([displayName, publisher, license], ["Private Registry", manifest.author, manifest.license]);
    assert.ok(keywords.includes("category/infrastructure") && keywords.includes("kind/component"));
  });

  it("describes every type, property and component", () => {
    const silent = every.flatMap(([token, { description, properties = {}, inputProperties = {} }]) => [
      ...(description ? [] : [token]),
      ...Object.entries({ ...properties, ...inputProperties }).flatMap(([name, property]) =>
        property.description ? [] : [`${token}.${name}`],
      ),
    ]);
    assert.deepEqual(silent, []);
  });

  it("has whole numbers, which are no fractions in any language", () => {
    const numbers = every.flatMap(([token, { properties = {}, inputProperties = {} }]) =>
      Object.entries({ ...properties, ...inputProperties }).map(([name, { type }]) => [`${token}.${name}`, type]),
    );
    assert.deepEqual(
      numbers.filter(([, type]) => type === "number"),
      [],
    );
    assert.ok(numbers.filter(([, type]) => type === "integer").length > 30);
  });

  it("marks as secret what the settings say is one, and the outputs that hold one", () => {
    const { inputProperties = {} } = typed.resources["private-registry:index:PrivateRegistry"] ?? {};
    const found = secretsOf(ROOT, inputProperties, "PrivateRegistry");
    assert.deepEqual(
      found.filter(([, said, marked]) => said !== marked),
      [],
    );
    assert.ok(found.filter(([, said]) => said).length > 12);
    const outputs = Object.entries(typed.resources).flatMap(([token, { properties = {} }]) =>
      Object.entries(properties).flatMap(([name, { secret }]) => (secret ? [`${token.split(":")[2]}.${name}`] : [])),
    );
    assert.deepEqual(outputs, [
      "PrivateRegistry.dockerConfigs",
      "PrivateRegistry.nodeMirrors",
      "AcmeCertificate.keyPem",
    ]);
  });

  it("has no name that Python takes apart where no word ends", () => {
    const names = every.flatMap(([, { properties = {}, inputProperties = {} }]) =>
      Object.keys({ ...properties, ...inputProperties }),
    );
    assert.deepEqual(
      names.filter((name) => /[a-z][A-Z](?![a-z])|[A-Z]{2}/.test(name)),
      [],
    );
    assert.ok(names.includes("sizeGib"));
  });

  it("has no type that languages would call ArgsArgs, and refers to no other", () => {
    const tokens = Object.keys(typed.types);
    assert.deepEqual(
      tokens.filter((token) => token.endsWith("Args") || token in typed.resources),
      [],
    );
    const refs = JSON.stringify(schemaFile).match(/#\/types\/[^"]+/g) ?? [];
    assert.ok(refs.length > 40);
    for (const ref of refs) assert.ok(tokens.includes(ref.slice("#/types/".length)), ref);
  });

  it("has the values of an enum in the order of the code", () => {
    const levels = typed.types["private-registry:index:RegistryLogLevel"]?.enum?.map(({ value }) => value);
    assert.deepEqual(levels, Object.values(RegistryLogLevel));
  });

  it("is the one that callers know, for every component", async () => {
    const schema = await packageSchema();
    const golden = readFileSync(join(__dirname, "../../provider/schema.json"), "utf8");
    assert.equal(schema, golden, "run npm run generate, and look at what changes for callers");
    const { resources } = JSON.parse(schema) as { resources: Record<string, { isComponent: boolean }> };
    assert.deepEqual(Object.keys(resources).sort(), [
      "private-registry:index:AcmeCertificate",
      "private-registry:index:AcmeResponder",
      "private-registry:index:NginxGateway",
      "private-registry:index:NodeHosts",
      "private-registry:index:PrivateRegistry",
      "private-registry:index:RegistryPod",
      "private-registry:index:RegistryService",
      "private-registry:index:SsoLogin",
      "private-registry:index:TlsSecret",
      "private-registry:index:TokenVerifier",
    ]);
  });
});
