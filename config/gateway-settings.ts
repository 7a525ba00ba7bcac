import { isIP } from "node:net";
import * as rules from "../components";
import { keep, setting, whole } from "./setting";

const strings = (rule: rules.Rule<string>) => (values: unknown[]) =>
  values.map((value) => rule(value as string)).find((complaint) => complaint !== undefined);
const address: rules.Rule<string> = (value) =>
  isIP(value) === 0 ? { expected: "IP addresses", advice: "give the address of each node" } : undefined;
const certificates = rules.pem("CERTIFICATE", "give the content of the file, not its path");

/** The keys of names, gateways, users and the certificate. */
export const gatewaySettings = {
  registryHost: setting(
    "string",
    "Host name of the registry. It resolves to the gateways, and the CA reaches it on port 80.",
    { required: true, example: "registry.example.com" },
    rules.hostName("give the name that `docker login` uses"),
  ),
  uiHost: setting(
    "string",
    "Host name of the web UI, another one than the registry's. Without it there is no UI.",
    { example: "ui.example.com" },
    rules.hostName("leave it out for no UI"),
  ),
  nodes: setting(
    "array",
    "IP addresses of the cluster's nodes, as the gateways reach them.",
    { required: true, example: '["192.0.2.10", "192.0.2.11"]' },
    strings(address),
  ),
  gateways: setting(
    "array",
    "The nginx hosts. Each has `address` and `hostKey` (a line `ssh-ed25519 AAAA...`, see `ssh-keyscan -t ed25519`), and may have `port` (22), `user` (root; another needs `sudo -n`) and `name`.",
    {
      required: true,
      items: "object",
      example: '[{ "address": "gw1.example.com", "hostKey": "ssh-ed25519 AAAA..." }]',
    },
  ),
  sshPrivateKey: setting(
    "string",
    "SSH private key for the gateways: the content of the file.",
    { required: true, secret: true },
    rules.privateKey,
  ),
  users: setting(
    "array",
    "Who may use the registry. Each has `name`, `role` (pull or push) and `password`, which is set with `--secret --path`.",
    {
      required: true,
      secret: true,
      items: "object",
      example: '[{ "name": "ci", "role": "push", "password": { "secure": "..." } }]',
    },
  ),
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
  acmeContacts: setting(
    "array",
    "Mail addresses for the CA's account.",
    { example: '["ops@example.com"]' },
    strings(rules.text(320, "leave it out for none")),
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
  renewBeforeHours: setting(
    "integer",
    "Renew the certificate this long before its end. Hours, 1-87600. Default: when the CA suggests it, else at two thirds of its lifetime.",
    {},
    rules.integer(1, 87600, "leave it out to let the CA decide"),
  ),
  trustedRoots: setting(
    "string",
    "Roots, in PEM, by which the gateways verify the registry's certificate. For a private CA or a staging one. Default: the hosts' own.",
    {},
    certificates,
  ),
  realm: setting(
    "string",
    "What a browser shows when it asks for a password.",
    { default: "Restricted" },
    rules.text(80, keep("Restricted")),
  ),
  readTimeoutSeconds: setting(
    "integer",
    "How long the registry may be silent before the gateway gives up. Seconds, 1-86400.",
    { default: 900 },
    whole(1, 86400, 900),
  ),
  clientMaxBodyMiB: setting(
    "integer",
    "Largest request that the gateway takes. MiB, 0-1048576; 0 is no limit.",
    { default: 0 },
    whole(0, 1048576, 0),
  ),
  accessLog: setting(
    "string",
    "Access log on the gateways.",
    { default: "/var/log/nginx/docker.access.log" },
    rules.absolutePath(keep("/var/log/nginx/docker.access.log")),
  ),
  errorLog: setting(
    "string",
    "Error log on the gateways.",
    { default: "/var/log/nginx/docker.error.log" },
    rules.absolutePath(keep("/var/log/nginx/docker.error.log")),
  ),
  accessLogFormat: setting(
    "string",
    `How the access log is written: ${Object.values(rules.LogFormat).join(", ")}.`,
    { default: rules.LogFormat.Combined },
    rules.oneOf(Object.values(rules.LogFormat), keep(rules.LogFormat.Combined)),
  ),
  hstsSeconds: setting(
    "integer",
    "For how long browsers are told to use nothing but https for both names. It can't be taken back before. Seconds, 0-63072000; 0 is not at all.",
    { default: 0 },
    whole(0, 63072000, 0),
  ),
  guessesPerMinute: setting(
    "integer",
    "How many passwords one address may try for one user in a minute. 1-6000.",
    { default: 60 },
    whole(1, 6000, 60),
  ),
  bcryptCost: setting(
    "integer",
    "Cost of a password's hash; one more doubles the time. 4-14.",
    { default: 10 },
    whole(4, 14, 10),
  ),
  extraRegistryDirectives: setting(
    "string",
    "More nginx directives for the registry's server block, taken as they are. Not for secrets.",
  ),
};
