import { generateKeyPairSync } from "node:crypto";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import {
  BackendCertificateSource,
  CertificateIssuer,
  ClaimAccessMode,
  PrivateRegistry,
  type PrivateRegistryArgs,
  UserRole,
} from "../../components";

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
/** Of no host. */
const SSH_KEY = privateKey.export({ type: "pkcs8", format: "pem" }).toString();

type Kind = Partial<PrivateRegistryArgs>;

const gateway = (name: string) => ({ name, address: `${name}.example.com`, hostKey: HOST_KEY });
const onNode = { hostPath: { nodeName: "node-1" } };
const users = [
  { name: "ci", role: UserRole.Push, password: pulumi.secret("of no use") },
  { name: "cluster", role: UserRole.Pull, password: pulumi.secret("of no use either") },
];

/** Every way to keep images, every issuer, and every addition, one registry after the other. */
const KINDS: Kind[] = [
  {},
  {
    storage: { claim: { sizeGiB: 100 } },
    monitoring: { metrics: true, serviceMonitor: true, rules: true, dashboard: true },
  },
  { storage: { s3: { bucket: "images", region: "eu-central-1" } }, registry: { replicas: 3 } },
  {
    storage: { gcs: { bucket: "images" } },
    registry: { replicas: 2 },
    gateways: [gateway("east"), gateway("west")],
  },
  { storage: { azure: { accountName: "acc", accountKey: pulumi.secret("a2V5"), container: "images" } } },
  { registry: { proxy: { remoteUrl: "https://registry-1.docker.io" } } },
  {
    certificate: { issuer: CertificateIssuer.PrivateCa },
    backend: { certificate: BackendCertificateSource.PrivateCa },
  },
  { storage: { claim: { sizeGiB: 10, accessMode: ClaimAccessMode.ReadWriteMany } }, registry: { replicas: 2 } },
  {
    storage: { ...onNode, garbageCollection: { schedule: "0 4 * * 0" }, backup: { hostPath: "/mnt/backup" } },
    cluster: { pullSecrets: [{ namespace: "default", user: "cluster" }] },
  },
  {
    access: { anonymousPull: ["public/**"] },
    registry: { notifications: [{ name: "hook", url: "https://hook.example.com" }] },
  },
];

/** Makes as many registries, of another kind each, before as many nodes. */
export function createRegistries(count: number, nodes: number): void {
  const provider = new Provider("cluster", { enableSecretMutable: true });
  KINDS.slice(0, count).forEach((kind, index) => {
    const args: PrivateRegistryArgs = {
      registryHost: `registry-${index}.example.com`,
      nodeAddresses: Array.from({ length: nodes }, (_, node) => `192.0.2.${node + 1}`),
      gateways: [gateway("gateway")],
      ssh: { privateKey: pulumi.secret(SSH_KEY) },
      users,
      certificate: { termsAgreed: true },
      ui: { host: `ui-${index}.example.com` },
      storage: onNode,
      ...kind,
      cluster: {
        ...kind.cluster,
        nodePorts: { registry: 30_000 + 2 * index, ui: 30_001 + 2 * index },
        names: {
          tlsSecret: `tls-${index}`,
          deployment: `registry-${index}`,
          service: `registry-${index}`,
          appLabel: `registry-${index}`,
        },
      },
    };
    new PrivateRegistry(`r${index}`, args, { providers: [provider] });
  });
}

/** As many resources that are merely registered: what just that costs the engine and its provider. */
export function createNothing(count: number): void {
  const provider = new Provider("cluster", { enableSecretMutable: true });
  for (let index = 0; index < count; index++) {
    new ConfigMap(`nothing-${index}`, { data: {} }, { provider });
  }
}
