import { createHash, KeyObject, randomBytes } from "node:crypto";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import * as x509 from "@peculiar/asn1-x509";
import { pem } from "../keys/openssh";
import { Log } from "../protocol/resource";
import { Value } from "../protocol/values";
import { failure } from "./diagnostics";
import { alternativeNamesExtension } from "./names";
import { publicKeyInfo, signatureAlgorithm, signStructure } from "./signing";
import { extendedKeyUsages, keyUsages } from "./usages";

/** Whom a certificate is for. */
export interface Subject {
  name: x509.Name;
  alternativeNames: x509.GeneralName[];
  publicKey: KeyObject;
}

/** Who signs it; left out, it is self-signed. */
export interface Issuer {
  name: x509.Name;
  /** The subject key id of the issuer's certificate, if it has one. */
  keyId?: Buffer;
}

const HOUR_MS = 3_600_000;
const ED25519_KEY_BYTES = 32;

/** Makes a certificate as the planned attributes want it, and gives its computed attributes. */
export function issue(
  planned: Record<string, Value>,
  subject: Subject,
  signer: KeyObject,
  issuer: Issuer | undefined,
  log: Log,
): { id: string; computed: Record<string, string> } {
  const notBefore = new Date();
  const notAfter = new Date(notBefore.getTime() + (planned["validityPeriodHours"] as number) * HOUR_MS);
  const serial = randomBytes(16);
  const tbsCertificate = new x509.TBSCertificate({
    version: x509.Version.v3,
    serialNumber: derInteger(serial),
    signature: signatureAlgorithm(signer),
    issuer: issuer?.name ?? subject.name,
    validity: new x509.Validity({ notBefore: wholeSeconds(notBefore), notAfter: wholeSeconds(notAfter) }),
    subject: subject.name,
    subjectPublicKeyInfo: publicKeyInfo(subject.publicKey),
    extensions: new x509.Extensions(extensions(planned, subject, issuer, log)),
  });
  const certificate = new x509.Certificate({
    tbsCertificate,
    signatureAlgorithm: signatureAlgorithm(signer),
    signatureValue: signStructure(tbsCertificate, signer),
  });
  return {
    id: BigInt(`0x${serial.toString("hex")}`).toString(),
    computed: {
      certPem: pem("CERTIFICATE", [new Uint8Array(AsnConvert.serialize(certificate))]),
      validityStartTime: notBefore.toISOString(),
      validityEndTime: notAfter.toISOString(),
    },
  };
}

/** The extensions in the order in which the real plugin writes them. */
function extensions(
  planned: Record<string, Value>,
  subject: Subject,
  issuer: Issuer | undefined,
  log: Log,
): x509.Extension[] {
  const isCa = planned["isCaCertificate"] === true;
  if (isCa && subject.name.length === 0) {
    const detail = "Must contain at least one Distinguished Name when creating Certificate Authority (CA)";
    throw failure(log, "Invalid Certificate Subject", detail);
  }
  const ownId = isCa || planned["setSubjectKeyId"] === true ? subjectKeyId(subject.publicKey) : undefined;
  return [
    ...usageExtensions((planned["allowedUses"] ?? []) as string[]),
    constraints(isCa, planned["maxPathLength"] as number | undefined, log),
    ...(ownId ? [extension(x509.id_ce_subjectKeyIdentifier, new x509.SubjectKeyIdentifier(ownId))] : []),
    ...authorityExtension(planned, ownId, issuer, subject, log),
    ...alternativeNamesExtension(subject.alternativeNames, subject.name.length === 0),
  ];
}

function usageExtensions(uses: string[]): x509.Extension[] {
  const flags = uses.reduce((all, use) => all | (keyUsages[use] ?? 0), 0);
  const extended = uses.flatMap((use) => extendedKeyUsages[use] ?? []);
  return [
    ...(flags ? [extension(x509.id_ce_keyUsage, new x509.KeyUsage(flags), true)] : []),
    ...(extended.length > 0 ? [extension(x509.id_ce_extKeyUsage, new x509.ExtendedKeyUsage(extended))] : []),
  ];
}

/** A path length of 0 counts as none: the real plugin can't say "no intermediate at all" either. */
function constraints(isCa: boolean, maxPathLength: number | undefined, log: Log): x509.Extension {
  const pathLenConstraint = maxPathLength !== undefined && maxPathLength > 0 ? maxPathLength : undefined;
  if (pathLenConstraint !== undefined && !isCa) {
    throw failure(log, "Failed to create certificate", "x509: only CAs are allowed to specify MaxPathLen");
  }
  const value = new x509.BasicConstraints({ cA: isCa, ...(pathLenConstraint ? { pathLenConstraint } : {}) });
  return extension(x509.id_ce_basicConstraints, value, true);
}

function authorityExtension(
  planned: Record<string, Value>,
  ownId: Buffer | undefined,
  issuer: Issuer | undefined,
  subject: Subject,
  log: Log,
): x509.Extension[] {
  let keyId: Buffer | undefined;
  if (!issuer && planned["setAuthorityKeyId"] === true) {
    if (!ownId) throw failure(log, "Invalid Certificate Authority", "Could not determine Authority Key Identifier");
    keyId = ownId;
  } else if (issuer?.keyId && !sameName(issuer.name, subject.name)) keyId = issuer.keyId;
  if (!keyId) return [];
  const identifier = new x509.AuthorityKeyIdentifier({ keyIdentifier: new x509.KeyIdentifier(keyId) });
  return [extension(x509.id_ce_authorityKeyIdentifier, identifier)];
}

function extension(extnID: string, value: unknown, critical = false): x509.Extension {
  return new x509.Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

/** SHA-1 of just the key (RFC 5280, section 4.2.1.2, method 1), for Ed25519 of its octet string. */
function subjectKeyId(publicKey: KeyObject): Buffer {
  const key = Buffer.from(publicKeyInfo(publicKey).subjectPublicKey);
  const wrapped = Buffer.concat([Buffer.of(4, ED25519_KEY_BYTES), key]);
  return createHash("sha1")
    .update(publicKey.asymmetricKeyType === "ed25519" ? wrapped : key)
    .digest();
}

function sameName(a: x509.Name, b: x509.Name): boolean {
  return Buffer.from(AsnConvert.serialize(a)).equals(Buffer.from(AsnConvert.serialize(b)));
}

/** The bytes of a positive INTEGER: no zeros in front but the one that keeps it positive. */
function derInteger(magnitude: Buffer): ArrayBuffer {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const short = magnitude.subarray(start);
  return new Uint8Array((short[0] ?? 0) >= 0x80 ? [0, ...short] : short).buffer;
}

function wholeSeconds(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}
