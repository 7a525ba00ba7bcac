import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { TokenVerifier, type TokenVerifierArgs } from "../../components";
import { POD, PREPARE } from "../../components/verifier/front";
import { underMocks } from "../../rig/pulumi/mocks";
import { CERTIFICATE } from "../../rig/pulumi/certificate";

const smallest: TokenVerifierArgs = {
  issuer: { name: "github" },
  audience: "registry.example.com",
  tlsSecretName: "registry-tls-secret",
  tlsChecksum: "abc",
};
const make = (changes: Partial<TokenVerifierArgs> = {}) =>
  underMocks(() => new TokenVerifier("main", { ...smallest, ...changes }));

interface Container {
  name: string;
  image: string;
  securityContext: object;
  volumeMounts: { name: string; readOnly?: boolean }[];
  resources: object;
}
interface Pod {
  containers: Container[];
  initContainers: Container[];
  [member: string]: unknown;
}
type Made = Awaited<ReturnType<typeof make>>;
const templateOf = (made: Made) =>
  (made.one("Deployment").inputs["spec"] as { template: { spec: Pod; metadata: Record<string, object> } }).template;
const filesOf = (made: Made) => made.one("ConfigMap").inputs["data"] as Record<string, string>;

describe("TokenVerifier", () => {
  it("is two pods that are nobody in the cluster, no root, and write nowhere but into their own folder", async () => {
    const made = await make();
    const { spec } = templateOf(made);
    assert.equal((made.one("Deployment").inputs["spec"] as { replicas: number }).replicas, 2);
    assert.equal(spec["automountServiceAccountToken"], false);
    assert.deepEqual(spec["securityContext"], {
      ...{ runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000 },
      seccompProfile: { type: "RuntimeDefault" },
    });
    const all = [...spec.initContainers, ...spec.containers];
    assert.deepEqual(
      all.map(({ name, image }) => [name, image]),
      [
        ["prepare", "nginx:1.30-alpine"],
        ["nginx", "nginx:1.30-alpine"],
        ["oauth2-proxy", "quay.io/oauth2-proxy/oauth2-proxy:v7.15.6"],
      ],
    );
    for (const { securityContext, resources } of all) {
      assert.deepEqual(securityContext, {
        ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
        capabilities: { drop: ["ALL"] },
      });
      assert.deepEqual(resources, { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "128Mi" } });
    }
    const mounting = all.filter(({ volumeMounts }) => volumeMounts.some(({ name }) => name === "certificates"));
    assert.deepEqual(
      mounting.map(({ name }) => name),
      ["nginx"],
      "only nginx has the certificate's key",
    );
    made.one("PodDisruptionBudget");
    assert.equal(made.all("NetworkPolicy").length, 0);
  });

  it("trusts the roots of its own for the issuer's keys, and is another version when a text changes", async () => {
    const [plain, own] = [await make(), await make({ issuer: { name: "github", caPem: CERTIFICATE } })];
    assert.match(filesOf(plain)["nginx.conf"] ?? "", /proxy_ssl_trusted_certificate \/etc\/ssl\/certs\/ca-cert/);
    assert.match(filesOf(own)["nginx.conf"] ?? "", /proxy_ssl_trusted_certificate \/etc\/verifier\/issuer-ca.pem;/);
    assert.equal(filesOf(own)["issuer-ca.pem"], CERTIFICATE);
    const marks = (made: Made) => templateOf(made).metadata["annotations"] as Record<string, string>;
    assert.notEqual(marks(plain)["checksum/config"], marks(own)["checksum/config"]);
    assert.equal(marks(plain)["checksum/tls-secret"], "abc");
    assert.match(filesOf(plain)["oauth2-proxy.cfg"] ?? "", /^client_id = "registry\.example\.com"$/m);
  });

  it("lets only the gateways to its port where their addresses are given, and one pod needs no budget", async () => {
    const made = await make({ allowedCidrs: ["192.0.2.1/32"], localTraffic: true, replicas: 1 });
    const { spec } = made.one("NetworkPolicy").inputs as { spec: { ingress: object[]; podSelector: object } };
    assert.deepEqual(spec.ingress, [
      { from: [{ ipBlock: { cidr: "192.0.2.1/32" } }], ports: [{ port: 8443, protocol: "TCP" }] },
    ]);
    assert.equal(made.all("PodDisruptionBudget").length, 0);
    assert.equal(
      (made.one("Service").inputs["spec"] as { externalTrafficPolicy: string }).externalTrafficPolicy,
      "Local",
    );
  });

  it("is prepared by a shell: a secret of its own, the pod's name servers, and IPv6 where the pod has it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "prepare-"));
    const resolv = join(folder, "resolv.conf");
    try {
      const run = async (shell: string[], nameservers: string): Promise<Record<string, string>> => {
        const state = mkdtempSync(join(folder, "state-"));
        writeFileSync(resolv, nameservers);
        const [file = "", ...args] = [
          ...shell,
          "-c",
          PREPARE.replaceAll(POD.state, state).replaceAll("/etc/resolv.conf", resolv),
        ];
        await execa(file, args);
        return Object.fromEntries(readdirSync(state).map((name) => [name, readFileSync(join(state, name), "utf8")]));
      };
      const servers =
        "search a b\nnameserver 10.96.0.10\nnameserver fd00::a\nnameserver fe80::1%eth0\noptions ndots:5\n";
      for (const shell of [["/bin/sh"], ["bash"], ["busybox", "sh"]]) {
        const made = await run(shell, servers);
        assert.equal(made["resolver.conf"], "resolver 10.96.0.10 [fd00::a] valid=30s;\n", shell.join(" "));
        assert.match(made["secret"] ?? "", /^[A-Za-z0-9+/]{32}$/);
        assert.equal((await run(shell, "search a\n"))["resolver.conf"], undefined);
        assert.notEqual((await run(shell, servers))["secret"], made["secret"]);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("has an alert for no pod that is ready, where that is wanted, with its runbook", async () => {
    const made = await make({
      alert: true,
      alertLabels: { release: "p" },
      runbookUrl: "https://git.example.com/main/",
    });
    const { metadata, spec } = made.one("PrometheusRule").inputs as {
      metadata: object;
      spec: { groups: { rules: { expr: string; annotations: Record<string, string> }[] }[] };
    };
    assert.deepEqual(metadata, { name: "token-verifier", namespace: "kube-system", labels: { release: "p" } });
    const [rule] = spec.groups[0]?.rules ?? [];
    const deployment = 'namespace="kube-system",deployment="token-verifier"';
    assert.equal(rule?.expr, `absent(kube_deployment_status_replicas_available{${deployment}} > 0)`);
    assert.match(
      rule.annotations["runbook_url"] ?? "",
      /^https:\/\/git\.example\.com\/main\/docs\/troubleshooting\.md#tokens/,
    );
    assert.equal((await make()).all("PrometheusRule").length, 0);
  });

  it("names what is wrong at once", async () => {
    const wrong = { issuer: { name: "our" }, audience: "", nginx: { image: "no tag here" } };
    await assert.rejects(make(wrong), (error: Error) => {
      for (const path of ["issuer.url", "issuer.keysUrl", "audience", "nginx.image"])
        assert.ok(error.message.includes(`  - ${path} must be `), `${path}: ${error.message}`);
      return true;
    });
    await assert.rejects(make({ issuer: undefined as never }), /issuer must be set, got nothing/);
  });
});
