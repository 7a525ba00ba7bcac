import assert from "node:assert/strict";
import { PrivateRegistry, TokenVerifier, UserRole } from "../../components";
import { readIssuer } from "../../components/cluster/issuer";
import type { Kubectl } from "../../components/cluster/kubectl";
import { fileIn, wordIn } from "../../components/hosts/release";
import { underMocks } from "../../rig/pulumi/mocks";
import { smallest } from "../support/contract";
import { complaint, read } from "../support/stack-config";

const audience = "registry.example.com";
const pods = {
  name: "apps",
  cluster: true,
  audience,
  subject: "system:serviceaccount:apps:*",
  repositories: [{ pattern: "apps/**", role: UserRole.Pull }],
};
const said = (...changes: object[]): string =>
  complaint({ access: { identities: changes.map((change, index) => ({ ...pods, name: `p${index}`, ...change })) } });

describe("identities of pods", () => {
  it("are settings like those of CI", () => {
    assert.equal(read({ access: { identities: [pods] } }).access?.identities?.[0]?.cluster, true);
  });

  const REFUSED: Record<string, [object[], RegExp]> = {
    "an issuer, too": [[{ issuer: "github" }], /identities\[0\]\.issuer must be an issuer, or cluster .*, got both/],
    neither: [[{ cluster: false }], /issuer must be an issuer, or cluster in its place, got neither/],
    groups: [[{ subject: undefined, groups: ["a"] }], /groups must be left out with cluster/],
    "any namespace": [[{ subject: "system:serviceaccount:*:default" }], /subject must be system:serviceaccount:NAMES/],
    "no service account": [[{ subject: "repo:acme/app:x" }], /subject must be system:serviceaccount:NAMESPACE:NAME/],
    "the API server's audience": [
      [{ audience: "https://kubernetes.default.svc" }],
      /audience must be an audience of the registry's own/,
    ],
    "two audiences": [[{}, { audience: "other" }], /identities\[1\]\.audience must be the audience of the first/],
  };
  for (const [what, [changes, expected]] of Object.entries(REFUSED)) {
    it(`are refused before anything is made: ${what}`, () => assert.match(said(...changes), expected));
  }

  it("have an issuer that says itself where it is", () => {
    const given = complaint({ access: { issuers: [{ name: "cluster", url: "https://kubernetes.default.svc" }] } });
    assert.match(given, /issuers\[0\]\.url must be left out for the issuer cluster, got a value/);
  });
});

describe("a registry with identities of pods", () => {
  const { hostKey = "", privateKey = "" } = smallest.gateways[0] ?? {};
  const nodeHosts = [{ address: "192.0.2.10", hostKey, privateKey }];

  it("lets kubelets ask for tokens for it, verifies them by the cluster's keys, and tells the nodes", async () => {
    const access = { identities: [pods] };
    const made = await underMocks(() => new PrivateRegistry("main", { ...smallest, access, nodeHosts }));
    assert.deepEqual(made.one("rbac.authorization.k8s.io/v1:ClusterRole").inputs["rules"], [
      { apiGroups: [""], resources: [audience], verbs: ["request-serviceaccounts-token-audience"] },
    ]);
    const { subjects } = made.one("rbac.authorization.k8s.io/v1:ClusterRoleBinding").inputs as {
      subjects: { name: string }[];
    };
    assert.deepEqual(
      subjects.map(({ name }) => name),
      ["system:nodes"],
    );
    const data = made.all("ConfigMap").find(({ name }) => name.includes("verifier"))?.inputs["data"];
    const files = data as Record<string, string>;
    assert.equal(files["keys.json"], '{"keys":[]}');
    assert.match(files["nginx.conf"] ?? "", /alias \/etc\/verifier\/keys\.json;/);
    assert.doesNotMatch(files["nginx.conf"] ?? "", /proxy_pass https/);
    assert.match(files["oauth2-proxy.cfg"] ?? "", /^oidc_enabled_signing_algs = \["RS256","ES256","ES384","ES512"\]$/m);
    const stdin = String(made.one("NodeRelease").inputs["stdin"]);
    assert.equal(wordIn(stdin, "provider"), "private-registry-main-nodes");
    assert.match(fileIn(stdin, "kubelet/provider.yaml") ?? "", /serviceAccountTokenAudience: "?registry\.example\.com/);
    const shown = made.all("ReleaseFiles").map(({ inputs }) => inputs["kubelet/provider"]);
    assert.match(shown.join(), /'system:serviceaccount:apps:'\*\) user='apps'/);
  });

  it("without any asks for no right in the cluster", async () => {
    const made = await underMocks(() => new PrivateRegistry("main", { ...smallest, nodeHosts }));
    assert.equal(made.all("rbac.authorization.k8s.io/v1:ClusterRole").length, 0);
    assert.equal(wordIn(String(made.one("NodeRelease").inputs["stdin"]), "provider") ?? "", "");
  });

  it("has a verifier that can be used by itself", async () => {
    const made = await underMocks(
      () =>
        new TokenVerifier("main", {
          ...{ issuer: { name: "cluster" }, cluster: true, audience },
          ...{ tlsSecretName: "registry-tls-secret", tlsChecksum: "abc" },
        }),
    );
    assert.match(JSON.stringify(made.one("ConfigMap").inputs["data"]), /kubernetes\.default\.svc/);
  });
});

describe("what a cluster says of its tokens", () => {
  const answers = (minor: string): Record<string, object> => ({
    "/version": { major: "1", minor, gitVersion: `v1.${minor}.2` },
    "/.well-known/openid-configuration": { issuer: "https://issuer.example", jwks_uri: "https://nobody.example" },
    "/openid/v1/jwks": {
      keys: [
        { kid: "b", kty: "EC" },
        { kid: "a", kty: "RSA" },
      ],
    },
  });
  const kubectl = (minor: string): Kubectl => ({
    get: () => Promise.reject(new Error("not asked")),
    text: (...args) => Promise.resolve(JSON.stringify(answers(minor)[args.at(-1) ?? ""])),
  });

  it("is its issuer, and its keys in an order that stays", async () => {
    const { issuerUrl, keys } = await readIssuer(kubectl("34+"));
    assert.equal(issuerUrl, "https://issuer.example");
    assert.equal(keys, '{"keys":[{"kid":"a","kty":"RSA"},{"kid":"b","kty":"EC"}]}');
  });

  it("is not asked of one below 1.34, which is named", async () => {
    await assert.rejects(readIssuer(kubectl("33")), /needs Kubernetes 1\.34 or newer, and this cluster is v1\.33\.2/);
  });
});
