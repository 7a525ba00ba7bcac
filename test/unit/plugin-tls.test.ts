import assert from "node:assert/strict";
import { createHash, createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { utils } from "ssh2";
import { ChangeKind, Doing, ResourceType } from "../../lab/plugins/protocol/resource";
import { hasSecret, Properties, reveal, Secret, Unknown } from "../../lab/plugins/protocol/values";
import { certRequest, locallySignedCert, selfSignedCert } from "../../lab/plugins/tls/certificates";
import { getPublicKey, privateKey } from "../../lab/plugins/tls/private-key";

const messages: string[] = [];
const log = {
  status: () => undefined,
  warning: (text: string) => void messages.push(text),
  error: (text: string) => void messages.push(text),
};
const doing: Doing = { name: "main", log, cancelled: new AbortController().signal, preview: false };

async function make(
  type: ResourceType,
  given: Properties,
): Promise<{ id: string; state: Properties; plain: Record<string, string> }> {
  const { inputs, failures } = type.check(given, doing);
  assert.deepEqual(failures, []);
  const { id, state } = await type.create(inputs, doing);
  return { id, state, plain: reveal(state) as Record<string, string> };
}

const caInputs = (privateKeyPem: string): Properties => ({
  privateKeyPem,
  subject: { commonName: "Test CA", organization: "Überall & Söhne" },
  validityPeriodHours: 48,
  isCaCertificate: true,
  allowedUses: ["cert_signing", "crl_signing"],
});

describe("plugin tls: private keys", () => {
  const cases = [
    [{ algorithm: "RSA" }, "RSA PRIVATE KEY", "rsa"],
    [{ algorithm: "ECDSA", ecdsaCurve: "P256" }, "EC PRIVATE KEY", "ec"],
    [{ algorithm: "ECDSA", ecdsaCurve: "P384" }, "EC PRIVATE KEY", "ec"],
    [{ algorithm: "ECDSA", ecdsaCurve: "P521" }, "EC PRIVATE KEY", "ec"],
    [{ algorithm: "ED25519" }, "PRIVATE KEY", "ed25519"],
  ] as const;

  for (const [inputs, label, type] of cases) {
    it(`of ${JSON.stringify(inputs)} are one key in every form, and SSH reads it`, async () => {
      const { id, state, plain } = await make(privateKey, { ...inputs });
      assert.match(plain["privateKeyPem"] ?? "", new RegExp(`^-----BEGIN ${label}-----\n`));
      const key = createPrivateKey(plain["privateKeyPem"] ?? "");
      assert.equal(key.asymmetricKeyType, type);
      assert.ok(key.equals(createPrivateKey(plain["privateKeyPemPkcs8"] ?? "")));
      assert.ok(createPublicKey(key).equals(createPublicKey(plain["publicKeyPem"] ?? "")));
      const parsed = utils.parseKey(plain["privateKeyOpenssh"] ?? "");
      assert.ok(!(parsed instanceof Error));
      const ssh = parsed.getPublicSSH();
      assert.equal(plain["publicKeyOpenssh"], `${parsed.type} ${ssh.toString("base64")}\n`);
      const sha256 = createHash("sha256").update(ssh).digest("base64").replace(/=+$/, "");
      assert.equal(plain["publicKeyFingerprintSha256"], `SHA256:${sha256}`);
      assert.match(plain["publicKeyFingerprintMd5"] ?? "", /^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
      assert.match(id, /^[0-9a-f]{40}$/);
      const secrets = Object.keys(state).filter((name) => hasSecret(state[name]));
      assert.deepEqual(secrets.sort(), ["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"]);
      assert.equal(getPublicKey(plain["privateKeyPem"] ?? "")["id"], id);
    });
  }

  it("on the default curve P224 have no SSH form", async () => {
    const { plain } = await make(privateKey, { algorithm: "ECDSA" });
    assert.deepEqual([plain["ecdsaCurve"], plain["rsaBits"]], ["P224", 2048]);
    assert.deepEqual(
      [plain["privateKeyOpenssh"], plain["publicKeyOpenssh"], plain["publicKeyFingerprintMd5"]],
      ["", "", ""],
    );
  });

  it("are made anew for any change", async () => {
    const { state } = await make(privateKey, { algorithm: "ED25519" });
    assert.deepEqual(privateKey.diff(state, undefined, { algorithm: "ED25519" }), {});
    assert.deepEqual(privateKey.diff(state, undefined, { algorithm: "ECDSA", ecdsaCurve: "P256" }), {
      algorithm: ChangeKind.UpdateReplace,
      ecdsaCurve: ChangeKind.UpdateReplace,
    });
  });

  it("are refused for an unknown algorithm or curve, in the real plugin's words", () => {
    const { failures } = privateKey.check({ algorithm: "DSA" }, doing);
    assert.deepEqual(
      failures.map(({ reason }) => reason),
      [
        'Invalid Attribute Value Match. Attribute algorithm value must be one of: ["RSA" "ECDSA" "ED25519"], got: "DSA". ' +
          "Examine values at 'main.algorithm'.",
      ],
    );
  });

  it("show their inputs and defaults in a preview, the rest unknown and secret where it will be", async () => {
    const { id, state } = await privateKey.create({ algorithm: "RSA" }, { ...doing, preview: true });
    assert.equal(id, "");
    assert.deepEqual([state["rsaBits"], state["publicKeyPem"]], [2048, Unknown.value]);
    assert.deepEqual(state["privateKeyPem"], new Secret(Unknown.value));
  });
});

describe("plugin tls: certificates", () => {
  let ca: { id: string; state: Properties; plain: Record<string, string> };
  let leafInputs: Properties;

  before(async () => {
    const caKey = await make(privateKey, { algorithm: "ECDSA", ecdsaCurve: "P256" });
    ca = await make(selfSignedCert, caInputs(caKey.plain["privateKeyPem"] ?? ""));
    const key = await make(privateKey, { algorithm: "RSA" });
    const request = await make(certRequest, {
      privateKeyPem: key.plain["privateKeyPem"] ?? "",
      subject: { commonName: "a.test", emailAddress: "a@a.test" },
      dnsNames: ["a.test", "*.b.test"],
      ipAddresses: ["10.0.0.1", "fd00::1"],
      uris: ["spiffe://a"],
    });
    leafInputs = {
      caCertPem: ca.plain["certPem"] ?? "",
      caPrivateKeyPem: caKey.plain["privateKeyPem"] ?? "",
      certRequestPem: request.plain["certRequestPem"] ?? "",
      validityPeriodHours: 24,
      allowedUses: ["digital_signature", "client_auth"],
    };
  });

  it("that are self-signed verify with their own key and say that they are a CA", () => {
    const certificate = new X509Certificate(ca.plain["certPem"] ?? "");
    assert.ok(certificate.ca);
    assert.ok(certificate.verify(certificate.publicKey));
    assert.match(certificate.subject, /CN=Test CA/);
    assert.equal(ca.id, BigInt(`0x${certificate.serialNumber}`).toString());
    assert.deepEqual([ca.plain["keyAlgorithm"], ca.plain["readyForRenewal"]], ["ECDSA", false]);
    assert.ok(ca.state["privateKeyPem"] instanceof Secret);
    const seconds = (time: string | undefined): number => Math.floor(Date.parse(time ?? "") / 1000);
    assert.equal(seconds(ca.plain["validityStartTime"]), seconds(certificate.validFrom));
    assert.equal(seconds(ca.plain["validityEndTime"]) - seconds(ca.plain["validityStartTime"]), 48 * 3600);
  });

  it("that a CA signs have its name, and the names and the key of the request", async () => {
    const leaf = new X509Certificate((await make(locallySignedCert, leafInputs)).plain["certPem"] ?? "");
    const authority = new X509Certificate(ca.plain["certPem"] ?? "");
    assert.ok(leaf.checkIssued(authority));
    assert.ok(leaf.verify(authority.publicKey));
    assert.equal(leaf.ca, false);
    assert.equal(leaf.subject, "CN=a.test");
    assert.deepEqual(leaf.subjectAltName?.split(", "), [
      "DNS:a.test",
      "DNS:*.b.test",
      "IP Address:10.0.0.1",
      "IP Address:FD00:0:0:0:0:0:0:1",
      "URI:spiffe://a",
    ]);
    assert.deepEqual(leaf.keyUsage, ["1.3.6.1.5.5.7.3.2"]);
  });

  it("are made anew when the request, the CA or a use changes, also if a preview doesn't know to what", async () => {
    const { state } = await make(locallySignedCert, leafInputs);
    assert.deepEqual(locallySignedCert.diff(state, undefined, leafInputs), {});
    const now = { ...leafInputs, caCertPem: Unknown.value, allowedUses: ["server_auth"] };
    assert.deepEqual(locallySignedCert.diff(state, undefined, now), {
      caCertPem: ChangeKind.UpdateReplace,
      allowedUses: ChangeKind.UpdateReplace,
    });
  });

  it("are updated in place when only the early renewal changes, and made anew once it is due", async () => {
    const { state } = await make(locallySignedCert, leafInputs);
    const sooner = { ...leafInputs, earlyRenewalHours: 23 };
    assert.deepEqual(locallySignedCert.diff(state, undefined, sooner), { earlyRenewalHours: ChangeKind.Update });
    const updated = await locallySignedCert.update(state, sooner, doing);
    assert.equal(updated["certPem"], state["certPem"]);
    assert.ok(updated["caPrivateKeyPem"] instanceof Secret);

    const twoHoursLater = { ...updated, validityEndTime: new Date(Date.now() + 22 * 3600_000).toISOString() };
    assert.deepEqual(locallySignedCert.diff(twoHoursLater, undefined, sooner), {
      readyForRenewal: ChangeKind.UpdateReplace,
    });
    assert.equal(locallySignedCert.read?.(twoHoursLater)["readyForRenewal"], true);
    assert.equal(locallySignedCert.read?.(updated)["readyForRenewal"], false);
  });

  it("fail with the real plugin's words and without the key", async () => {
    messages.length = 0;
    const attempt = make(selfSignedCert, caInputs("hush, a secret"));
    await assert.rejects(
      attempt,
      /^Error: Failed to parse private key PEM: failed to decode PEM block: decoded bytes 0, undecoded 14$/,
    );
    assert.deepEqual(messages, [
      "[ERROR] failed to decode PEM block: decoded bytes 0, undecoded 14: Failed to parse private key PEM",
    ]);
  });

  it("of a CA need a subject", async () => {
    const inputs = caInputs(reveal(ca.state["privateKeyPem"]) as string);
    delete inputs["subject"];
    await assert.rejects(make(selfSignedCert, inputs), /Invalid Certificate Subject: Must contain at least one/);
  });

  it("aren't signed with a key that isn't the CA's", async () => {
    const other = await make(privateKey, { algorithm: "ED25519" });
    const inputs = { ...leafInputs, caPrivateKeyPem: other.plain["privateKeyPem"] ?? "" };
    await assert.rejects(make(locallySignedCert, inputs), /provided PrivateKey doesn't match parent's PublicKey/);
  });

  it("of every kind of key verify", async () => {
    for (const inputs of [{ algorithm: "ED25519" }, { algorithm: "ECDSA", ecdsaCurve: "P521" }, { algorithm: "RSA" }]) {
      const key = await make(privateKey, inputs);
      const { plain } = await make(selfSignedCert, caInputs(key.plain["privateKeyPem"] ?? ""));
      const certificate = new X509Certificate(plain["certPem"] ?? "");
      assert.ok(certificate.verify(certificate.publicKey), inputs.algorithm);
    }
  });
});
