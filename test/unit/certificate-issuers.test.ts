import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { CertificateIssuer, PrivateRegistry, type PrivateRegistryArgs, UserRole } from "../../components";
import { fileOf } from "../../rig/gateway/fixture";
import { makeCertificate } from "../support/acme-made";
import { HOST_KEY, newPrivateKey } from "../support/ssh-made";
import { type Run, underMocks, valueOf } from "../../rig/pulumi/mocks";

const NAMES = ["registry.example.com", "ui.example.com"];
const own = makeCertificate(NAMES);

const REQUIRED: PrivateRegistryArgs = {
  registryHost: "registry.example.com",
  ui: { host: "ui.example.com" },
  nodeAddresses: ["192.0.2.10"],
  gateways: [{ address: "192.0.2.1", hostKey: HOST_KEY }],
  ssh: { privateKey: pulumi.secret(newPrivateKey()) },
  users: [{ name: "ci", role: UserRole.Push, password: pulumi.secret("hunter2") }],
  certificate: { termsAgreed: true },
  storage: { hostPath: { nodeName: "node-1" } },
};

function answer(type: string): Record<string, unknown> | undefined {
  if (type.endsWith(":SelfSignedCert")) return { certPem: own.caPem };
  if (type.endsWith(":LocallySignedCert")) return { certPem: own.leafPem };
  return type.endsWith(":AcmeChain") ? { chainPem: own.leafPem + own.caPem } : undefined;
}

function registry(
  certificate: PrivateRegistryArgs["certificate"],
  more: Partial<PrivateRegistryArgs> = {},
): Promise<Run<PrivateRegistry>> {
  return underMocks(() => new PrivateRegistry("main", { ...REQUIRED, certificate, ...more }), { answer });
}

function portEighty(run: Run<unknown>): string {
  return fileOf(run.one("Command", "main-responder-192-0-2-1").inputs["stdin"], "site.conf");
}

function assertRedirects(run: Run<unknown>): void {
  assert.match(portEighty(run), /server_name registry\.example\.com ui\.example\.com;[^]*return 301 https:/);
  assert.doesNotMatch(portEighty(run), /acme-challenge/);
}

describe("the rest of the stack can't tell who issued the certificate", function () {
  this.timeout(20_000);

  it("with a certificate that is brought: no account, and port 80 only redirects", async () => {
    const provided = { chainPem: own.leafPem + own.caPem, keyPem: pulumi.secret(own.keyPem) };
    const run = await registry({ issuer: CertificateIssuer.Provided, provided });
    assert.equal(await valueOf(run.result.certificateChain), own.leafPem + own.caPem);
    assert.deepEqual(run.all("AcmeChain"), []);
    assertRedirects(run);
    assert.ok(!run.resources.some(({ name }) => name.endsWith("account-key")));
  });

  it("with the stack's own CA: the gateways know its root", async () => {
    const run = await registry({ issuer: CertificateIssuer.PrivateCa });
    assert.equal(await valueOf(run.result.certificateChain), own.leafPem + own.caPem);
    assertRedirects(run);
    assert.deepEqual(run.one("SelfSignedCert", "main-certificate-ca").inputs["subject"], {
      commonName: "private-registry CA",
    });
  });

  it("with DNS-01: the same account key, and port 80 only redirects", async () => {
    const run = await registry({ termsAgreed: true, dns01: { hook: { command: ["/usr/local/bin/hook"] } } });
    assertRedirects(run);
    assert.ok(run.one("PrivateKey", "main-account-key"));
    assert.ok(run.one("AcmeChain", "main-certificate"));
  });

  it("with HTTP-01: the responder is there before the order", async () => {
    const run = await registry({ termsAgreed: true });
    assert.equal(run.all("AcmeResponder").length, 1);
    assert.match(portEighty(run), /acme-challenge/);
  });

  it("with nothing on port 80 if that is wished, but not with HTTP-01, for which the CA comes there", async () => {
    const run = await registry({ issuer: CertificateIssuer.PrivateCa }, { nginx: { redirectHttp: false } });
    assert.deepEqual(run.all("AcmeResponder"), []);
    await assert.rejects(
      registry({ termsAgreed: true }, { nginx: { redirectHttp: false } }),
      /- nginx\.redirectHttp must be true with HTTP-01, for which the CA comes to port 80, got false; leave it out/,
    );
  });
});
