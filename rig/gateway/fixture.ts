import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execaSync } from "execa";
import { gatewayBlueprint } from "../../components/nginx/gateway/blueprint";
import { type GatewaySite } from "../../components/nginx/gateway/site";
import { defaultsOf } from "../../components/checks/value";
import { NGINX } from "../../components/nginx/gateway/args";
import { ACCESS } from "../../components/nginx/users/args";
import { activationInput, fileIn, makeRelease, type Release } from "../../components/hosts/release";
import { responderBlueprint } from "../../components/nginx/responder";
import { CryptKind, readHash } from "../../components/nginx/users/crypt-hashes";
import { byTime, htpasswd, type PlainUser } from "../../components/nginx/users/users";
import { UserRole } from "../../components/nginx/users/role";

export const REGISTRY = "registry.example.com";
export const UI = "ui.example.com";
/** 43 characters, as an account's thumbprint has. */
export const THUMBPRINT = "E-Thumbprint_of-an-account-for-tests-000000";
export const OWNER = "shop/dev/main-gateway 192.0.2.4:22";

/** A certificate and its key, PEM. */
export interface Pair {
  cert: string;
  key: string;
}

/** A CA and what it signed, made anew for every run of the tests. */
export interface Certificates {
  ca: Pair;
  /** For the two names of the site. */
  server: Pair;
  /** Another one for the same names, as after a renewal. */
  renewed: Pair;
  /** What the gateway shows the registry. */
  client: Pair;
}

let made: Certificates | undefined;

/** The certificates of the tests; the first call makes them. */
export function certificates(): Certificates {
  if (made) return made;
  const folder = mkdtempSync(join(tmpdir(), "gateway-ca-"));
  try {
    const ca = sign(folder, "ca", ["-x509", "-subj", "/CN=tests"]);
    const names = ["-subj", `/CN=${REGISTRY}`, "-addext", `subjectAltName=DNS:${REGISTRY},DNS:${UI}`];
    const signed = ["-x509", "-CA", join(folder, "ca.pem"), "-CAkey", join(folder, "ca.key")];
    made = {
      ca,
      server: sign(folder, "server", [...signed, ...names]),
      renewed: sign(folder, "renewed", [...signed, ...names]),
      client: sign(folder, "client", [...signed, "-subj", "/CN=gateway"]),
    };
    return made;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function sign(folder: string, name: string, args: string[]): Pair {
  const key = join(folder, `${name}.key`);
  const cert = join(folder, `${name}.pem`);
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  execaSync("openssl", ["req", ...curve, "-keyout", key, "-out", cert, "-days", "2", ...args]);
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
}

/** A certificate and its key, signed by the tests' CA anew, for a name of the test's own. */
export function certificateFor(name: string): Pair {
  const { ca } = certificates();
  const folder = mkdtempSync(join(tmpdir(), "gateway-ca-"));
  try {
    writeFileSync(join(folder, "ca.pem"), ca.cert);
    writeFileSync(join(folder, "ca.key"), ca.key);
    const signed = ["-x509", "-CA", join(folder, "ca.pem"), "-CAkey", join(folder, "ca.key")];
    return sign(folder, "server", [
      ...signed,
      "-subj",
      `/CN=${name}`,
      "-addext",
      `subjectAltName=DNS:${name}${isIP(name) ? `,IP:${name}` : ""}`,
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const USERS: (PlainUser & { role: UserRole })[] = [
  { name: "alice", role: UserRole.Push, password: "correct horse: battery" },
  { name: "bob", role: UserRole.Pull, password: "bob's pässwörd" },
];

/** A whole gateway with two users; `changes` says what is different. */
export async function gatewaySite(changes: Partial<GatewaySite> & { people?: PlainUser[] } = {}): Promise<GatewaySite> {
  const { people = USERS, ...rest } = changes;
  const userFile = changes.userFile ?? (await htpasswd(people, REGISTRY, 4));
  const { quick, slow } = byTime(userFile);
  const hashes = slow.map((line) => readHash(line)).filter((hash) => hash !== undefined);
  const { ca, server, client } = certificates();
  return {
    ...defaultsOf(ACCESS),
    ...defaultsOf(NGINX),
    blobCache: undefined,
    identities: [],
    verifiers: [],
    sso: undefined,
    site: "main-gateway",
    registryHost: REGISTRY,
    uiHost: UI,
    uiPath: "/",
    nodeAddresses: ["127.0.0.1"],
    registryNodePort: 30299,
    uiNodePort: 30949,
    httpsPort: 443,
    chainPem: server.cert,
    keyPem: server.key,
    upstreamTls: { caPem: ca.cert, serverName: REGISTRY, clientCertificatePem: client.cert, clientKeyPem: client.key },
    users: people.map(({ name, role, repositories = [] }) => ({ name, role, repositories })),
    userFile,
    quickHashes: quick.length > 0,
    slowCost: hashes.length === 0 ? undefined : Math.max(...hashes.map(({ cost }) => cost)),
    cryptKinds: Object.values(CryptKind).filter((each) => hashes.some(({ kind }) => kind === each)),
    ...rest,
  };
}

/** A release of the gateway; `listen` has the addresses of a host that serves it on some only. */
export async function gatewayRelease(
  changes: Parameters<typeof gatewaySite>[0] = {},
  listen: string[] = [],
): Promise<Release> {
  return makeRelease(gatewayBlueprint(await gatewaySite(changes)), listen);
}

/** What goes to a host for a release of the gateway. */
export async function gatewayInput(
  changes: Parameters<typeof gatewaySite>[0] = {},
  owner = OWNER,
  listen: string[] = [],
): Promise<string> {
  return activationInput(await gatewayRelease(changes, listen), owner);
}

/** What goes to a host for the port-80 site. */
export function responderInput(httpPort: number, httpsPort: number, listen: string[] = []): string {
  const site = { site: "main-responder", names: [REGISTRY, UI], thumbprint: THUMBPRINT, httpPort, httpsPort };
  return activationInput(makeRelease(responderBlueprint(site), listen), "shop/dev/main-responder 192.0.2.4:22");
}

/** A file of a release, out of what goes to the host; empty if it is not there. */
export function fileOf(stdin: unknown, path: string): string {
  return fileIn(String(stdin), path) ?? "";
}
