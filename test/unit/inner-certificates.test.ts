import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { PrivateRegistry, type PrivateRegistryArgs, RegistryCertificateSource } from "../../components";
import { smallest } from "../support/contract";
import { fileOf } from "../../rig/gateway/fixture";
import { type Run, underMocks } from "../../rig/pulumi/mocks";

const chainPem = "-----BEGIN CERTIFICATE-----\nPUBLIC\n-----END CERTIFICATE-----\n";
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const privateKeyPem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const answer = (type: string): Record<string, unknown> | undefined =>
  type.endsWith(":AcmeChain") ? { chainPem, issuerPem: "" } : undefined;

const registry = (args: Partial<PrivateRegistryArgs> = {}, outputs = answer): Promise<Run<PrivateRegistry>> =>
  underMocks(() => new PrivateRegistry("main", { ...smallest, gateway: { bcryptCost: 4 }, ...args }), {
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

/** Names of the stack's certificates in a text, by what the mocks write into them. */
const namesIn = (text: string): string[] =>
  [...text.matchAll(/main-[a-z]+-(?:ca|certificate)(?:-\d+)?(?![-\w])/g)].map(([name]) => name);
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
      await registry({ mutualTlsGeneration: 1 }),
      await registry({ mutualTlsGeneration: 2 }),
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
      registryCertificate: RegistryCertificateSource.PrivateCa,
      trustedRootsPem: chainPem,
      mutualTlsGeneration: 1,
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
    const podOf = async (pem: string, registryCertificate: RegistryCertificateSource) => {
      const run = await registry({ registryCertificate }, (type) =>
        type.endsWith(":AcmeChain")
          ? { chainPem: pem, issuerPem: "" }
          : type.endsWith("PrivateKey")
            ? { privateKeyPem }
            : undefined,
      );
      return JSON.stringify([run.one("apps/v1:Deployment").inputs, run.one("Secret", "main-tls").inputs]);
    };
    const renewed = chainPem.replace("PUBLIC", "RENEWED");
    const { PrivateCa, Public } = RegistryCertificateSource;
    assert.equal(await podOf(renewed, PrivateCa), await podOf(chainPem, PrivateCa));
    assert.notEqual(await podOf(renewed, Public), await podOf(chainPem, Public));
  });

  it("have a generation that is a number in a range", async () => {
    await assert.rejects(registry({ mutualTlsGeneration: -1 }), /mutualTlsGeneration must be 0-1000, got -1/);
  });
});
