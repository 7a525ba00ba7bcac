import assert from "node:assert/strict";
import type { Output } from "@pulumi/pulumi";
import { isSecret } from "../../rig/pulumi/mocks";
import { complaint, read } from "../support/stack-config";

describe("the certificate's keys of the stack's config", () => {
  it("takes a certificate from elsewhere, without a CA's terms", async () => {
    const providedChain = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    const providedKey = "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n";
    const provided = { certificateIssuer: "provided", acmeTermsAgreed: "false", providedChain, providedKey };
    const { certificate } = read(provided).registry;
    assert.equal(certificate.provided?.chainPem, providedChain);
    assert.ok(await isSecret(certificate.provided.keyPem as Output<string>));
    assert.match(complaint({ ...provided, providedKey: "" }), /providedKey must be set for the issuer provided/);
    const own = read({
      certificateIssuer: "private-ca",
      acmeTermsAgreed: "false",
      certificateKeyType: "rsa-2048",
      privateCa: '{"validityDays":30}',
    });
    assert.deepEqual(own.registry.certificate, {
      issuer: "private-ca",
      keyType: "rsa-2048",
      privateCa: { validityDays: 30 },
    });
  });

  it("takes the life of a certificate from its keys", () => {
    const { certificate } = read({ certificateKeyGeneration: "2027-01", acmeRevocation: "superseded" }).registry;
    assert.deepEqual([certificate.keyGeneration, certificate.revocation], ["2027-01", "superseded"]);
    assert.match(complaint({ certificateKeyGeneration: "-" }), /certificateKeyGeneration must be 1-63 letters/);
    assert.match(complaint({ acmeRevocation: "always" }), /acmeRevocation must be one of never, unspecified, /);
  });

  it("keeps the key of dynamic updates secret", async () => {
    const dynamicUpdate = { server: "ns.example.com", keyName: "acme", keySecret: "hunter2" };
    const { certificate } = read({ acmeDns01: JSON.stringify({ dynamicUpdate }) }).registry;
    assert.ok(await isSecret(certificate.dns01?.dynamicUpdate?.keySecret as Output<string>));
  });
});
