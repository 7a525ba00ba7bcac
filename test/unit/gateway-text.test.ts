import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gatewayBlueprint } from "../../components/nginx/gateway/blueprint";
import type { GatewaySite } from "../../components/nginx/gateway/site";
import { LogFormat } from "../../components/nginx/gateway/logs";
import { makeRelease, type Release } from "../../components/hosts/release";
import { responderBlueprint } from "../../components/nginx/responder";
import { CryptKind } from "../../components/nginx/users/crypt-hashes";
import { verifierKey } from "../../components/nginx/users/token-issuers";
import { UserRole } from "../../components/nginx/users/role";
import { gatewaySite, THUMBPRINT } from "../../rig/gateway/fixture";

const FOLDER = join(__dirname, "../golden/gateway");

/** What is made anew in each run, as texts that say what they are. */
const FIXED = {
  chainPem: "the chain\n",
  keyPem: "the key\n",
  userFile: "alice:a hash\n",
  upstreamTls: {
    caPem: "the CA\n",
    serverName: "inner",
    clientCertificatePem: "the client\n",
    clientKeyPem: "its key\n",
  },
};

const RIGHTS: GatewaySite["users"] = [
  { name: "admin", role: UserRole.Push, repositories: [] },
  { name: "reader", role: UserRole.Pull, repositories: [{ pattern: "team/app", role: UserRole.Push }] },
  {
    name: "dev+1@team.example",
    repositories: [
      { pattern: "team/**", role: UserRole.Push },
      { pattern: "base/*", role: UserRole.Pull },
    ],
  },
];

/** Each is a gateway that differs from the plain one in what its name says. */
const SITES: Record<string, Partial<GatewaySite>> = {
  plain: {},
  "rights by repositories": { users: RIGHTS },
  "open repositories": { users: RIGHTS, anonymousPull: ["open/*", "tools", "all/**"] },
  "hashes of both kinds": {
    quickHashes: true,
    slowCost: 10,
    userFile: "alice:$2y$10$a\nrobot:$2y$04$b\n.nobody:$2y$04$quick\n.nobody:$2y$10$slow\n",
  },
  "hashes that take long only": { quickHashes: false, slowCost: 12 },
  "hashes of SHA-crypt": { cryptKinds: Object.values(CryptKind), slowCost: 11 },
  "a cache of blobs": { blobCache: { sizeGiB: 20, path: "/srv/blobs" }, logFormat: LogFormat.Json },
  "a UI at the registry's name": { uiHost: "registry.example.com", uiPath: "/ui/" },
  "a UI below a path": { uiPath: "/deep/ui/" },
  "identities by tokens": {
    users: [
      ...RIGHTS,
      { name: "ci-main", repositories: [{ pattern: "team/app", role: UserRole.Push }] },
      { name: "ops", role: UserRole.Pull },
    ],
    identities: [
      {
        name: "ci-main",
        issuer: "github",
        audience: "registry.example.com",
        subject: "repo:acme/app:ref:refs/heads/release-*",
        groups: [],
      },
      { name: "ops", issuer: "our", audience: "registry", subject: undefined, groups: ["devs", "ops (night)"] },
    ],
    verifiers: [
      { key: verifierKey("github", "registry.example.com"), nodePort: 31001 },
      { key: verifierKey("our", "registry"), nodePort: 31002 },
    ],
  },
  "a company's login": {
    users: [...RIGHTS, { name: "ops", role: UserRole.Pull }, { name: "devs", role: UserRole.Push }],
    identities: ["ops", "devs"].map((name) => ({
      ...{ name, issuer: "company", audience: "registry", subject: undefined, groups: [`${name} (all)`] },
    })),
    verifiers: [
      { key: verifierKey("company", "registry"), nodePort: 31001 },
      { key: "sso", nodePort: 31002 },
    ],
    sso: {
      groups: ["ops", "devs"].map((identity) => ({ identity, group: `${identity} (all)` })),
      logoutUrl: "https://login.example.com/end?client_id=registry",
    },
  },
  "no UI, everything else otherwise": {
    uiHost: undefined,
    upstreamTls: { caPem: undefined, serverName: "inner", clientCertificatePem: undefined, clientKeyPem: undefined },
    nodeAddresses: ["192.0.2.10", "2001:db8::11", "192.0.2.12"],
    httpsPort: 8443,
    hstsSeconds: 600,
    readTimeoutSeconds: 60,
    guessesPerMinute: 12,
    realm: 'A "realm"',
    extraRegistryDirectives: "satisfy any;\nhttp2 on;",
  },
  "directives of a user's own beside a UI": { extraRegistryDirectives: "satisfy any;\nexpires 1h;" },
};

/** All of a release: what it is proven by, what the program on the host is told, and each file. */
function textOf({ files, probes, words }: Release): string {
  const told = [
    ...probes.map(({ scheme, port, host }) => `probe ${scheme} ${port} ${host}\n`),
    ...Object.entries(words).map(([name, value]) => `word ${name} ${value}\n`),
  ];
  return [
    told.join(""),
    ...files.map(({ path, readers, content }) => `== ${path}, read by ${readers}\n${content}`),
  ].join("\n");
}

/** Compares with the file of that name; `GOLDEN=write` writes it, for a person who then reads the difference. */
function holds(name: string, text: string): void {
  const file = join(FOLDER, `${name.replace(/\W+/g, "-")}.txt`);
  if (process.env["GOLDEN"] === "write") writeFileSync(file, text);
  assert.ok(existsSync(file), `there is no ${file}; GOLDEN=write makes it`);
  assert.equal(text, readFileSync(file, "utf8"));
}

/**
 * Every word of the releases: what real nginx makes of them is the business of the integration tests, and of them each
 * sees a part.
 */
describe("the files of a release, to the letter", () => {
  for (const [name, changes] of Object.entries(SITES)) {
    it(`a gateway: ${name}`, async () => {
      const site = { ...(await gatewaySite()), ...FIXED, ...changes };
      holds(name, textOf(makeRelease(gatewayBlueprint(site))));
    });
  }

  it("a gateway on some addresses of a host", async () => {
    const site = { ...(await gatewaySite()), ...FIXED };
    holds("some addresses", textOf(makeRelease(gatewayBlueprint(site), ["192.0.2.4", "2001:db8:0::4"])));
  });

  it("the site of port 80", () => {
    const site = { site: "main-responder", names: ["b.example", "a.example"], httpPort: 80, httpsPort: 443 };
    const text = (changes: object): string => textOf(makeRelease(responderBlueprint({ ...site, ...changes })));
    holds("port 80 with an account", text({ thumbprint: THUMBPRINT }));
    holds("other ports without an account", text({ httpPort: 8080, httpsPort: 8443 }));
    for (const thumbprint of [`${THUMBPRINT}a`, `"${THUMBPRINT}`, THUMBPRINT.slice(1)])
      assert.throws(() => text({ thumbprint }), /43 characters of base64url/, "nothing else gets into nginx's text");
  });
});

describe("the nodes that a gateway asks", () => {
  for (const count of [2, 3, 4, 8]) {
    it(`are ${count}, and no request has all its tries on one of them that is dead`, async () => {
      const nodeAddresses = Array.from({ length: count }, (_none, index) => `192.0.2.${index + 1}`);
      const text = textOf(makeRelease(gatewayBlueprint({ ...(await gatewaySite()), ...FIXED, nodeAddresses })));
      const [block = ""] = /^upstream \S+_registry \{[^}]*/m.exec(text) ?? [];
      const entries = block.match(/server 192\.0\.2\.1:/g)?.length ?? 0;
      const tries = [...text.matchAll(/proxy_next_upstream_tries (\d+);/g)].map(([, number]) => Number(number));
      const limited = tries.filter((number) => number > 0);
      assert.ok(entries > 0 && limited.length > 0);
      assert.ok(Math.min(...limited) > entries, `${Math.min(...limited)} tries, ${entries} entries`);
    });
  }
});
