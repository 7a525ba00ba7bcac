import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { type AcmeCertificateArgs, CertificateIssuer } from "../../components/issuers/args";
import { providedFaults } from "../../components/issuers/provided";
import { AcmeCertificate } from "../../components/acme-certificate";
import { newKeyPem } from "../../rig/acme/inputs";
import { makeCertificate } from "../support/acme-made";
import { isSecret, type MockOptions, type Run, underMocks, UNKNOWN, valueOf } from "../../rig/pulumi/mocks";

const NAMES = ["registry.example.com", "ui.example.com"];
const DAY = 86_400_000;

function made(args: Partial<AcmeCertificateArgs>, options: MockOptions = {}): Promise<Run<AcmeCertificate>> {
  return underMocks(() => new AcmeCertificate("site", { names: NAMES, ...args }), options);
}

describe("a certificate that the user brings", function () {
  this.timeout(20_000);
  const brought = makeCertificate(NAMES);
  const chainPem = brought.leafPem + brought.caPem;
  const provided = { chainPem, keyPem: brought.keyPem };
  const issuer = CertificateIssuer.Provided;

  it("is handed out as it is, with what it says of itself, and makes no resource", async () => {
    const { result, resources } = await made({ issuer, provided });
    assert.deepEqual(
      resources.map(({ type }) => type),
      ["private-registry:index:AcmeCertificate"],
    );
    assert.equal(await valueOf(result.chainPem), chainPem);
    assert.equal(await valueOf(result.leafPem), brought.leafPem);
    assert.equal(await valueOf(result.issuerPem), brought.caPem);
    assert.equal(await valueOf(result.keyPem), brought.keyPem);
    assert.equal(await valueOf(result.accountUrl), "");
    const life = Date.parse(await valueOf(result.notAfter)) - Date.parse(await valueOf(result.notBefore));
    assert.equal(life, 90 * DAY);
    assert.equal(Date.parse(await valueOf(result.renewAt)) - Date.parse(await valueOf(result.notBefore)), 60 * DAY);
  });

  it("keeps its key secret, and not its chain", async () => {
    const { result } = await made({ issuer, provided });
    assert.equal(await isSecret(result.keyPem), true);
    assert.equal(await isSecret(result.chainPem), false);
    assert.equal(await isSecret(result.notAfter), false);
  });

  it("is checked in a preview too", async () => {
    const wrong = { ...provided, keyPem: newKeyPem() };
    await assert.rejects(
      made({ issuer, provided: wrong }, { preview: true }),
      /its first certificate is of another key/,
    );
    const later = pulumi.output(pulumi.unknown as unknown as string);
    const { result } = await made({ issuer, provided: { ...provided, chainPem: later } }, { preview: true });
    assert.equal(await valueOf(result.notAfter), UNKNOWN);
  });

  it("is refused with all that is wrong, and no part of the key", async () => {
    const other = makeCertificate(["other.example.com"]);
    const wrong = { chainPem: other.leafPem + brought.caPem, keyPem: brought.keyPem };
    await assert.rejects(made({ issuer, provided: wrong }), (error: Error) => {
      assert.match(
        error.message,
        /AcmeCertificate "site": the provided certificate can't be used; give the leaf first/,
      );
      assert.match(error.message, /- its first certificate is of another key/);
      assert.match(
        error.message,
        /- it does not cover registry\.example\.com, ui\.example\.com \(it covers other\.example\.com\)/,
      );
      assert.match(error.message, /- its certificate 2 \(CN=Test CA\) did not sign certificate 1/);
      assert.ok(!error.message.includes(brought.keyPem.split("\n")[1] ?? "?"));
      return true;
    });
  });

  it("is refused once it has ended, and before it begins", () => {
    const faults = (now: number): string[] => providedFaults(NAMES, chainPem, brought.keyPem, new Date(now));
    assert.deepEqual(faults(Date.now() + DAY), []);
    assert.match(faults(Date.now() + 100 * DAY).join(), /^it ended at \S+, \d+ hours ago$/);
    assert.match(faults(Date.now() - DAY).join(), /^it is not valid before /);
  });

  it("is refused when a certificate above it has ended", () => {
    const long = makeCertificate(NAMES, { days: 90, caDays: 30 });
    const later = new Date(Date.now() + 40 * DAY);
    const faults = providedFaults(NAMES, long.leafPem + long.caPem, long.keyPem, later);
    assert.match(faults.join(), /^its certificate 2 ended at \S+$/);
  });

  it("is refused out of order, encrypted, or unreadable", () => {
    const faults = (chain: string, key: string): string => providedFaults(NAMES, chain, key, new Date()).join("\n");
    assert.match(
      faults(brought.caPem + brought.leafPem, brought.keyPem),
      /its certificate 2 \(no subject\) did not sign/,
    );
    assert.match(
      faults(chainPem, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA"),
      /its key can't be read; give an unencrypted/,
    );
    const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert.match(faults(broken, brought.keyPem), /its chain can't be read/);
  });

  it("covers what its wildcard covers, and no more", () => {
    const wild = makeCertificate(["*.example.com"]);
    const faults = (name: string): string[] =>
      providedFaults([name], wild.leafPem + wild.caPem, wild.keyPem, new Date());
    assert.deepEqual(faults("registry.example.com"), []);
    assert.deepEqual(faults("*.example.com"), []);
    assert.equal(faults("example.com").length, 1);
    assert.equal(faults("a.b.example.com").length, 1);
  });

  it("must be there if the issuer says so, and must not be if it doesn't", async () => {
    await assert.rejects(
      made({ issuer }),
      /- provided must be set with the issuer provided, got nothing; give chainPem and keyPem/,
    );
    await assert.rejects(
      made({ provided }),
      /- provided must be left out with the issuer acme, got a setting; leave it out/,
    );
    await assert.rejects(
      made({ issuer: "magic" as CertificateIssuer }),
      /- issuer must be one of acme, provided, private-ca/,
    );
  });
});

describe("a certificate of the stack's own CA", function () {
  this.timeout(20_000);
  const issuer = CertificateIssuer.PrivateCa;
  const own = makeCertificate(NAMES);
  const answer = (type: string): Record<string, unknown> | undefined => {
    if (type.endsWith(":SelfSignedCert")) return { certPem: own.caPem };
    if (type.endsWith(":LocallySignedCert")) return { certPem: own.leafPem };
    if (type.endsWith(":PrivateKey")) return { privateKeyPem: own.keyPem, publicKeyPem: "public" };
    return type.endsWith(":CertRequest") ? { certRequestPem: "request" } : undefined;
  };

  it("is signed by a CA that is made for it, with the CA at the end of the chain", async () => {
    const run = await made({ issuer }, { answer });
    assert.deepEqual(run.one("SelfSignedCert", "site-ca").inputs, {
      privateKeyPem: own.keyPem,
      isCaCertificate: true,
      subject: { commonName: "private-registry CA" },
      allowedUses: ["cert_signing", "crl_signing"],
      validityPeriodHours: 87_600,
      earlyRenewalHours: 8760,
      setSubjectKeyId: true,
    });
    const { inputs, secrets } = run.one("LocallySignedCert", "site");
    assert.deepEqual(inputs, {
      certRequestPem: "request",
      caCertPem: own.caPem,
      caPrivateKeyPem: own.keyPem,
      allowedUses: ["digital_signature", "key_encipherment", "server_auth"],
      validityPeriodHours: 2160,
      earlyRenewalHours: 720,
    });
    assert.deepEqual(secrets, ["caPrivateKeyPem"]);
    assert.equal(await valueOf(run.result.chainPem), own.leafPem + own.caPem);
    assert.equal(await valueOf(run.result.issuerPem), own.caPem);
    assert.equal(await isSecret(run.result.keyPem), true);
  });

  it("says when it is renewed: when its last third begins", async () => {
    const { result } = await made({ issuer, privateCa: { validityDays: 90 } }, { answer });
    const left = Date.parse(await valueOf(result.notAfter)) - Date.parse(await valueOf(result.renewAt));
    assert.equal(left, 30 * DAY);
  });

  it("is known in a preview but for what the plugin computes", async () => {
    const { result } = await made({ issuer }, { preview: true });
    assert.equal(await valueOf(result.chainPem), UNKNOWN);
  });

  it("refuses lifetimes out of range", async () => {
    const privateCa = { validityDays: 826, caValidityDays: 29, commonName: "" };
    await assert.rejects(made({ issuer, privateCa }), (error: Error) => {
      assert.match(error.message, /privateCa\.validityDays must be 1-825, got 826; leave it out to use 90/);
      assert.match(error.message, /privateCa\.caValidityDays must be 30-36500, got 29; leave it out to use 3650/);
      assert.match(error.message, /privateCa\.commonName must be /);
      return true;
    });
  });
});
