import * as assert from "node:assert/strict";
import { createHash, createPublicKey, X509Certificate } from "node:crypto";
import { certificateFacts, keyFacts, markOf } from "../../components/hosts/public-facts";
import { certificates, REGISTRY, UI } from "../../rig/gateway/fixture";
import { makeCertificate } from "../support/acme-made";

describe("what is public", () => {
  it("of a chain is told in lines, each certificate by itself", () => {
    const { server, ca } = certificates();
    const lines = (pem: string): string[] => {
      const { serialNumber, validFrom, validTo, fingerprint256 } = new X509Certificate(pem);
      return [
        `serial: ${serialNumber.toLowerCase()}`,
        `valid: ${validFrom} to ${validTo}`,
        `SHA-256: ${fingerprint256}`,
        "",
      ];
    };
    assert.deepEqual(certificateFacts(`a text before\n${server.cert}${ca.cert}`).split("\n"), [
      ...[`subject: CN=${REGISTRY}`, `names: DNS:${REGISTRY}, DNS:${UI}`, "issuer: CN=tests", ...lines(server.cert)],
      ...["subject: CN=tests", "issuer: CN=tests", ...lines(ca.cert)],
    ]);
    assert.equal(certificateFacts("no certificate at all"), "");
  });

  it("of a certificate without a subject is the rest of it, and of one that can't be read the sum of its text", () => {
    const { leafPem } = makeCertificate([REGISTRY], { caSubject: "/O=Tests/CN=Test CA" });
    assert.match(
      certificateFacts(leafPem),
      /^names: DNS:registry\.example\.com\nissuer: O=Tests, CN=Test CA\nserial: /,
    );
    const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
    const sum = createHash("sha256").update(broken).digest("hex");
    assert.equal(certificateFacts(`${broken}\n`), `not readable as a certificate; SHA-256 of its text: ${sum}\n`);
  });

  it("of a key is its public half, and nothing of one that can't be read", () => {
    const { key } = certificates().server;
    const half = createPublicKey(key).export({ type: "spki", format: "der" });
    const sum = createHash("sha256").update(half).digest("hex");
    assert.equal(keyFacts(key), `[secret]: a key (ec); SHA-256 of its public half: ${sum}\n`);
    assert.equal(keyFacts("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n"), "[secret]\n");
  });

  it("of a secret is a mark that says nothing without the key, and not the same for another purpose", () => {
    const mark = markOf("hunter2", "key", "alice");
    assert.match(mark, /^[0-9a-f]{12}$/);
    const others = [
      markOf("hunter3", "key", "alice"),
      markOf("hunter2", "yek", "alice"),
      markOf("hunter2", "key", "bob"),
    ];
    assert.equal(new Set([mark, ...others]).size, 4);
    assert.equal(markOf("hunter2", "key", "alice"), mark);
  });
});
