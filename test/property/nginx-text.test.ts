import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { manifest, shellWord } from "../../components/hosts/release";
import { identifier, word } from "../../components/nginx/text";
import { htpasswd } from "../../components/nginx/users/users";
import { USER } from "../../components/nginx/users/args";
import { judge } from "../../components/checks/judge";
import type { Problem } from "../../components/checks/problems";
import type { Value } from "../../components/checks/value";
import { UserRole } from "../../components/nginx/users/role";
import { gatewayRelease } from "../../rig/gateway/fixture";
import { parse } from "../support/nginx-grammar";

const noControl = /^[^\u0000-\u001f\u007f$]*$/; // eslint-disable-line no-control-regex
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("\\", '"', "'", ";", "{", "}", "#", " ", "\n", "$", "a") }),
);

describe("a value in nginx's text", () => {
  it("stays one parameter, and reads back as it was", () => {
    fc.assert(
      fc.property(anyText, (value) => {
        fc.pre(noControl.test(value));
        assert.deepEqual(parse(`name ${word(value)} end;`), [{ words: ["name", value, "end"], mark: ";" }]);
      }),
      { numRuns: 2000 },
    );
  });

  it("is refused if nginx can't take it literally", () => {
    fc.assert(
      fc.property(anyText, (value) => {
        fc.pre(!noControl.test(value));
        assert.throws(() => word(value), /control character/);
      }),
    );
  });

  it("of a site's name makes a name of nginx's own", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$/), (name) => {
        assert.match(identifier(name), /^pr_[a-z0-9_]+$/);
      }),
    );
  });
});

describe("a word for the shell", () => {
  it("ends only where it ends", () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const parts = shellWord(value).slice(1, -1).split("'\\''");
        assert.equal(parts.join("'"), value);
        assert.ok(parts.every((part) => !part.includes("'")));
      }),
    );
  });
});

describe("the gateway's text, whatever is allowed in it", () => {
  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
  const hostName = fc.tuple(label, label).map((parts) => parts.join("."));
  const user = fc.record({
    name: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._@+-]{0,20}$/),
    role: fc.constantFrom(UserRole.Pull, UserRole.Push),
    password: fc.constant("x"),
  });
  const site = fc.record({
    registryHost: hostName,
    nodeAddresses: fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { minLength: 1, maxLength: 4 }),
    realm: fc.stringMatching(/^[ !#%-[\]-~]{1,80}$/),
    people: fc.uniqueArray(user, { minLength: 1, maxLength: 4, selector: ({ name }) => name.toLowerCase() }),
    readTimeoutSeconds: fc.integer({ min: 1, max: 86400 }),
    accessLog: fc.stringMatching(/^(\/[A-Za-z0-9._@+-]{1,8}){1,3}$/),
  });

  it("has the same directives in the same places", async () => {
    const shape = (text: string): string =>
      parse(text)
        .map(({ words, mark }) => `${words[0] ?? ""}${mark}`)
        .join("\n");
    await fc.assert(
      fc.asyncProperty(site, async (values) => {
        const plain = await gatewayRelease({
          people: values.people.map((each, n) => ({ ...each, name: `u${n}` })),
          nodeAddresses: values.nodeAddresses.map(() => "192.0.2.1"),
        });
        const odd = await gatewayRelease(values);
        const text = (release: typeof odd) => release.files[0]?.content ?? "";
        const maps = /^"?~\^.*$/gm;
        assert.equal(
          shape(text(odd).replace(maps, "")).replace(/~\^\S+/g, ""),
          shape(text(plain).replace(maps, "")).replace(/~\^\S+/g, ""),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("is so for values that look like nginx's own marks", async () => {
    for (const realm of ["{", "}", ";", "{ }", "a { b;"]) {
      const [text] = (await gatewayRelease({ realm })).files;
      const lines = parse(text?.content ?? "").filter(({ words }) => words[0] === "auth_basic" && words[1] === realm);
      assert.ok(lines.length > 0 && lines.every(({ mark }) => mark === ";"), realm);
    }
  });

  it("is named by its content: the same again, and another one for any change", async () => {
    await fc.assert(
      fc.asyncProperty(site, async (values) => {
        const [one, two, other] = await Promise.all([
          gatewayRelease(values),
          gatewayRelease(values),
          gatewayRelease({ ...values, realm: `${values.realm.slice(0, 79)}.` }),
        ]);
        assert.deepEqual(one, two);
        assert.equal(manifest(one), manifest(two));
        if (!values.realm.endsWith(".")) assert.notEqual(one?.hash, other?.hash);
      }),
      { numRuns: 30 },
    );
  });
});

/** True for what the checks of a member of a user let through. */
function isAllowed(value: Value, given: string): boolean {
  const problems: Problem[] = [];
  judge(value, given, "it", { root: value, problems });
  return problems.length === 0;
}

describe("a user file", () => {
  it("has one line for each user and the stand-in, whatever the password is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 80 }), async (password) => {
        fc.pre(isAllowed(USER.password, password));
        const text = await htpasswd([{ name: "u", password }], "r.example.com", 4);
        assert.match(text, /^u:\$2y\$04\$[./A-Za-z0-9]{53}\n\.nobody:\$2y\$04\$[./A-Za-z0-9]{53}\n$/);
      }),
      { numRuns: 60 },
    );
  });

  it("takes no name that would end its place, and none of the stand-in", () => {
    fc.assert(
      fc.property(anyText, (name) => {
        if (isAllowed(USER.name, name)) assert.match(name, /^[A-Za-z0-9_][A-Za-z0-9._@+-]*$/);
      }),
      { numRuns: 2000 },
    );
    for (const name of [".nobody", "", "a:b", "a b", "#a", "a\n", "ä"]) assert.ok(!isAllowed(USER.name, name), name);
  });
});
