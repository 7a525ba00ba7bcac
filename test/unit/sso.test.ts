import assert from "node:assert/strict";
import { NginxGateway, PrivateRegistry, SsoLogin, UserRole } from "../../components";
import { loginText } from "../../components/sso/text";
import { fileOf } from "../../rig/gateway/fixture";
import { underMocks } from "../../rig/pulumi/mocks";
import { smallest } from "../support/contract";
import { complaint, read } from "../support/stack-config";

const company = { name: "company", url: "https://login.example.com", keysUrl: "https://login.example.com/keys" };
const client = { issuer: "company", clientId: "registry", clientSecret: "s3cret-of-the-client" };
const groups = [
  { name: "devs", role: UserRole.Push },
  { name: "night shift", user: "ops", role: UserRole.Pull },
  { name: "/web", user: "web", repositories: [{ pattern: "web/**", role: UserRole.Pull }] },
];
const access = (changes: object = {}, issuers: object[] = [company]): object => ({
  issuers,
  sso: { ...client, groups, ...changes },
});
const ui = { host: "ui.example.com" };

const said = (changes: object, more: object = {}): string => complaint({ ui, access: access(changes), ...more });

describe("a company's login", () => {
  it("is a setting like the others", () => {
    const { sso } = read({ ui, access: access() }).access ?? {};
    assert.deepEqual(
      sso?.groups.map(({ name }) => name),
      ["devs", "night shift", "/web"],
    );
  });

  const REFUSED: Record<string, [object, object, RegExp]> = {
    "a UI without a name": [
      {},
      { ui: undefined },
      /ui\.host must be a name of the UI's own with access\.sso, got nothing/,
    ],
    "the registry's name": [
      {},
      { ui: { host: "Registry.example.com", path: "/ui/" } },
      /ui\.host must be a name of the UI's own with access\.sso, got the registry's name/,
    ],
    "no client certificate": [
      {},
      { backend: { requireClientCertificate: false } },
      /requireClientCertificate must be true with access\.sso/,
    ],
    "an issuer that nobody knows": [{ issuer: "okta" }, {}, /access\.sso\.issuer must be gitlab, or the name of one/],
    "where nobody logs in": [{ issuer: "github" }, {}, /access\.sso\.issuer must be gitlab, or the name of one of/],
    "the cluster": [{ issuer: "cluster" }, {}, /access\.sso\.issuer must be gitlab/],
    "no secret": [{ clientSecret: undefined }, {}, /access\.sso\.clientSecret must be set, got nothing/],
    "no groups": [{ groups: [] }, {}, /access\.sso\.groups must be a list of groups, at least one/],
    "scopes without openid": [{ scopes: ["email"] }, {}, /access\.sso\.scopes must be a list with openid/],
    "a session of a minute": [{ refreshMinutes: 1 }, {}, /access\.sso\.refreshMinutes must be 5-1440, got 1/],
    "a page of no server": [
      { logoutUrl: "/logout" },
      {},
      /access\.sso\.logoutUrl must be a URL that begins with https/,
    ],
    "a group twice": [
      { groups: [groups[0], { ...groups[0], user: "x" }] },
      {},
      /groups\[1\]\.name must be a group that/,
    ],
    "a group that is no name": [
      { groups: [{ name: "night shift", role: "pull" }] },
      {},
      /groups\[0\]\.user must be set for this group/,
    ],
    "a user's name": [
      { groups: [{ name: "Alice", role: "pull" }] },
      { users: [{ name: "alice", role: "push" }] },
      /groups\[0\]\.name must be a name that is not there yet/,
    ],
    "a name twice": [
      { groups: [groups[0], { name: "b", user: "devs", role: "pull" }] },
      {},
      /groups\[1\]\.user must be a name that is not there yet/,
    ],
    "no right": [{ groups: [{ name: "devs" }] }, {}, /groups\[0\]\.role must be pull or push, got nothing/],
  };
  for (const [what, [changes, more, expected]] of Object.entries(REFUSED)) {
    it(`is refused before anything is made: ${what}`, () => {
      const text = said(changes, more);
      assert.match(text, expected);
      assert.ok(!text.includes(client.clientSecret));
    });
  }
});

describe("a registry with a company's login", () => {
  const registry = (changes: object = {}, preview = false) =>
    underMocks(() => new PrivateRegistry("main", { ...smallest, ui, access: access(changes) }), { preview });

  it("makes pods for it, whose secrets are in a secret, and tells the gateways", async () => {
    const made = await registry();
    const config = made.all("ConfigMap").find(({ name }) => name === "main-sso")?.inputs["data"];
    const files = config as Record<string, string>;
    assert.match(files["oauth2-proxy.cfg"] ?? "", /^oidc_issuer_url = "https:\/\/login\.example\.com"$/m);
    assert.match(files["oauth2-proxy.cfg"] ?? "", /^redirect_url = "https:\/\/ui\.example\.com\/oauth2\/callback"$/m);
    assert.match(files["oauth2-proxy.cfg"] ?? "", /^cookie_expire = "60m"$/m);
    const { client: secret = "", cookie = "" } = made.all("core/v1:Secret").find(({ name }) => name === "main-sso")
      ?.inputs["stringData"] as Record<string, string>;
    assert.equal(secret, client.clientSecret);
    assert.match(cookie, /^[0-9a-f]{32}$/);
    const others = made.all("").filter(({ name, type }) => !(name === "main-sso" && type.endsWith(":Secret")));
    assert.ok(!JSON.stringify(others.map(({ inputs }) => inputs)).includes(client.clientSecret));
    const site = fileOf(made.one("Command", "main-gateway-192-0-2-1").inputs["stdin"], "site.conf");
    assert.match(site, /location = \/oauth2\/callback \{/);
  });

  it("has a verifier for its own tokens, of the claim that it says", async () => {
    const made = await registry({ groupsClaim: "roles" });
    const texts = made.all("ConfigMap").map(({ inputs }) => JSON.stringify(inputs["data"]));
    const verifier = texts.find((text) => text.includes("nobody.invalid")) ?? "";
    assert.match(verifier, /client_id = \\"registry\\"/);
    assert.match(verifier, /oidc_groups_claim = \\"roles\\"/);
  });

  it("says in a preview who gets in by which group, also before the ports are known", async () => {
    const made = await registry({}, true);
    const shown = JSON.stringify(made.all("ReleaseFiles").map(({ inputs }) => inputs));
    assert.match(shown, /ops \(pull\): tokens of company for registry with a group of night shift/);
    assert.match(shown, /web \(pull web\/\*\*\): tokens of company/);
    assert.ok(!shown.includes(client.clientSecret));
  });

  it("is none without the setting", async () => {
    const made = await underMocks(() => new PrivateRegistry("main", { ...smallest, ui }));
    assert.deepEqual(
      made.all("").filter(({ name }) => name.startsWith("main-sso")),
      [],
    );
  });
});

describe("a login by itself", () => {
  const args = {
    ...{ issuer: company, clientId: "registry", clientSecret: "secret", cookieSecret: "x".repeat(32) },
    ...{ uiHost: "ui.example.com", tlsSecretName: "registry-tls-secret", tlsChecksum: "abc" },
  };

  it("names every argument that is not right", async () => {
    const wrong = { ...args, cookieSecret: "short", issuer: { name: "company" } };
    await assert.rejects(
      underMocks(() => new SsoLogin("main", wrong)),
      (error: Error) => {
        assert.match(error.message, /issuer\.url must be set/);
        assert.match(error.message, /cookieSecret must be 32 bytes, got a secret;/);
        return true;
      },
    );
  });

  it("lets nobody be sent elsewhere after a logout but to the page that is named", () => {
    const settings = {
      ...{ issuerUrl: company.url, clientId: "registry", groupsClaim: "groups", scopes: ["openid", "groups"] },
      ...{ algorithms: ["RS256"], hasCa: false, logoutUrl: "https://login.example.com:8443/end?client_id=registry" },
    };
    const text = loginText(settings, { uiHost: "ui.example.com", refreshMinutes: 30 });
    assert.match(text, /^whitelist_domains = \["login\.example\.com:8443"\]$/m);
    assert.match(text, /^scope = "openid groups"$/m);
    assert.match(text, /^insecure_oidc_skip_nonce = false$/m);
    assert.doesNotMatch(text, /provider_ca_files/);
  });

  it("has at a gateway groups with the rights of identities, and a UI of its own", async () => {
    const sso = { nodePort: 30001, groups: [{ group: "devs", identity: "devs" }] };
    const { hostKey = "", privateKey = "" } = smallest.gateways[0] ?? {};
    const gateway = {
      ...{ gateways: [{ address: "192.0.2.1", hostKey, privateKey }], registryHost: "registry.example.com" },
      ...{ nodeAddresses: ["192.0.2.10"], users: smallest.users, certificate: { chainPem: "", keyPem: "" }, sso },
    };
    await assert.rejects(
      underMocks(() => new NginxGateway("main", gateway)),
      (error: Error) => {
        assert.match(error.message, /uiHost must be a name of the UI's own with sso, got nothing/);
        assert.match(error.message, /sso\.groups\[0\]\.identity must be the name of an identity, got "devs"/);
        return true;
      },
    );
  });
});
