import * as rules from "../components";
import { keep, setting, whole } from "./setting";

const mails = rules.text(320, "leave it out for none");
const certificates = rules.pem("CERTIFICATE", "give the content of the file, not its path");

/** The keys of the certificate, whoever issues it. */
export const certificateSettings = {
  certificateIssuer: setting(
    "string",
    `Where the certificate comes from: ${Object.values(rules.CertificateIssuer).join(", ")}. The keys that begin with acme are for the first alone.`,
    { default: rules.CertificateIssuer.Acme },
    rules.oneOf(Object.values(rules.CertificateIssuer), keep(rules.CertificateIssuer.Acme)),
  ),
  providedChain: setting(
    "string",
    "For the issuer provided: the certificate and its issuers, in PEM, leaf first.",
    {},
    certificates,
  ),
  providedKey: setting(
    "string",
    "For the issuer provided: the certificate's private key, in PEM.",
    { secret: true },
    rules.pem("PRIVATE KEY", "give the content of the file, not its path"),
  ),
  acmeTermsAgreed: setting("boolean", "True if you agree to the CA's terms of service; required for the issuer acme.", {
    default: false,
  }),
  acmeDirectory: setting(
    "string",
    "The CA: staging or production (both Let's Encrypt's), or the https URL of another ACME directory.",
    { default: "staging" },
    rules.text(2048, keep("staging")),
  ),
  acmeDirectoryCa: setting("string", "Root certificates, in PEM, for the directory's own HTTPS.", {}, certificates),
  acmeContacts: setting("array", "Mail addresses for the CA's account.", { example: '["ops@example.com"]' }, (values) =>
    values.map((value) => mails(value as string)).find((complaint) => complaint !== undefined),
  ),
  acmeProfile: setting(
    "string",
    "Profile of the certificate, such as shortlived. Default: the CA's own.",
    {},
    rules.text(64, "leave it out to use the CA's own"),
  ),
  acmeAccountKey: setting(
    "string",
    "Private key of an ACME account that is there already, in PEM. Default: the stack makes one.",
    { secret: true },
    rules.pem("PRIVATE KEY", "leave it out to make one"),
  ),
  acmeExternalAccount: setting(
    "object",
    "An account at the CA to which a new ACME account is bound: `keyId` and `hmacKey` (secret). Some CAs need it.",
    { members: ["keyId", "hmacKey"], secretMembers: ["hmacKey"], example: '{ "keyId": "..." }' },
  ),
  acmeDns01: setting(
    "object",
    "Shows that the names are yours by DNS-01 instead of port 80: `dynamicUpdate` (`server`, `zone`, `keyName`, `keyAlgorithm`, `keySecret`, `ttlSeconds`; RFC 2136) or `hook` (`command`, `timeoutSeconds`), and `propagationTimeoutSeconds`, `nameServers`. Set `dynamicUpdate.keySecret` with `--secret --path`.",
    {
      members: ["dynamicUpdate", "hook", "propagationTimeoutSeconds", "nameServers"],
      secretMembers: ["dynamicUpdate"],
      example: '{ "hook": { "command": ["./dns-hook"] } }',
    },
  ),
  acmePreferredChain: setting(
    "string",
    "Common name of the issuer at the top of the wished chain. Default: the CA's own.",
    {},
    rules.text(200, "leave it out to use the CA's own"),
  ),
  acmeTimeoutSeconds: setting(
    "integer",
    "The longest that issuing may take. Seconds, 10-3600.",
    { default: 300 },
    whole(10, 3600, 300),
  ),
  certificateKeyType: setting(
    "string",
    `Kind of the certificate's key: ${Object.values(rules.KeyType).join(", ")}.`,
    { default: rules.KeyType.EcdsaP256 },
    rules.oneOf(Object.values(rules.KeyType), keep(rules.KeyType.EcdsaP256)),
  ),
  certificateKeyGeneration: setting(
    "string",
    "Any text; another one makes another key, and a certificate for it: for a key that was lost or seen by others. Letters, digits, '.' and '-'.",
    { example: "2027-01" },
    rules.keyGeneration,
  ),
  acmeRevocation: setting(
    "string",
    `Whether a certificate is revoked when it goes, by a destroy or after another has taken its place, and with which reason: ${Object.values(rules.Revocation).join(", ")}. What counts is what the last update had. Default: never.`,
    {},
    rules.oneOf(Object.values(rules.Revocation), keep(rules.Revocation.Never)),
  ),
  privateCa: setting(
    "object",
    "For the issuer private-ca: `commonName` of the CA, `caValidityDays` (3650), and `validityDays` of the certificate (90).",
    { members: ["commonName", "caValidityDays", "validityDays"], example: '{ "validityDays": 30 }' },
  ),
  renewBeforeHours: setting(
    "integer",
    "Renew the certificate this long before its end, but never before a third of its lifetime. Hours, 1-87600. Default: when the CA suggests it, else at two thirds of its lifetime.",
    {},
    rules.integer(1, 87600, "leave it out to let the CA decide"),
  ),
  trustedRoots: setting(
    "string",
    "Roots, in PEM, by which the gateways verify the registry's certificate. For a private CA or a staging one. Default: the hosts' own.",
    {},
    certificates,
  ),
};
