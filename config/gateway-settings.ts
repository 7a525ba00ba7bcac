import { isIP } from "node:net";
import * as rules from "../components";
import { certificateSettings } from "./certificate-settings";
import { keep, setting, whole } from "./setting";

const strings = (rule: rules.Rule<string>) => (values: unknown[]) =>
  values.map((value) => rule(value as string)).find((complaint) => complaint !== undefined);
const address: rules.Rule<string> = (value) =>
  isIP(value) === 0 ? { expected: "IP addresses", advice: "give the address of each node" } : undefined;

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
    "Host name of the web UI; the registry's own only with a `uiBasePath`. Without it there is no UI.",
    { example: "ui.example.com" },
    rules.hostName("leave it out for no UI"),
  ),
  uiBasePath: setting(
    "string",
    "Path below which the web UI is, such as /ui/. The UI's links have to be relative, as those of joxit are.",
    { default: "/" },
    rules.basePath,
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
    "Who may use the registry. Each has `name`, `role` (pull or push) and `password`, which is set with `--secret --path`; without one the stack makes it (output `dockerConfigs`), and another when `passwordGeneration`, any text, changes. It may have `repositories`, a list of `pattern` and `role`, besides `role` or in its place: then the user may only what that list says.",
    {
      required: true,
      secret: true,
      secretMembers: ["password"],
      items: "object",
      example: '[{ "name": "ci", "role": "push", "password": { "secure": "..." } }]',
    },
  ),
  anonymousPull: setting(
    "array",
    "Repositories from which everybody may pull, without a password: names, or patterns such as team/* (one part) and team/** (any number of parts).",
    { example: '["public/**"]' },
    strings(rules.repositoryPattern),
  ),
  ...certificateSettings,
  redirectHttp: setting(
    "boolean",
    "True if port 80 of the gateways sends plain HTTP to https. With HTTP-01 it can't be false: the CA comes to that port.",
    { default: true },
  ),
  registryCertificate: setting(
    "string",
    `Which certificate the registry itself has, behind the gateways: ${Object.values(rules.RegistryCertificateSource).join(", ")}. With private-ca a renewal touches the gateways alone, and no pod restarts. A change of it fails requests for some seconds.`,
    { default: rules.RegistryCertificateSource.Public },
    rules.oneOf(Object.values(rules.RegistryCertificateSource), keep(rules.RegistryCertificateSource.Public)),
  ),
  mutualTlsGeneration: setting(
    "integer",
    "Another number makes other keys and certificates between gateways and registry, without a failed request. Go up by one at a time: the former client CA is trusted until the next change. 0-1000.",
    { default: 0 },
    whole(0, 1000, 0),
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
