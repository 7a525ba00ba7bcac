import assert from "node:assert/strict";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { BackendCertificateSource, PrivateRegistry, type PrivateRegistryArgs } from "../../components";
import { makeCertificate } from "../support/acme-made";
import { smallest } from "../support/contract";
import { fileOf } from "../../rig/gateway/fixture";
import { type Run, underMocks } from "../../rig/pulumi/mocks";

const [chainPem = "", renewed = ""] = ["PUBLIC", "RENEWED"].map((name) => makeCertificate([name]).leafPem);
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const privateKeyPem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const certificates = new Map<string, string>();
/** Each of the stack's certificates has the name of its resource in it, and is the same in every run. */
const answer = (type: string, name: string): Record<string, unknown> | undefined => {
  if (type.endsWith(":AcmeChain")) return { chainPem, issuerPem: "" };
  if (!type.endsWith("SignedCert")) return undefined;
  const certPem = certificates.get(name) ?? makeCertificate([name]).leafPem;
  certificates.set(name, certPem);
  return { certPem };
};

const registry = (args: Partial<PrivateRegistryArgs> = {}, outputs = answer): Promise<Run<PrivateRegistry>> =>
  underMocks(() => new PrivateRegistry("main", { ...smallest, access: { bcryptCost: 4 }, ...args }), {
    answer: outputs,
  });

/** What the cluster's secret holds. */
function secretFile(run: Run<unknown>, file: string): string {
  const data = run.one("Secret", "main-tls").inputs["data"] as Record<string, string>;
  return Buffer.from(data[file] ?? "", "base64").toString();
}

/** A file of the gateway's release. */
function gatewayFile(run: Run<unknown>, file: string): string {
  return fileOf(run.one("Command", "main-gateway-192-0-2-1").inputs["stdin"], file);
}

/** Names of the certificates in a text, by what is written in them. */
const namesIn = (text: string): string[] =>
  (text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((pem) =>
    (new X509Certificate(pem).subjectAltName ?? "").replace("DNS:", ""),
  );
const names = (run: Run<unknown>): string[] =>
  ["PrivateKey", "SelfSignedCert", "CertRequest", "LocallySignedCert"]
    .flatMap((type) => run.all(type).map(({ name }) => name))
    .filter((name) => /client|registry/.test(name))
    .sort();

describe("the certificates between gateways and registry", () => {
  it("have the names that they always had", async () => {
    assert.deepEqual(names(await registry()), [
      "main-client-ca",
      "main-client-ca-key",
      "main-client-certificate",
      "main-client-key",
      "main-client-request",
    ]);
  });

  it("of another generation are others, and the former client CA stays trusted once", async () => {
    const [zero, one, two] = [
      await registry(),
      await registry({ backend: { generation: "1" } }),
      await registry({ backend: { generation: "2" } }),
    ];
    assert.deepEqual(namesIn(secretFile(zero, "ca.crt")), ["main-client-ca"]);
    assert.deepEqual(namesIn(secretFile(one, "ca.crt")), ["main-client-ca-1", "main-client-ca"]);
    assert.deepEqual(namesIn(secretFile(two, "ca.crt")), ["main-client-ca-2", "main-client-ca-1"]);
    assert.deepEqual(namesIn(gatewayFile(zero, "client.pem")), ["main-client-certificate"]);
    assert.deepEqual(namesIn(gatewayFile(two, "client.pem")), ["main-client-certificate-2"]);
    assert.ok(!names(two).includes("main-client-ca"));
  });

  it("are for the registry, too, if its certificate is to be the stack's own; the gateways trust the next one beforehand", async () => {
    const run = await registry({
      backend: { certificate: BackendCertificateSource.PrivateCa, generation: "1" },
      certificate: { termsAgreed: true, trustedRootsPem: chainPem },
    });
    assert.deepEqual(namesIn(secretFile(run, "domain.crt")), ["main-registry-certificate-1"]);
    assert.deepEqual(namesIn(gatewayFile(run, "upstream-ca.pem")), ["main-registry-ca-1", "main-registry-ca-2"]);
    assert.equal(gatewayFile(run, "chain.pem"), chainPem);
    const { inputs } = run.one("CertRequest", "main-registry-request-1");
    assert.deepEqual(inputs["dnsNames"], ["registry.example.com"]);
    const certificate = run.one("LocallySignedCert", "main-registry-certificate-1").inputs;
    assert.deepEqual(certificate["allowedUses"], ["digital_signature", "server_auth"]);
    assert.match(gatewayFile(run, "site.conf"), /proxy_ssl_verify on;\n +proxy_ssl_verify_depth 5;/);
  });

  it("leave the pod as it is when the public certificate is renewed", async () => {
    const podOf = async (pem: string, certificate: BackendCertificateSource) => {
      const run = await registry({ backend: { certificate } }, (type, name) => {
        if (type.endsWith(":AcmeChain")) return { chainPem: pem, issuerPem: "" };
        return type.endsWith("PrivateKey") ? { privateKeyPem } : answer(type, name);
      });
      return JSON.stringify([run.one("apps/v1:Deployment").inputs, run.one("Secret", "main-tls").inputs]);
    };
    const { PrivateCa, Public } = BackendCertificateSource;
    assert.equal(await podOf(renewed, PrivateCa), await podOf(chainPem, PrivateCa));
    assert.notEqual(await podOf(renewed, Public), await podOf(chainPem, Public));
  });

  it("have a generation that is a number in a range", async () => {
    for (const generation of ["-1", "1001", "01", "1.5", ""]) {
      const no = new RegExp(`backend\\.generation must be a whole number from 0 to 1000, .*, got "${generation}"; `);
      await assert.rejects(registry({ backend: { generation } }), no);
    }
    const number = registry({ backend: { generation: 1 as unknown as string } });
    await assert.rejects(number, /backend\.generation must be a text, got 1; write it in quotes/);
  });
});
