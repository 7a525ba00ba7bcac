import assert from "node:assert/strict";
import { createHash, createPublicKey, X509Certificate } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { chainFacts, chainFaults, dnsNames, renewalId, topIssuer } from "../../components/chain/chain";
import { type ChainOutputs, partsOf } from "../../components/chain/issued";
import { makeCertificate } from "../support/acme-made";
import { valueOf } from "../../rig/pulumi/mocks";

/** The certificate of RFC 9773, appendix A. */
const RFC_9773 = `-----BEGIN CERTIFICATE-----
MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt
cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS
BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu
7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf
qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B
yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb
+FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK
-----END CERTIFICATE-----
`;
/** One of version 1, which has no extensions. */
const VERSION_1 = `-----BEGIN CERTIFICATE-----
MIIBAjCBqAIBBTAKBggqhkjOPQQDAjAMMQowCAYDVQQDDAFhMCAXDTI2MTEyOTA3
NDAwMVoYDzIxMjYxMTA1MDc0MDAxWjAMMQowCAYDVQQDDAFhMFkwEwYHKoZIzj0C
AQYIKoZIzj0DAQcDQgAEksjJb3g9VkDPtduBmDyKJnNKPl8cmFy/jDmxLVtpA9k8
m3QbzjZbO2/WSVW/xd1zmdfF6dGUeLtrZSEY8HBARTAKBggqhkjOPQQDAgNJADBG
AiEA68mRST1x8V6KVlYjXqM5x6UDjKIZOqfAwY+VtXDQTscCIQCb4Ztde62j0lKc
6QJRV6qs7J6YC/jigdOn3bh62s27MA==
-----END CERTIFICATE-----
`;
const LONG = `/O=${"A".repeat(30)}  ${"B".repeat(30)}/OU=${"C".repeat(60)}/CN=Long CA`;

describe("a certificate chain", () => {
  const made = makeCertificate(["A.example.com", "*.b.example.com"]);
  const sameName = makeCertificate(["a.example.com"]);
  const otherName = makeCertificate(["a.example.com"], { caSubject: LONG });
  const publicKeyPem = createPublicKey(made.keyPem).export({ type: "spki", format: "pem" }) as string;
  const faults = (pem: string, names = ["a.example.com"]): string[] => chainFaults(pem, { publicKeyPem, names });

  it("says what it is, whatever stands between its certificates", () => {
    const { leafPem, caPem } = made;
    const leaf = new X509Certificate(leafPem);
    const time = (text: string): string => new Date(text).toISOString().replace(".000", "");
    const text = `leaf\r\n${leafPem.replaceAll("\n", "\r\n")}issuer\n${caPem}\n${otherName.caPem}`;
    assert.deepEqual(chainFacts(text), {
      chainPem: leafPem + caPem + otherName.caPem,
      leafPem,
      issuerPem: caPem + otherName.caPem,
      notBefore: time(leaf.validFrom),
      notAfter: time(leaf.validTo),
      serialNumber: BigInt(`0x${leaf.serialNumber}`).toString(16).padStart(leaf.serialNumber.length, "0"),
      fingerprintSha256: createHash("sha256").update(leaf.raw).digest("hex"),
    });
    assert.equal(chainFacts(leafPem).issuerPem, "");
    assert.throws(() => chainFacts("no certificate"), { message: "it holds no PEM certificate" });
  });

  it("names the issuer at its top", () => {
    const noName = makeCertificate(["a.example.com"], { caSubject: "/O=Without CN=x" });
    const tops = [made.leafPem + made.caPem, otherName.leafPem, made.caPem + otherName.leafPem, noName.leafPem, "none"];
    assert.deepEqual(tops.map(topIssuer), ["Test CA", "Long CA", "Long CA", "", ""]);
  });

  it("without a fault is of the key, for the names and signed by what follows", () => {
    const { leafPem, caPem } = made;
    assert.deepEqual(faults(leafPem, ["a.EXAMPLE.com", "registry.b.example.com", "*.b.example.com"]), []);
    assert.deepEqual(faults(leafPem + caPem + caPem), []);
    assert.deepEqual(dnsNames(new X509Certificate(leafPem)), ["a.example.com", "*.b.example.com"]);
    assert.deepEqual(dnsNames(new X509Certificate(caPem)), []);
  });

  it("has each of its faults told", () => {
    assert.deepEqual(faults(""), ["it holds no PEM certificate"]);
    assert.deepEqual(faults(sameName.leafPem, ["c.example.com", "x.y.b.example.com"]), [
      "its first certificate is of another key",
      "it does not cover c.example.com, x.y.b.example.com (it covers a.example.com)",
    ]);
    assert.deepEqual(faults(made.leafPem, ["b.example.com"]), [
      "it does not cover b.example.com (it covers a.example.com, *.b.example.com)",
    ]);
    const noId = makeCertificate(["a.example.com"], { extension: "authorityKeyIdentifier=none" });
    const own = createPublicKey(noId.keyPem).export({ type: "spki", format: "pem" }) as string;
    for (const { leafPem, publicKey } of [
      { ...made, publicKey: publicKeyPem },
      { ...noId, publicKey: own },
    ]) {
      assert.deepEqual(
        chainFaults(leafPem + sameName.caPem, { publicKeyPem: publicKey, names: ["a.example.com"] }),
        ["its certificate 2 (CN=Test CA) did not sign certificate 1"],
        "one of the same name, too",
      );
    }
    const subject = `O=${"A".repeat(30)} ${"B".repeat(30)} OU=${"C".repeat(60)}`.slice(0, 120);
    assert.deepEqual(faults(made.leafPem + made.caPem + otherName.caPem), [
      `its certificate 3 (${subject}) did not sign certificate 2`,
    ]);
    assert.deepEqual(faults(made.leafPem + sameName.leafPem), [
      "its certificate 2 (no subject) did not sign certificate 1",
    ]);
  });

  it("has the id of RFC 9773's own example, and none without an authority key identifier", () => {
    assert.equal(renewalId(RFC_9773), "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
    const other = new X509Certificate(RFC_9773).raw.toString("hex").replace("0603551d23", "0603551d24");
    const pem = `-----BEGIN CERTIFICATE-----\n${Buffer.from(other, "hex").toString("base64")}\n-----END CERTIFICATE-----`;
    assert.deepEqual([renewalId(pem), renewalId(VERSION_1)], [undefined, undefined]);
    const identified = (extension: string): string | undefined => {
      const { leafPem, caPem } = makeCertificate(["a.example.com"], {
        extension: `authorityKeyIdentifier=${extension}`,
      });
      const [id, serial] = (renewalId(leafPem) ?? "").split(".");
      if (id === "") return undefined;
      assert.equal(
        Buffer.from(serial ?? "", "base64url")
          .toString("hex")
          .replace(/^00/, ""),
        chainFacts(leafPem).serialNumber,
      );
      return new X509Certificate(caPem).raw.includes(Buffer.from(id ?? "", "base64url")) ? "the CA's" : "another";
    };
    assert.deepEqual(["keyid", "critical,keyid", "issuer:always"].map(identified), ["the CA's", "the CA's", undefined]);
  });

  it("is handed on in parts, each the output's own", async () => {
    const known = { ...chainFacts(made.leafPem + made.caPem), renewAt: "then", renewReason: "why", accountUrl: "url" };
    const parts = partsOf(pulumi.output<ChainOutputs>(known));
    const values = await Promise.all(Object.entries(parts).map(async ([name, part]) => [name, await valueOf(part)]));
    assert.deepEqual(Object.fromEntries(values), known);
  });
});
