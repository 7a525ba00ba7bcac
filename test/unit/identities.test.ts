import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { PrivateRegistry, TokenAlgorithm, TokenIssuerKind, UserRole } from "../../components";
import { groupsExpression, isTooWide, subjectExpression } from "../../components/nginx/users/identity-patterns";
import { isDefaultAudience, issuerNamed, verifierKey } from "../../components/nginx/users/token-issuers";
import { fileOf } from "../../rig/gateway/fixture";
import { underMocks, UNKNOWN } from "../../rig/pulumi/mocks";
import { smallest } from "../support/contract";
import { complaint, read } from "../support/stack-config";

const audience = "registry.example.com";
const main = {
  name: "ci-main",
  issuer: "github",
  audience,
  subject: "repo:acme/app:ref:refs/heads/main",
  role: UserRole.Push,
};
const ops = {
  name: "ops",
  issuer: "our",
  audience,
  groups: ["ops"],
  repositories: [{ pattern: "team/**", role: "pull" }],
};
const our = { name: "our", url: "https://login.example.com", keysUrl: "https://login.example.com/keys" };

/** What is said of one identity that differs from a right one, without the head. */
const said = (change: object, more: object = {}): string =>
  complaint({ access: { identities: [{ ...main, ...change }], ...more } })
    .split("\n")
    .slice(1)
    .join("\n");

const registry = (access: object, preview = false) =>
  underMocks(() => new PrivateRegistry("main", { ...smallest, access }), { preview });

describe("identities", () => {
  it("are settings beside the users, with issuers that are known and others", () => {
    const { access } = read({ access: { identities: [main, ops], issuers: [our], tokenMinutes: 5 } });
    assert.deepEqual(
      access?.identities?.map(({ name }) => name),
      ["ci-main", "ops"],
    );
  });

  const REFUSED: Record<string, [object, RegExp]> = {
    "no audience": [{ audience: undefined }, /access\.identities\[0\]\.audience must be set, got nothing/],
    "an empty audience": [{ audience: "" }, /audience must be 1-200 printable/],
    "GitHub's default audience": [{ audience: "https://github.com/acme" }, /audience must be an audience of the/],
    "GitLab's default audience": [
      { issuer: "gitlab", audience: "https://gitlab.com/", subject: "project_path:acme/app:ref_type:branch:ref:main" },
      /audience must be an audience of the registry's own/,
    ],
    "neither subject nor groups": [{ subject: undefined }, /subject must be set, or groups in its place, got nothing/],
    "both subject and groups": [{ groups: ["a"] }, /subject must be set, or groups in its place, got both/],
    "no groups at all": [{ subject: undefined, groups: [] }, /groups must be a list of groups, at least one/],
    "a group with a comma": [{ subject: undefined, groups: ["x,devs"] }, /groups\[0\] must be .* without comma/],
    "no right": [{ role: undefined }, /role must be pull or push, got nothing/],
    "an issuer that nobody knows": [{ issuer: "okta" }, /issuer must be github, gitlab, or the name of one of/],
    "a user's name": [{ name: "CI" }, /name must be a name that is not there yet, got "CI"; rename one of the two/],
    "a name of odd characters": [{ name: "ci main" }, /name must be 1-64 letters/],
    "four stars": [{ subject: "repo:acme/*:*:*:*" }, /subject must be .* 3 of them \* at most/],
    "a dollar": [{ subject: "repo:acme/$app" }, /subject must be 1-255 printable/],
  };
  for (const [what, [change, expected]] of Object.entries(REFUSED)) {
    it(`are refused before anything is made: ${what}`, () => assert.match(said(change), expected));
  }

  for (const subject of ["*", "repo:*", "repo:acme*/app:ref:refs/heads/main", ".*", "repo:*/app:ref:x", "repo:acme*"]) {
    it(`are refused where everybody of GitHub would get in: ${subject}`, () => {
      assert.match(
        said({ subject }),
        /subject must be a subject that names an owner before its first \*.*begin it with repo:/,
      );
    });
  }

  it("know what is everybody's at GitLab, in a cluster and elsewhere, and what is not", () => {
    const { Github, Gitlab } = TokenIssuerKind;
    for (const [pattern, kind] of [
      ["project_path:*", Gitlab],
      ["project_path:acme*", Gitlab],
      ["ref_type:branch:*", Gitlab],
      ["system:serviceaccount:*", undefined],
      ["auth0|*", undefined],
      ["user-*", undefined],
    ] as const)
      assert.ok(isTooWide(pattern, kind), pattern);
    for (const [pattern, kind] of [
      ["project_path:acme/*:ref_type:branch:ref:main", Gitlab],
      ["repo:acme/*:ref:refs/heads/main", Github],
      ["repository_owner:acme:ref:*", Github],
      ["system:serviceaccount:apps:*", undefined],
      ["anything", undefined],
    ] as const)
      assert.ok(!isTooWide(pattern, kind), pattern);
  });

  it("have names of their own, and issuers too", () => {
    const twice = complaint({ access: { identities: [main, { ...main, name: "CI-main" }], issuers: [our, our] } });
    assert.match(twice, /access\.identities\[1\]\.name must be a name that is not there yet, got "CI-main"/);
    assert.match(twice, /access\.issuers\[1\]\.name must be a name that is not there yet, got "our"/);
  });

  it("of an issuer that is not known say where its keys are, and one port is for one audience", () => {
    const identities = [ops, { ...ops, name: "ops-2", audience: "other" }];
    assert.match(complaint({ access: { issuers: [{ name: "our" }] } }), /issuers\[0\]\.url must be set, got nothing/);
    const issuers = [{ ...our, keysUrl: undefined, nodePort: 30301 }];
    const all = complaint({ access: { identities, issuers } });
    assert.match(all, /keysUrl must be set for an issuer without a kind.*https:\/\/login.example.com\/\.well-known/);
    assert.match(
      all,
      /nodePort must be left out for an issuer with more than one audience, got a port and 2 audiences/,
    );
    assert.match(
      complaint({ access: { issuers: [{ ...our, url: "http://a.example" }] } }),
      /url must be a URL .*https:\/\//,
    );
    assert.match(
      complaint({ access: { issuers: [{ ...our, algorithms: ["HS256"] }] } }),
      /algorithms\[0\] must be one of RS256/,
    );
  });

  it("need the client certificate by which a verifier knows the gateways", () => {
    const given = complaint({ access: { identities: [main] }, backend: { requireClientCertificate: false } });
    assert.match(given, /backend\.requireClientCertificate must be true with access\.identities/);
  });

  it("find the issuers of GitHub and GitLab, their own servers too", () => {
    const { Github, Gitlab } = TokenIssuerKind;
    assert.equal(issuerNamed([], "github")?.keysUrl, "https://token.actions.githubusercontent.com/.well-known/jwks");
    assert.equal(issuerNamed([], "gitlab")?.keysUrl, "https://gitlab.com/oauth/discovery/keys");
    const own = issuerNamed([{ name: "lab", kind: Gitlab, url: "https://git.example.com" }], "lab");
    assert.equal(own?.keysUrl, "https://git.example.com/oauth/discovery/keys");
    assert.deepEqual(own?.algorithms, [TokenAlgorithm.RS256]);
    const enterprise = { name: "ghes", kind: Github, url: "https://gh.example.com/_services/token" };
    const known = issuerNamed([enterprise], "ghes");
    assert.equal(known?.keysUrl, "https://gh.example.com/_services/token/.well-known/jwks");
    assert.ok(known && isDefaultAudience("https://gh.example.com/acme", known));
    assert.equal(issuerNamed([{ name: "other", kind: Gitlab }], "other")?.url, undefined);
  });

  it("match whole subjects and whole groups only, and a * never passes a colon", () => {
    const fits = (pattern: string, text: string): boolean => new RegExp(`^${subjectExpression(pattern)}$`).test(text);
    assert.ok(fits("repo:acme/app:ref:refs/heads/*", "repo:acme/app:ref:refs/heads/a/b"));
    assert.ok(!fits("repo:acme/*", "repo:acme/app:pull_request"));
    assert.ok(!fits("repo:acme/a.p", "repo:acme/app"));
    const groups = new RegExp(`^${groupsExpression(["devs", "a|b"])}$`);
    for (const list of ["devs", "x,devs", "devs,x", "x,a|b,y"]) assert.match(list, groups);
    for (const list of ["", "devs2", "xdevs", "a", "b"]) assert.doesNotMatch(list, groups);
  });
});

describe("a registry with identities", () => {
  it("has a verifier for each issuer and audience, whose port the gateways get, and that admits only them", async () => {
    const identities = [main, { ...main, name: "ci-release" }, { ...ops, role: UserRole.Pull }];
    const made = await registry({ identities, issuers: [{ ...our, nodePort: 30301 }] });
    const key = verifierKey("our", audience);
    const names = [verifierKey("github", audience), key].map((each) => `main-verifier-${each}`);
    assert.deepEqual(
      made.all("TokenVerifier").map(({ name }) => name),
      names,
    );
    const service = made.one("Service", `main-verifier-${key}`).inputs as { spec: { ports: object[] } };
    assert.deepEqual(service.spec.ports, [
      { name: "gateways", port: 8443, targetPort: 8443, protocol: "TCP", nodePort: 30301 },
    ]);
    const { inputs } = made.one("Command", "main-gateway-192-0-2-1");
    assert.match(fileOf(inputs["stdin"], "verifiers.conf"), /_verifier_our_\w+ \{\n {4}server 192\.0\.2\.10:30301 /);
  });

  it("refuses a user of an identity's name, when that is known", async () => {
    const late = { name: pulumi.output("ci-MAIN"), role: UserRole.Push, password: "p" };
    const make = () => new PrivateRegistry("main", { ...smallest, users: [late], access: { identities: [main] } });
    await assert.rejects(underMocks(make), /access\.identities\[0\]\.name must be a name that is not there yet/);
  });

  it("shows in a preview who gets in by what, before any port is known", async () => {
    const made = await registry({ identities: [main, ops], issuers: [our] }, true);
    const { users, "site.conf": site, "verifiers.conf": ports } = made.one("ReleaseFiles", "main-gateway-files").inputs;
    assert.match(
      String(users),
      /^ci-main \(push\): tokens of github for registry\.example\.com with the subject repo:acme\/app:ref:refs\/heads\/main$/m,
    );
    assert.match(
      String(users),
      /^ops \(pull team\/\*\*\): tokens of our for registry\.example\.com with a group of ops$/m,
    );
    assert.match(String(ports), /github-\w+: a port that is not known yet/);
    assert.notEqual(site, UNKNOWN);
  });
});
