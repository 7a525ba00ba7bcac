import { generateKeyPairSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import {
  BackendCertificateSource,
  CertificateIssuer,
  PrivateRegistry,
  type PrivateRegistryArgs,
  UiKind,
  UserRole,
} from "../../components";
import { makeCertificate } from "./acme-made";
import { underMocks } from "../../rig/pulumi/mocks";

const pem = () =>
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }) as string;
const key = pem();
const accountKey = pulumi.secret(pem());
const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const host = (address: string) => ({ address, hostKey, privateKey: pulumi.secret(key) });
const user = (name: string) => ({ name, role: UserRole.Push, password: pulumi.secret("hunter2") });
/** As little as a registry can be made of. */
export const smallest: PrivateRegistryArgs = {
  registryHost: "registry.example.com",
  nodeAddresses: ["192.0.2.10"],
  gateways: [host("192.0.2.1")],
  users: [user("ci")],
  certificate: { termsAgreed: true },
  storage: { hostPath: { nodeName: "node-1" } },
};

/** A registry of every kind: between them they make every child that there can be. */
const CASES: Record<string, Partial<PrivateRegistryArgs>> = {
  smallest: {},
  "with a UI and two gateways": {
    ui: { host: "ui.example.com" },
    gateways: [host("gw1.example.com"), host("gw2.example.com")],
  },
  "with the recipe's UI": { ui: { host: "ui.example.com", kind: UiKind.Konradkleine } },
  "without client certificates": { backend: { requireClientCertificate: false } },
  "with a certificate of its own for the registry, and other keys": {
    backend: { certificate: BackendCertificateSource.PrivateCa, generation: "1" },
  },
  "with an account key and another key's generation": {
    certificate: { termsAgreed: true, accountKeyPem: accountKey, generation: "2" },
  },
  "with identities": {
    access: {
      identities: [
        { name: "ci-main", issuer: "github", audience: "registry.example.com", subject: "repo:acme/app", role: "push" },
      ],
    },
    cluster: { allowedCidrs: ["192.0.2.1/32"] },
    monitoring: { metrics: true, rules: true },
  },
  "with DNS-01": { certificate: { termsAgreed: true, dns01: { hook: { command: ["/bin/true"] } } } },
  "with nodes over SSH": { nodeHosts: [host("192.0.2.10"), host("192.0.2.11")] },
  "with a CA of its own": { certificate: { issuer: CertificateIssuer.PrivateCa } },
  "in a claim, cleaned and watched": {
    storage: { claim: { sizeGiB: 10 }, garbageCollection: { schedule: "0 3 * * 0" } },
    monitoring: { metrics: true, serviceMonitor: true, rules: true },
  },
  "in a bucket, with replicas and notices": {
    storage: {
      s3: { bucket: "images", region: "eu-west-1", accessKeyId: "id", secretAccessKey: pulumi.secret("key") },
    },
    registry: { replicas: 3, notifications: [{ name: "audit", url: "https://audit.example.com" }] },
  },
  "as a cache": { registry: { proxy: { remoteUrl: "https://registry-1.docker.io" } } },
  "with pull secrets": { cluster: { pullSecrets: [{ namespace: "apps", user: "ci", defaultServiceAccount: true }] } },
};

/** By case, what every child is to the engine: the part of its URN that does not name stack and project. Sorted. */
export async function childNames(): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const [name, args] of Object.entries(CASES)) {
    const run = await underMocks(() => new PrivateRegistry("main", { ...smallest, ...args }), { answer });
    found[name] = run.resources.map(({ urn }) => identity(urn)).sort();
  }
  return found;
}

/** By case, the identities by which the children would be found again: their own, and those that aliases name. */
export async function knownNames(): Promise<Record<string, Set<string>>> {
  const known: Record<string, Set<string>> = {};
  for (const [name, args] of Object.entries(CASES)) {
    const run = await underMocks(() => new PrivateRegistry("main", { ...smallest, ...args }), { answer });
    const all = run.resources.flatMap(({ urn, options }) => [identity(urn), ...options.aliases.map(identity)]);
    known[name] = new Set(all);
  }
  return known;
}

const identity = (urn: string): string => urn.split("::").slice(2).join("::");

const { leafPem, caPem } = makeCertificate(["registry.example.com", "ui.example.com"]);
export const answer = (type: string): Record<string, unknown> | undefined => {
  if (type.endsWith(":AcmeChain")) return { chainPem: leafPem };
  if (type.endsWith(":SelfSignedCert")) return { certPem: caPem };
  return type.endsWith(":LocallySignedCert") ? { certPem: leafPem } : undefined;
};
