import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import {
  CertificateIssuer,
  ClaimAccessMode,
  PrivateRegistry,
  type PrivateRegistryArgs,
  RegistryCertificateSource,
  UserRole,
} from "../../components";

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const SSH_KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nof no host\n-----END OPENSSH PRIVATE KEY-----\n";

type Kind = Partial<PrivateRegistryArgs>;

const gateway = (name: string) => ({
  name,
  address: `${name}.example.com`,
  privateKey: pulumi.secret(SSH_KEY),
  hostKey: HOST_KEY,
});
const users = [
  { name: "ci", role: UserRole.Push, password: pulumi.secret("of no use") },
  { name: "cluster", role: UserRole.Pull, password: pulumi.secret("of no use either") },
];

/** Every way to keep images, every issuer, and every addition, one registry after the other. */
const KINDS: Kind[] = [
  {},
  { storage: { claim: { sizeGiB: 100 } }, metrics: { serviceMonitor: true, rules: true, dashboard: true } },
  { storage: { s3: { bucket: "images", region: "eu-central-1" } }, replicas: 3 },
  { storage: { gcs: { bucket: "images" } }, replicas: 2, gateways: [gateway("east"), gateway("west")] },
  { storage: { azure: { accountName: "acc", accountKey: pulumi.secret("a2V5"), container: "images" } } },
  { proxy: { remoteUrl: "https://registry-1.docker.io" } },
  { certificate: { issuer: CertificateIssuer.PrivateCa }, registryCertificate: RegistryCertificateSource.PrivateCa },
  { storage: { claim: { sizeGiB: 10, accessMode: ClaimAccessMode.ReadWriteMany } }, replicas: 2 },
  { cleaning: {}, backup: { hostPath: "/mnt/backup" }, pullSecrets: [{ namespace: "default", user: "cluster" }] },
  { anonymousPull: ["public/**"], notifications: [{ name: "hook", url: "https://hook.example.com" }] },
];

/** Makes as many registries, of another kind each, before as many nodes. */
export function createRegistries(count: number, nodes: number): void {
  const provider = new Provider("cluster", { enableSecretMutable: true });
  KINDS.slice(0, count).forEach((kind, index) => {
    const args: PrivateRegistryArgs = {
      registryHost: `registry-${index}.example.com`,
      uiHost: `ui-${index}.example.com`,
      nodeAddresses: Array.from({ length: nodes }, (_, node) => `192.0.2.${node + 1}`),
      gateways: [gateway("gateway")],
      users,
      certificate: { termsAgreed: true },
      storage: { hostPath: { nodeName: "node-1" } },
      nodePorts: { registry: 30_000 + 2 * index, ui: 30_001 + 2 * index },
      names: {
        tlsSecret: `tls-${index}`,
        deployment: `registry-${index}`,
        service: `registry-${index}`,
        appLabel: `registry-${index}`,
      },
      ...kind,
    };
    new PrivateRegistry(`r${index}`, args, { providers: [provider] });
  });
}

/** As many resources that are nothing but registered: what the engine and its provider take for that alone. */
export function createNothing(count: number): void {
  const provider = new Provider("cluster", { enableSecretMutable: true });
  for (let index = 0; index < count; index++) {
    new ConfigMap(`nothing-${index}`, { data: {} }, { provider });
  }
}
