import assert from "node:assert/strict";
import { output } from "@pulumi/pulumi";
import type { Values } from "../../config/settings";
import { valueOf } from "../../rig/pulumi/mocks";
import { read } from "../support/stack-config";

/** A key's value as Pulumi hands it on, where it lands, and as what; `beside` are the keys that it needs. */
type Row = [value: string, place: string, lands: unknown, beside?: Partial<Record<keyof Values, string | undefined>>];

const PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
const SSH = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3RoZXI=\n-----END OPENSSH PRIVATE KEY-----\n";
const HOST_KEY = `ssh-ed25519 ${"A".repeat(68)}`;
const elsewhere = { storageNode: undefined };
const brought = { certificateIssuer: "provided", providedChain: PEM, providedKey: KEY };
const own = { certificateIssuer: "private-ca" };
const cleaned = { cleaningSchedule: "0 4 * * 0", registryImage: "registry:3" };
const watched = { metrics: "true" };
const cached = { proxyRemoteUrl: "https://registry-1.docker.io" };

const ROWS: Record<keyof Values, Row> = {
  registryHost: ["r.example.org", "registry.registryHost", "r.example.org"],
  uiHost: ["u.example.org", "registry.uiHost", "u.example.org"],
  uiBasePath: ["/ui/", "registry.gateway.uiBasePath", "/ui/"],
  nodes: ['["192.0.2.77"]', "registry.nodeAddresses", ["192.0.2.77"]],
  gateways: [
    JSON.stringify([{ address: "gw9.example.com", hostKey: HOST_KEY }]),
    "registry.gateways.0.address",
    "gw9.example.com",
  ],
  sshPrivateKey: [SSH, "registry.gateways.0.privateKey", SSH],
  users: ['[{"name":"zoe","role":"pull"}]', "registry.users.0.name", "zoe"],
  anonymousPull: ['["public/*"]', "registry.anonymousPull", ["public/*"]],
  certificateIssuer: ["private-ca", "registry.certificate.issuer", "private-ca"],
  providedChain: [PEM, "registry.certificate.provided.chainPem", PEM, brought],
  providedKey: [KEY, "registry.certificate.provided.keyPem", KEY, brought],
  acmeTermsAgreed: ["true", "registry.certificate.termsAgreed", true],
  acmeDirectory: ["production", "registry.certificate.directory", "production"],
  acmeDirectoryCa: [PEM, "registry.certificate.directoryCaPem", PEM],
  acmeContacts: ['["ops@example.com"]', "registry.certificate.contacts", ["ops@example.com"]],
  acmeProfile: ["shortlived", "registry.certificate.profile", "shortlived"],
  acmeAccountKey: [KEY, "registry.certificate.accountKeyPem", KEY],
  acmeExternalAccount: [
    '{"keyId":"k","hmacKey":"aG1hYw"}',
    "registry.certificate.externalAccount",
    { keyId: "k", hmacKey: "aG1hYw" },
  ],
  acmeDns01: ['{"hook":{"command":"/bin/hook"}}', "registry.certificate.dns01.hook.command", "/bin/hook"],
  acmePreferredChain: ["ISRG Root X1", "registry.certificate.preferredChain", "ISRG Root X1"],
  acmeTimeoutSeconds: ["60", "registry.certificate.timeoutSeconds", 60],
  certificateKeyType: ["rsa-3072", "registry.certificate.keyType", "rsa-3072"],
  certificateKeyGeneration: ["2027-01", "registry.certificate.keyGeneration", "2027-01"],
  acmeRevocation: ["superseded", "registry.certificate.revocation", "superseded"],
  privateCa: ['{"validityDays":30}', "registry.certificate.privateCa", { validityDays: 30 }, own],
  renewBeforeHours: ["24", "registry.certificate.renewBeforeHours", 24],
  trustedRoots: [PEM, "registry.trustedRootsPem", PEM],
  redirectHttp: ["false", "registry.redirectHttp", false],
  registryCertificate: ["private-ca", "registry.registryCertificate", "private-ca"],
  mutualTlsGeneration: ["3", "registry.mutualTlsGeneration", 3],
  realm: ["Images", "registry.gateway.realm", "Images"],
  readTimeoutSeconds: ["901", "registry.gateway.readTimeoutSeconds", 901],
  clientMaxBodyMiB: ["5", "registry.gateway.clientMaxBodyMiB", 5],
  accessLog: ["/var/log/a", "registry.gateway.accessLog", "/var/log/a"],
  errorLog: ["/var/log/e", "registry.gateway.errorLog", "/var/log/e"],
  accessLogFormat: ["json", "registry.gateway.logFormat", "json"],
  hstsSeconds: ["7", "registry.gateway.hstsSeconds", 7],
  guessesPerMinute: ["9", "registry.gateway.guessesPerMinute", 9],
  bcryptCost: ["12", "registry.gateway.bcryptCost", 12],
  extraRegistryDirectives: ["deny all;", "registry.gateway.extraRegistryDirectives", "deny all;"],
  registryImage: ["registry:3", "registry.registry.image", "registry:3"],
  registryCpu: ["2", "registry.registry.size.cpu", "2"],
  registryMemory: ["512Mi", "registry.registry.size.memory", "512Mi"],
  registryPort: ["5005", "registry.registry.port", 5005],
  registryNodePort: ["30500", "registry.nodePorts.registry", 30500],
  registryEnvironment: ['{"REGISTRY_X":"y"}', "registry.registry.environment", { REGISTRY_X: "y" }],
  registrySecretEnvironment: ['{"REGISTRY_Y":"z"}', "registry.registry.secretEnvironment", { REGISTRY_Y: "z" }],
  registryStoreCheck: ["read", "registry.registry.storeCheck", "read"],
  deleteEnabled: ["true", "registry.registry.deleteEnabled", true],
  requireClientCertificate: ["false", "registry.requireClientCertificate", false],
  allowedCidrs: ['["192.0.2.0/24"]', "registry.networkPolicy.allowedCidrs", ["192.0.2.0/24"]],
  uiKind: ["konradkleine", "registry.ui.kind", "konradkleine"],
  uiImage: ["ui:1", "registry.ui.image", "ui:1"],
  uiTitle: ["Images", "registry.ui.title", "Images"],
  uiPort: ["8080", "registry.ui.port", 8080],
  uiNodePort: ["30501", "registry.nodePorts.ui", 30501],
  uiEnvironment: ['{"THEME":"dark"}', "registry.ui.environment", { THEME: "dark" }],
  waitSeconds: ["6", "registry.shutdown.waitSeconds", 6],
  drainSeconds: ["60", "registry.shutdown.drainSeconds", 60],
  namespace: ["registry", "registry.names.namespace", "registry"],
  createNamespace: ["true", "registry.names.createNamespace", true, { namespace: "registry" }],
  adoptTlsSecret: ["true", "registry.names.adoptTlsSecret", true],
  registrySecretNames: ['["mine"]', "registry.registry.secretNames", ["mine"]],
  deploymentName: ["d", "registry.names.deployment", "d"],
  serviceName: ["s", "registry.names.service", "s"],
  tlsSecretName: ["t", "registry.names.tlsSecret", "t"],
  logLevel: ["warn", "registry.registry.logLevel", "warn"],
  logFormat: ["json", "registry.registry.logFormat", "json"],
  serviceAccountName: ["images", "registry.serviceAccountName", "images"],
  priorityClassName: ["high", "registry.scheduling.priorityClassName", "high"],
  nodeSelector: ['{"disk":"ssd"}', "registry.scheduling.nodeSelector", { disk: "ssd" }],
  tolerations: ['[{"key":"k"}]', "registry.scheduling.tolerations", [{ key: "k" }]],
  podLabels: ['{"team":"infra"}', "registry.scheduling.labels", { team: "infra" }],
  podAnnotations: ['{"a":"b"}', "registry.scheduling.annotations", { a: "b" }],
  pullSecrets: ['[{"namespace":"apps","user":"ci"}]', "registry.pullSecrets.0.namespace", "apps"],
  kubeconfig: ["kind: Config", "kubeconfig", "kind: Config"],
  smokeTest: ["true", "smokeTest", true],
  kubeContext: ["prod", "kubeContext", "prod"],
  storageNode: ["node-9", "registry.storage.hostPath.nodeName", "node-9"],
  storagePath: ["/data/x", "registry.storage.hostPath.path", "/data/x"],
  storageClaim: ['{"sizeGiB":10}', "registry.storage.claim", { sizeGiB: 10 }, elsewhere],
  storageS3: ['{"bucket":"b"}', "registry.storage.s3", { bucket: "b" }, elsewhere],
  storageGcs: ['{"bucket":"b"}', "registry.storage.gcs", { bucket: "b" }, elsewhere],
  storageAzure: [
    '{"accountName":"a","container":"c"}',
    "registry.storage.azure",
    { accountName: "a", container: "c" },
    elsewhere,
  ],
  storageRedirects: ["true", "registry.storage.redirects", true, { ...elsewhere, storageS3: '{"bucket":"b"}' }],
  replicas: ["2", "registry.replicas", 2],
  uploadHours: ["24", "registry.registry.uploadHours", 24],
  readOnly: ["true", "registry.registry.readOnly", true],
  cleaningSchedule: ["0 5 * * *", "registry.cleaning.schedule", "0 5 * * *"],
  cleaningDeleteUntagged: ["true", "registry.cleaning.deleteUntagged", true, cleaned],
  cleaningKubectlImage: ["kubectl:1", "registry.cleaning.kubectlImage", "kubectl:1", cleaned],
  backup: ['{"hostPath":"/mnt"}', "registry.backup", { hostPath: "/mnt" }],
  metrics: ["true", "registry.metrics.rules", false],
  metricsServiceMonitor: ["true", "registry.metrics.serviceMonitor", true, watched],
  metricsRules: ["true", "registry.metrics.rules", true, watched],
  metricsCertificateHours: ["72", "registry.metrics.certificateHours", 72, watched],
  metricsDashboard: ["true", "registry.metrics.dashboard", true, watched],
  metricsLabels: ['{"release":"p"}', "registry.metrics.labels", { release: "p" }, watched],
  proxyRemoteUrl: ["https://registry-1.docker.io", "registry.proxy.remoteUrl", "https://registry-1.docker.io"],
  proxyUsername: ["u", "registry.proxy.username", "u", cached],
  proxyPassword: ["p", "registry.proxy.password", "p", cached],
  proxyTtlHours: ["24", "registry.proxy.ttlHours", 24, cached],
  notifications: ['[{"name":"n","url":"https://n.test"}]', "registry.notifications.0.url", "https://n.test"],
};

/** What is at a place such as "registry.users.0.name", in the clear. */
async function at(place: string, config: object): Promise<unknown> {
  const part = (all: unknown, name: string): unknown => (all as Record<string, unknown> | undefined)?.[name];
  return valueOf(output(place.split(".").reduce<unknown>(part, config)));
}

describe("every key of the stack's config", () => {
  for (const [key, [value, place, lands, beside = {}]] of Object.entries(ROWS)) {
    it(`${key} lands in ${place}`, async () => {
      assert.deepEqual(await at(place, read({ ...beside, [key]: value })), lands);
      const needed = key in beside || "storageNode" in beside || key === "acmeTermsAgreed";
      if (!needed) assert.notDeepEqual(await at(place, read(beside)), lands, "the test's value is not the default");
    });
  }
});
