import { createECDH, createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import * as x509 from "@peculiar/asn1-x509";

/*
 * Keys and certificates that stand for a stack's own ones, the same in every run. They are known to everybody, and no
 * host ever sees them.
 */

const ED25519 = "1.3.101.112";
const COMMON_NAME = "2.5.4.3";
const CRITICAL = true;

/** A P-256 private key, PEM. */
export const keyPem = p256(sha256("private-registry: a key that is no secret"));
const caKey = ed25519(sha256("private-registry: a CA key that is no secret"));

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function p256(secret: Buffer): string {
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(secret);
  const point = curve.getPublicKey();
  const [x, y] = [point.subarray(1, 33).toString("base64url"), point.subarray(33).toString("base64url")];
  const jwk = { kty: "EC", crv: "P-256", d: secret.toString("base64url"), x, y };
  return createPrivateKey({ key: jwk, format: "jwk" }).export({ type: "pkcs8", format: "pem" }) as string;
}

/** A key whose signatures are the same each time. */
function ed25519(seed: Buffer): KeyObject {
  const header = Buffer.from("302e020100300506032b657004220420", "hex");
  return createPrivateKey({ key: Buffer.concat([header, seed]), format: "der", type: "pkcs8" });
}

/** The CA's certificate, PEM. */
export const caPem = certificate("placeholder CA", createPublicKey(caKey), [
  extension("2.5.29.19", new x509.BasicConstraints({ cA: true }), CRITICAL),
]);

/** A chain for these names, leaf first, PEM, whose key is `keyPem`. */
export function chainPem(names: readonly string[]): string {
  return leafPem(names) + caPem;
}

/** A certificate for these names, PEM, whose key is `keyPem`. */
export function leafPem(names: readonly string[]): string {
  const alternatives = names.map((dNSName) => new x509.GeneralName({ dNSName }));
  const extensions = names.length === 0 ? [] : [extension("2.5.29.17", new x509.SubjectAlternativeName(alternatives))];
  return certificate("placeholder", createPublicKey(keyPem), extensions);
}

function certificate(subject: string, key: KeyObject, extensions: x509.Extension[]): string {
  const signatureAlgorithm = new x509.AlgorithmIdentifier({ algorithm: ED25519 });
  const [notBefore, notAfter] = [new Date("2020-01-01T00:00:00Z"), new Date("2049-01-01T00:00:00Z")];
  const tbsCertificate = new x509.TBSCertificate({
    version: x509.Version.v3,
    serialNumber: new Uint8Array([1]).buffer,
    signature: signatureAlgorithm,
    issuer: nameOf("placeholder CA"),
    validity: new x509.Validity({ notBefore, notAfter }),
    subject: nameOf(subject),
    subjectPublicKeyInfo: AsnConvert.parse(key.export({ type: "spki", format: "der" }), x509.SubjectPublicKeyInfo),
    ...(extensions.length > 0 ? { extensions: new x509.Extensions(extensions) } : {}),
  });
  const signature = sign(null, Buffer.from(AsnConvert.serialize(tbsCertificate)), caKey);
  const signatureValue = new Uint8Array(signature).buffer;
  const der = AsnConvert.serialize(new x509.Certificate({ tbsCertificate, signatureAlgorithm, signatureValue }));
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function nameOf(text: string): x509.Name {
  const value = new x509.AttributeValue({ utf8String: text });
  const part = new x509.AttributeTypeAndValue({ type: COMMON_NAME, value });
  return new x509.Name([new x509.RelativeDistinguishedName([part])]);
}

function extension(extnID: string, value: unknown, critical = false): x509.Extension {
  return new x509.Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}
