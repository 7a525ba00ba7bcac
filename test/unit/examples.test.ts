import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import schema from "../../provider/schema.json";

const example = (file: string): string => readFileSync(join(__dirname, "../../examples", file), "utf8");

interface Typed {
  properties?: Record<string, object>;
  inputProperties?: Record<string, object>;
}
const names = [...Object.values(schema.types), ...Object.values(schema.resources)].flatMap((each) => {
  const { properties = {}, inputProperties = {} } = each as Typed;
  return Object.keys({ ...properties, ...inputProperties });
});

/** The names that a language's SDK has of the schema's. */
const snake = new Set(names.map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)));
const upper = new Set(names.map((name) => name.charAt(0).toUpperCase() + name.slice(1)));

/** The settings that a program asks its config for. */
const asked = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, name = ""]) => name).sort();

describe("the examples in other languages", () => {
  const yaml = parse(example("yaml/Pulumi.yaml")) as { config: Record<string, object> };
  const settings = Object.keys(yaml.config).sort();

  it("name what the package's schema has: Python", () => {
    const text = example("python/__main__.py");
    const main = text.slice(text.indexOf("registry.PrivateRegistry("), text.indexOf("opts="));
    const used = [...main.matchAll(/^ {4}(\w+)=|"(\w+)": /gm)].map(([, argument, key]) => argument ?? key ?? "");
    assert.ok(used.length >= 15, used.join(" "));
    assert.deepEqual(
      used.filter((name) => !snake.has(name)),
      [],
    );
    for (const [, output = ""] of text.matchAll(/ main\.(\w+)\)/g)) assert.ok(snake.has(output), output);
    assert.deepEqual(asked(text, /config\.(?:get|require|require_secret)\("(\w+)"\)/g), settings);
  });

  it("name what the package's schema has: Go", () => {
    const text = example("go/main.go");
    const main = text.slice(text.indexOf("NewPrivateRegistry("), text.indexOf("pulumi.Providers("));
    const used = [...main.matchAll(/\b([A-Z]\w+): /g)].map(([, field = ""]) => field);
    assert.ok(used.length >= 15, used.join(" "));
    assert.deepEqual(
      used.filter((name) => !upper.has(name)),
      [],
    );
    const tokens = Object.keys(schema.types);
    for (const [, type = ""] of main.matchAll(/privateregistry\.(\w+)Args\{/g)) {
      const known = type === "PrivateRegistry" || tokens.includes(`private-registry:index:${type}`);
      assert.ok(known, type);
    }
    assert.match(main, /UserRolePush/);
    assert.deepEqual(asked(text, /settings\.(?:Get|Require|RequireSecret)\("(\w+)"\)/g), settings);
  });

  it("bring up what they need: production's namespace is made with it", () => {
    const { config } = parse(example("production/Pulumi.production.yaml")) as {
      config: Record<string, { namespace?: string; createNamespace?: boolean }>;
    };
    const cluster = config["private-registry:cluster"];
    assert.deepEqual([cluster?.namespace, cluster?.createNamespace], ["registry", true]);
  });
});

describe("the jobs that push with their own token", () => {
  const identity = { audience: "registry.example.com", name: "ci-main" };

  it("are complete at GitHub: the permission, the audience, and the token by standard input", () => {
    const { permissions, jobs } = parse(example("github-actions/push.yml")) as {
      permissions: Record<string, string>;
      jobs: Record<string, { env: Record<string, string>; steps: { run?: string }[] }>;
    };
    assert.equal(permissions["id-token"], "write");
    assert.deepEqual(jobs["push"]?.env, { REGISTRY: identity.audience, IDENTITY: identity.name });
    const text = jobs["push"]?.steps.map(({ run = "" }) => run).join("\n") ?? "";
    assert.match(text, /audience=\$REGISTRY/);
    assert.match(text, /docker login --username "\$IDENTITY" --password-stdin "\$REGISTRY"/);
    assert.doesNotMatch(text, /--password[= ]|-H "Authorization/);
  });

  it("are complete at GitLab: id_tokens with the audience, which the script hands to docker by standard input", () => {
    const { push } = parse(example("gitlab-ci/.gitlab-ci.yml")) as {
      push: { id_tokens: Record<string, { aud: string }>; variables: Record<string, string>; script: string[] };
    };
    assert.deepEqual(push.id_tokens, { REGISTRY_TOKEN: { aud: identity.audience } });
    assert.equal(push.variables["IDENTITY"], identity.name);
    assert.match(push.script.join("\n"), /printf '%s' "\$REGISTRY_TOKEN" \| docker login .*--password-stdin/);
  });
});
