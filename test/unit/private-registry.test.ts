import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { PrivateRegistry, type PrivateRegistryArgs, UiKind } from "../../components";
import { makeCertificate } from "../support/acme-made";
import { smallest } from "../support/contract";
import { isSecret, type Run, underMocks, valueOf } from "../../rig/pulumi/mocks";

const ui = { host: "ui.example.com" };
const required: PrivateRegistryArgs = { ...smallest, ui, nodeAddresses: ["192.0.2.10", "192.0.2.11"] };

const { leafPem: chain, caPem: clientCa } = makeCertificate(["registry.example.com", "ui.example.com"]);
const issued = {
  chainPem: chain,
  leafPem: chain,
  issuerPem: "",
  notBefore: "2026-11-24T00:00:00.000Z",
  notAfter: "2027-02-22T00:00:00.000Z",
  renewAt: "2027-01-23T00:00:00.000Z",
  renewReason: "",
  serialNumber: "01",
  fingerprintSha256: "00",
  accountUrl: "https://ca.example.com/1",
};
const answer = (type: string, name: string) => {
  if (type.endsWith(":AcmeChain")) return issued;
  if (type.endsWith(":SelfSignedCert")) return name === "main-client-ca" ? { certPem: clientCa } : undefined;
  return type.endsWith(":LocallySignedCert") ? { certPem: chain } : undefined;
};
const registry = (args: Partial<PrivateRegistryArgs> = {}, preview = false): Promise<Run<PrivateRegistry>> =>
  underMocks(() => new PrivateRegistry("main", { ...required, ...args }), { preview, answer });
const environment = (run: Run<unknown>, container: number): Record<string, unknown> => {
  const spec = run.one("apps/v1:Deployment").inputs["spec"] as {
    template: { spec: { containers: { env: { name: string; value: unknown }[] }[] } };
  };
  const env = spec.template.spec.containers[container]?.env ?? [];
  return Object.fromEntries(env.map(({ name, value }) => [name, value]));
};

describe("PrivateRegistry", () => {
  it("makes the parts of the recipe under names that stay", async () => {
    const run = await registry();
    const components = run.resources.filter((each) => !each.custom).map((each) => `${each.type} ${each.name}`);
    assert.deepEqual(components.map((each) => each.replace("private-registry:index:", "")).sort(), [
      "AcmeCertificate main-certificate",
      "AcmeResponder main-responder",
      "NginxGateway main-gateway",
      "PrivateRegistry main",
      "RegistryPod main-pod",
      "RegistryService main-service",
      "ReleaseFiles main-gateway-files",
      "ReleaseFiles main-responder-files",
      "TlsSecret main-tls",
    ]);
  });

  it("says by which roots clients verify a certificate that not every system knows", async () => {
    const { result } = await registry({ certificate: { termsAgreed: true, trustedRootsPem: chain } });
    assert.equal(await valueOf(result.trustedRootsPem), chain);
  });

  it("gives all its outputs, and keeps the docker configs secret", async () => {
    const { result } = await registry();
    assert.equal(await valueOf(result.registryUrl), "https://registry.example.com");
    assert.equal(await valueOf(result.uiUrl), "https://ui.example.com");
    assert.equal(await valueOf(result.certificateChain), chain);
    assert.equal(await valueOf(result.trustedRootsPem), "");
    assert.equal(await valueOf(result.certificateNotAfter), issued.notAfter);
    assert.equal(await valueOf(result.certificateRenewAt), issued.renewAt);
    assert.equal(await valueOf(result.registryNodePort), 30299);
    assert.equal(await valueOf(result.uiNodePort), 30949);
    assert.equal(await valueOf(result.tlsSecretName), "registry-tls-secret");
    assert.equal(await valueOf(result.namespace), "kube-system");
    assert.match(await valueOf(result.gatewayReleaseHash), /^[0-9a-f]+$/);
    assert.ok(await isSecret(result.dockerConfigs));
    assert.deepEqual(JSON.parse((await valueOf(result.dockerConfigs))["ci"] ?? ""), {
      auths: {
        "registry.example.com": {
          username: "ci",
          password: "hunter2",
          auth: Buffer.from("ci:hunter2").toString("base64"),
        },
      },
    });
  });

  it("lets only its gateways into the registry", async () => {
    const run = await registry();
    assert.equal(environment(run, 0)["REGISTRY_HTTP_TLS_CLIENTCAS"], '["/certs/ca.crt"]');
    const data = run.one("Secret", "main-tls").inputs["data"] as Record<string, string>;
    const ca = Buffer.from(data["ca.crt"] ?? "", "base64").toString();
    assert.equal(ca, clientCa, "the one of main-client-ca");
    assert.equal(run.one("SelfSignedCert").name, "main-client-ca");
    assert.deepEqual(run.one("SelfSignedCert").inputs["allowedUses"], ["cert_signing", "crl_signing"]);
    assert.equal(run.one("SelfSignedCert").inputs["isCaCertificate"], true);
    const certificate = run.one("LocallySignedCert");
    assert.equal(certificate.inputs["caCertPem"], ca);
    assert.deepEqual(certificate.inputs["allowedUses"], ["digital_signature", "client_auth"]);
  });

  it("makes no client certificate when none is asked for", async () => {
    const run = await registry({ backend: { requireClientCertificate: false } });
    assert.equal(run.all("LocallySignedCert").length, 0);
    assert.equal(environment(run, 0)["REGISTRY_HTTP_TLS_CLIENTCAS"], undefined);
    const data = run.one("Secret", "main-tls").inputs["data"] as Record<string, string>;
    assert.deepEqual(Object.keys(data), ["domain.crt", "domain.key"]);
  });

  it("orders the certificate after the responder answers, and activates the gateway last", async () => {
    const run = await registry();
    const ordered = run.one("AcmeCertificate").after;
    assert.ok(ordered.includes("main-responder-192-0-2-1"), String(ordered));
    const gateway = run.one("NginxGateway").after;
    for (const first of ["main-pod", "main-service"]) {
      assert.ok(gateway.includes(first), `${first} is not before: ${String(gateway)}`);
    }
  });

  it("uses the account key that it is given, and makes one otherwise", async () => {
    const makes = async (args: Partial<PrivateRegistryArgs>): Promise<boolean> =>
      (await registry(args)).all("PrivateKey").some((each) => each.name === "main-account-key");
    assert.equal(await makes({}), true);
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const accountKeyPem = pulumi.secret(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
    assert.equal(await makes({ certificate: { termsAgreed: true, accountKeyPem } }), false);
  });

  it("shows the UI under its own name, with pull commands for the registry's", async () => {
    const ui = environment(await registry(), 1);
    assert.equal(ui["REGISTRY_URL"], "https://ui.example.com");
    assert.equal(ui["PULL_URL"], "registry.example.com");
  });

  it("has no UI without a name for it", async () => {
    const run = await underMocks(() => new PrivateRegistry("main", smallest), { answer });
    assert.deepEqual(Object.keys(environment(run, 1)), []);
    assert.equal(await valueOf(run.result.uiUrl), "");
    assert.equal(await valueOf(run.result.uiNodePort), 0);
  });

  it("keeps every key and password out of what is not secret", async () => {
    const run = await registry();
    for (const resource of run.resources.filter((each) => each.custom)) {
      const open = Object.entries(resource.inputs).filter(
        ([name]) => !resource.secrets.some((secret) => secret === name || secret.startsWith(`${name}.`)),
      );
      assert.doesNotMatch(JSON.stringify(open), /hunter2|PRIVATE KEY/, `${resource.type} ${resource.name}`);
    }
  });

  it("can be previewed before anything exists", async () => {
    const run = await registry({}, true);
    assert.equal(run.one("Service").inputs["kind"], "Service");
    assert.ok(run.resources.length > 20, `${run.resources.length}`);
  });

  it("lets pods of other namespaces pull, by the default service account when asked for", async () => {
    const pullSecrets = [
      { namespace: "apps", user: "ci", defaultServiceAccount: true },
      { namespace: "jobs", user: "ci", secretName: "images" },
    ];
    const run = await registry({ cluster: { pullSecrets } });
    const secret = run.one("Secret", "main-pull-apps");
    assert.equal(secret.inputs["type"], "kubernetes.io/dockerconfigjson");
    assert.deepEqual(secret.inputs["metadata"], { name: "private-registry", namespace: "apps" });
    assert.ok(secret.secrets.some((each) => each.startsWith("data")));
    const data = secret.inputs["data"] as Record<string, string>;
    assert.match(Buffer.from(data[".dockerconfigjson"] ?? "", "base64").toString(), /registry\.example\.com.*hunter2/);
    assert.deepEqual(run.one("ServiceAccountPatch").inputs["imagePullSecrets"], [{ name: "private-registry" }]);
    assert.deepEqual(run.one("Secret", "main-pull-jobs").inputs["metadata"], { name: "images", namespace: "jobs" });
    const wrong = registry({ cluster: { pullSecrets: [{ namespace: "apps", user: "nobody" }] } });
    await assert.rejects(wrong, /cluster\.pullSecrets\[0\]\.user must be one of ci, got "nobody"/);
  });

  it("limits the ports to the gateways where the UI is a way round the password, and only there", async () => {
    const konradkleine = { ...ui, kind: UiKind.Konradkleine };
    const open = await registry({ ui: konradkleine, backend: { requireClientCertificate: false } });
    const { ingress } = open.one("NetworkPolicy").inputs["spec"] as { ingress: { from: unknown[] }[] };
    assert.deepEqual(ingress[0]?.from, [{ ipBlock: { cidr: "192.0.2.1/32" } }]);
    assert.equal((open.one("Service").inputs["spec"] as Record<string, unknown>)["externalTrafficPolicy"], "Local");
    assert.equal((await registry({ ui: konradkleine })).all("NetworkPolicy").length, 0);
  });

  it("limits the ports to what is said, and asks for it where gateways have host names", async () => {
    const asked = await registry({ cluster: { allowedCidrs: ["10.0.0.0/8"] } });
    assert.match(JSON.stringify(asked.one("NetworkPolicy").inputs), /"cidr":"10\.0\.0\.0\/8"/);
    const [gateway] = required.gateways;
    assert.ok(gateway);
    const open = { ui: { ...ui, kind: UiKind.Konradkleine }, backend: { requireClientCertificate: false } };
    const no = [
      'PrivateRegistry "main": 1 setting is not right',
      "  - cluster.allowedCidrs must be set, since the gateway gw1.example.com has a host name, got nothing; " +
        "give the gateways' addresses as the nodes see them",
    ].join("\n");
    for (const address of ["gw1.example.com", pulumi.output("gw1.example.com")])
      await assert.rejects(
        registry({ ...open, gateways: [{ ...gateway, address, name: "gw1" }] }),
        ({ message }: Error) => message.endsWith(no),
      );
  });

  it("makes the namespace when that is asked for, keeps it, and puts everything into it", async () => {
    const run = await registry({ cluster: { namespace: "images", createNamespace: true } });
    const made = run.one("Namespace");
    assert.deepEqual(made.inputs["metadata"], { name: "images" });
    assert.equal(made.options.retainOnDelete, true);
    for (const [type, name] of [["apps/v1:Deployment"], ["Service"], ["Secret", "main-tls"]] as const) {
      const each = run.one(type, name);
      assert.ok(each.after.includes("main-namespace"), `${each.name} comes after ${each.after.join()}`);
      assert.equal((each.inputs["metadata"] as { namespace: string }).namespace, "images");
    }
  });

  it("makes no namespace otherwise, and never kube-system", async () => {
    assert.equal((await registry()).all("Namespace").length, 0);
    const system = registry({ cluster: { createNamespace: true } });
    await assert.rejects(system, /cluster\.namespace must be a name other than kube-system, got that/);
  });

  it("takes over a TLS secret only where that is said", async () => {
    const secret = async (cluster: object) =>
      (await registry({ cluster })).one("Secret", "main-tls").inputs["metadata"];
    const place = { name: "registry-tls-secret", namespace: "kube-system" };
    const annotations = { "pulumi.com/patchForce": "true" };
    assert.deepEqual(await secret({ adoptTlsSecret: true }), { ...place, annotations });
    assert.deepEqual(await secret({}), place);
  });

  it("passes every setting on to its part", async () => {
    const run = await registry({
      cluster: {
        namespace: "images",
        nodePorts: { registry: 30001, ui: 30002 },
        names: { tlsSecret: "tls", deployment: "reg", service: "svc", appLabel: "reg-app" },
      },
      registry: { port: 5443, image: "registry:3", shutdown: { drainSeconds: 60 } },
      ui: { ...ui, kind: UiKind.Konradkleine, port: 8080 },
    });
    const service = JSON.stringify(run.one("Service").inputs);
    for (const text of ["images", "svc", "reg-app", "5443", "8080", "30001", "30002"]) {
      assert.ok(service.includes(text), `${text} is missing: ${service}`);
    }
    const deployment = JSON.stringify(run.one("apps/v1:Deployment").inputs);
    for (const text of ["images", '"reg"', "reg-app", ":5443", "registry:3", "60s", "konradkleine"]) {
      assert.ok(deployment.includes(text), `${text} is missing: ${deployment}`);
    }
    assert.deepEqual(run.one("Secret", "main-tls").inputs["metadata"], { name: "tls", namespace: "images" });
  });
});
