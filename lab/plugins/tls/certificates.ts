import { createPublicKey, KeyObject } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Attributes as RequestAttributes, CertificationRequest, CertificationRequestInfo } from "@peculiar/asn1-csr";
import * as x509 from "@peculiar/asn1-x509";
import { pem } from "../keys/openssh";
import { Value } from "../protocol/values";
import { attributeResource, Attributes } from "./attributes";
import { issue, Issuer } from "./certificate";
import { failure, warn, within } from "./diagnostics";
import { idOf, readKey } from "./keys";
import { alternativeNames, alternativeNamesExtension } from "./names";
import { certificateAttributes, renewal } from "./renewal";
import { publicKeyInfo, signatureAlgorithm, signStructure } from "./signing";
import { distinguishedName, requestedName } from "./subject";

const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";

const subjectAttributes: Attributes = {
  subject: { optional: true, replace: true },
  dnsNames: { optional: true, replace: true },
  ipAddresses: { optional: true, replace: true },
  uris: { optional: true, replace: true },
};
const keyAttributes: Attributes = {
  privateKeyPem: { required: true, secret: true, replace: "pem" },
  keyAlgorithm: { computed: true },
};

/** `tls:index/certRequest:CertRequest`: a PKCS#10 request (RFC 2986). */
export const certRequest = attributeResource(
  { ...keyAttributes, ...subjectAttributes, certRequestPem: { computed: true } },
  (planned, log) => {
    const { key, algorithm } = within(log, "Failed to parse private key PEM", () =>
      readKey(text(planned, "privateKeyPem")),
    );
    const names = alternativeNamesExtension(alternativeNames(planned, log), false);
    const request = Buffer.from(AsnConvert.serialize(signedRequest(subjectOf(planned), names, key)));
    const certRequestPem = pem("CERTIFICATE REQUEST", [request]);
    return Promise.resolve({ id: idOf(request), computed: { keyAlgorithm: algorithm, certRequestPem } });
  },
);

/** `tls:index/selfSignedCert:SelfSignedCert`. */
export const selfSignedCert = attributeResource(
  {
    ...keyAttributes,
    ...subjectAttributes,
    ...certificateAttributes,
    setAuthorityKeyId: { optional: true, default: false, replace: true },
  },
  (planned, log) => {
    const { key, algorithm } = within(log, "Failed to parse private key PEM", () =>
      readKey(text(planned, "privateKeyPem")),
    );
    const subject = {
      name: subjectOf(planned),
      alternativeNames: alternativeNames(planned, log),
      publicKey: createPublicKey(key),
    };
    const { id, computed } = issue(planned, subject, key, undefined, log);
    return Promise.resolve({ id, computed: { ...computed, keyAlgorithm: algorithm } });
  },
  renewal,
);

/** `tls:index/locallySignedCert:LocallySignedCert`: a certificate of a CA whose key the program has. */
export const locallySignedCert = attributeResource(
  {
    ...certificateAttributes,
    caCertPem: { required: true, replace: "pem" },
    caPrivateKeyPem: { required: true, secret: true, replace: "pem" },
    certRequestPem: { required: true, replace: "pem" },
    caKeyAlgorithm: { computed: true },
  },
  (planned, log) => {
    const request = within(log, "Failed to parse certificate request PEM", () =>
      readRequest(text(planned, "certRequestPem")),
    );
    const ca = within(log, "Failed to parse CA private key PEM", () => readKey(text(planned, "caPrivateKeyPem")));
    const issuer = within(log, "Failed to parse CA certificate PEM", () => readAuthority(text(planned, "caCertPem")));
    if (!issuer.isCa) {
      const detail =
        "Certificate provided as Authority does not appear to be a valid Certificate Authority. " +
        "The resulting certificate might fail certificate validation.";
      warn(log, "Potentially Invalid Certificate Authority", detail);
    }
    if (!issuer.publicKey.equals(createPublicKey(ca.key))) {
      throw failure(log, "Failed to create certificate", "x509: provided PrivateKey doesn't match parent's PublicKey");
    }
    const { id, computed } = issue(planned, request, ca.key, issuer, log);
    return Promise.resolve({ id, computed: { ...computed, caKeyAlgorithm: ca.algorithm } });
  },
  renewal,
);

function signedRequest(subject: x509.Name, names: x509.Extension[], key: KeyObject): CertificationRequest {
  const values = [AsnConvert.serialize(new x509.Extensions(names))];
  const attributes = names.length > 0 ? [new x509.Attribute({ type: EXTENSION_REQUEST, values })] : [];
  const certificationRequestInfo = new CertificationRequestInfo({
    version: 0,
    subject,
    subjectPKInfo: publicKeyInfo(key),
    attributes: new RequestAttributes(attributes),
  });
  const signature = signStructure(certificationRequestInfo, key);
  return new CertificationRequest({ certificationRequestInfo, signatureAlgorithm: signatureAlgorithm(key), signature });
}

function readRequest(pemText: string): { name: x509.Name; alternativeNames: x509.GeneralName[]; publicKey: KeyObject } {
  const { certificationRequestInfo: info } = AsnConvert.parse(
    bytesOf(pemText, "CERTIFICATE REQUEST"),
    CertificationRequest,
  );
  const requested = info.attributes?.find(({ type }) => type === EXTENSION_REQUEST)?.values[0];
  const extensions = requested ? AsnConvert.parse(requested, x509.Extensions) : [];
  const names = extensions.find(({ extnID }) => extnID === x509.id_ce_subjectAltName);
  return {
    name: requestedName(info.subject),
    alternativeNames: names ? [...AsnConvert.parse(names.extnValue, x509.SubjectAlternativeName)] : [],
    publicKey: createPublicKey({
      key: Buffer.from(AsnConvert.serialize(info.subjectPKInfo)),
      format: "der",
      type: "spki",
    }),
  };
}

function readAuthority(pemText: string): Issuer & { isCa: boolean; publicKey: KeyObject } {
  const { tbsCertificate } = AsnConvert.parse(bytesOf(pemText, "CERTIFICATE"), x509.Certificate);
  const find = (id: string): x509.Extension | undefined =>
    tbsCertificate.extensions?.find(({ extnID }) => extnID === id);
  const constraints = find(x509.id_ce_basicConstraints);
  const keyId = find(x509.id_ce_subjectKeyIdentifier);
  return {
    name: tbsCertificate.subject,
    isCa: constraints !== undefined && AsnConvert.parse(constraints.extnValue, x509.BasicConstraints).cA,
    publicKey: createPublicKey(pemText),
    ...(keyId ? { keyId: Buffer.from(AsnConvert.parse(keyId.extnValue, x509.SubjectKeyIdentifier).buffer) } : {}),
  };
}

/** The bytes of the first PEM block. Throws with the real plugin's messages. */
function bytesOf(pemText: string, label: string): Buffer {
  const [, found, body] = /-----BEGIN ([A-Z0-9 ]+)-----([^-]+)-----END/.exec(pemText) ?? [];
  if (found === undefined) throw new Error(`failed to decode PEM of expected type "${label}" from bytes`);
  if (found !== label) throw new Error(`invalid PEM type - expected "${label}", got "${found}"`);
  return Buffer.from(body ?? "", "base64");
}

function subjectOf(planned: Record<string, Value>): x509.Name {
  return distinguishedName(planned["subject"] as Record<string, Value> | undefined);
}

function text(planned: Record<string, Value>, name: string): string {
  return planned[name] as string;
}
