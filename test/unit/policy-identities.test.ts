import assert from "node:assert/strict";
import { TokenVerifier } from "../../components";
import { activationInput } from "../../components/hosts/release";
import { verifierKey } from "../../components/nginx/users/token-issuers";
import { verifierText } from "../../components/verifier/text";
import { gatewayRelease, OWNER } from "../../rig/gateway/fixture";
import { policies } from "../../policy/policies";
import { underMocks } from "../../rig/pulumi/mocks";
import { command, judge } from "../support/policy-judge";

const audience = "registry.example.com";
const GITHUB = {
  issuerUrl: "https://token.actions.githubusercontent.com",
  keysUrl: "https://token.actions.githubusercontent.com/.well-known/jwks",
  audience,
  algorithms: ["RS256"],
  hasCa: false,
};

const ofVerifier = async (changes: Partial<typeof GITHUB>, more = ""): Promise<string> => {
  const data = { "oauth2-proxy.cfg": `${verifierText({ ...GITHUB, ...changes })}${more}` };
  const seen = { type: "kubernetes:core/v1:ConfigMap", props: { data } };
  return (await judge("identity-is-narrow", seen)).join("\n");
};

const ofGateway = async (change: { subject?: string; groups?: string[] }): Promise<string> => {
  const identity = { name: "ci-main", issuer: "github", audience, subject: undefined, groups: [], ...change };
  const verifiers = [{ key: verifierKey("github", audience), nodePort: 31001 }];
  const release = await gatewayRelease({ identities: [identity], verifiers });
  const seen = command({ create: "sh", stdin: activationInput(release, OWNER), logging: "none" });
  return (await judge("identity-is-narrow", seen)).join("\n");
};

describe("every policy", () => {
  it("accepts what a verifier of tokens is made of", async () => {
    const secret = { tlsSecretName: "tls", tlsChecksum: "abc" };
    const made = await underMocks(() => new TokenVerifier("main", { issuer: { name: "github" }, audience, ...secret }));
    const kinds = made.resources.filter(({ type }) => type.startsWith("kubernetes:"));
    assert.ok(kinds.length >= 4);
    for (const { type, inputs: props } of kinds)
      for (const { name } of policies) assert.deepEqual(await judge(name, { type, props }), [], `${name}: ${type}`);
  });
});

describe("the policy identity-is-narrow", () => {
  it("accepts what the components write of right settings", async () => {
    assert.equal(await ofVerifier({}), "");
    for (const subject of [
      "repo:acme/app:ref:refs/heads/main",
      "repo:acme/app (x):ref:*",
      "project_path:acme/*:ref:main",
    ])
      assert.equal(await ofGateway({ subject }), "", subject);
    assert.equal(await ofGateway({ groups: ["devs", "ops (night)"] }), "");
  });

  it("refuses a verifier without an audience of its own, and one of several issuers", async () => {
    assert.match(await ofVerifier({ audience: "" }), /asks for no audience/);
    assert.match(
      await ofVerifier({ audience: "https://github.com/acme" }),
      /default audience, https:\/\/github\.com\/acme/,
    );
    const gitlab = { issuerUrl: "https://gitlab.com", audience: "https://gitlab.com/" };
    assert.match(await ofVerifier(gitlab), /default audience/);
    const own = { issuerUrl: "https://gh.example.com/_services/token", audience: "https://gh.example.com/acme" };
    assert.match(await ofVerifier(own), /default audience/);
    assert.match(await ofVerifier({}, 'extra_jwt_issuers = ["https://a=b"]\n'), /several issuers/);
    assert.match(
      await ofVerifier({}, "insecure_oidc_skip_issuer_verification = true\n"),
      /does not look at the issuer/,
    );
  });

  it("says nothing of another configuration, and of a gateway without identities", async () => {
    const seen = { type: "kubernetes:core/v1:ConfigMap", props: { data: { "a.cfg": 'client_id = ""\n' } } };
    assert.deepEqual(await judge("identity-is-narrow", seen), []);
    const stdin = activationInput(await gatewayRelease(), OWNER);
    assert.deepEqual(await judge("identity-is-narrow", command({ create: "sh", stdin, logging: "none" })), []);
  });

  it("refuses a gateway that takes everybody's tokens", async () => {
    for (const subject of ["*", "repo:*", "repo:acme*", "*:acme/app:x", "project_path:*"])
      assert.match(await ofGateway({ subject }), /site\.conf: ci-main takes everybody's tokens/, subject);
  });

  it("refuses maps that it can't read, and those that do not compare the whole", async () => {
    const said = async (line: string): Promise<string> => {
      const release = await gatewayRelease();
      const files = release.files.map((file) =>
        file.path === "site.conf"
          ? { ...file, content: `${file.content}map "$a $b" $x_by_subject {\n    ${line}\n}\n` }
          : file,
      );
      const stdin = activationInput({ ...release, files }, OWNER);
      return (await judge("identity-is-narrow", command({ create: "sh", stdin, logging: "none" }))).join("\n");
    };
    assert.match(await said("default yes;"), /not compared as a whole/);
    assert.match(await said('"~^ci repo:acme/app" yes;'), /not compared as a whole/);
    assert.match(await said('"~^ci (?:repo|x):acme/app\\z" yes;'), /can't read/);
    assert.match(await said('"~^ci .*\\z" yes;'), /everybody's tokens/);
    assert.equal(await said("default no;"), "");
  });
});
