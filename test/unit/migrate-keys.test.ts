import assert from "node:assert/strict";
import { flatNames, type FlatName, newPlaceOf, topNames } from "../../config/flat-keys";
import { fileOf, StackFile } from "../support/migrate";

/** Where a key lands, its value in 0.1.0, and what it is there if that differs; `beside` is what it needs. */
type Row = [place: string, value: unknown, lands?: unknown, beside?: Partial<Record<FlatName, unknown>>];

const S3 = { storageS3: { bucket: "b" } };
const CLEANED = { cleaningSchedule: "0 4 * * 0" };
const WATCHED = { metrics: true };
const CACHED = { proxyRemoteUrl: "https://registry-1.docker.io" };
const BROUGHT = { certificateIssuer: "provided" };
const PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

const ROWS: Record<Exclude<FlatName, "clientMaxBodyMiB">, Row> = {
  registryHost: ["registryHost", "r.example.org"],
  uiHost: ["ui.host", "u.example.org"],
  uiBasePath: ["ui.path", "/ui/"],
  nodes: ["nodeAddresses", '["192.0.2.77"]', ["192.0.2.77"]],
  gateways: ["gateways", [{ address: "gw9.example.com", port: 2222 }]],
  sshPrivateKey: ["ssh.privateKey", { secure: "v1:k" }],
  users: ["users", [{ name: "zoe", passwordGeneration: 2 }], [{ name: "zoe", generation: "2" }]],
  anonymousPull: ["access.anonymousPull", ["public/*"]],
  certificateIssuer: ["certificate.issuer", "private-ca"],
  providedChain: ["certificate.provided.chainPem", PEM, PEM, BROUGHT],
  providedKey: ["certificate.provided.keyPem", { secure: "v1:k" }, { secure: "v1:k" }, BROUGHT],
  acmeTermsAgreed: ["certificate.termsAgreed", "true", true],
  acmeDirectory: ["certificate.directory", "production"],
  acmeDirectoryCa: ["certificate.directoryCaPem", PEM],
  acmeContacts: ["certificate.contacts", ["ops@example.com"]],
  acmeProfile: ["certificate.profile", "shortlived"],
  acmeAccountKey: ["certificate.accountKeyPem", { secure: "v1:k" }],
  acmeExternalAccount: ["certificate.externalAccount", { keyId: "k", hmacKey: { secure: "v1:h" } }],
  acmeDns01: ["certificate.dns01", '{"hook":{"command":["/bin/hook"]}}', { hook: { command: ["/bin/hook"] } }],
  acmePreferredChain: ["certificate.preferredChain", "ISRG Root X1"],
  acmeTimeoutSeconds: ["certificate.timeoutSeconds", "60", 60],
  certificateKeyType: ["certificate.keyType", "rsa-3072"],
  certificateKeyGeneration: ["certificate.generation", 2027, "2027"],
  acmeRevocation: ["certificate.revocation", "superseded"],
  privateCa: ["certificate.privateCa", { validityDays: 30 }, { validityDays: 30 }, { certificateIssuer: "private-ca" }],
  renewBeforeHours: ["certificate.renewBeforeHours", "24", 24],
  trustedRoots: ["certificate.trustedRootsPem", PEM],
  redirectHttp: ["nginx.redirectHttp", "false", false],
  registryCertificate: ["backend.certificate", "private-ca"],
  mutualTlsGeneration: ["backend.generation", 1, "1"],
  realm: ["access.realm", "Images"],
  readTimeoutSeconds: ["nginx.readTimeoutSeconds", 901],
  accessLog: ["nginx.accessLog", "/var/log/a"],
  errorLog: ["nginx.errorLog", "/var/log/e"],
  accessLogFormat: ["nginx.logFormat", "json"],
  hstsSeconds: ["nginx.hstsSeconds", "7", 7],
  guessesPerMinute: ["access.guessesPerMinute", "9", 9],
  bcryptCost: ["access.bcryptCost", "12", 12],
  extraRegistryDirectives: ["nginx.extraRegistryDirectives", "deny all;"],
  registryImage: ["registry.image", "registry:3"],
  registryCpu: ["registry.resources.requests.cpu and registry.resources.limits.cpu", 2, "2"],
  registryMemory: ["registry.resources.requests.memory and registry.resources.limits.memory", "512Mi"],
  registryPort: ["registry.port", "5005", 5005],
  registryNodePort: ["cluster.nodePorts.registry", "30500", 30500],
  registryEnvironment: [
    "registry.environment",
    { REGISTRY_X: true, REGISTRY_Y: 5 },
    { REGISTRY_X: "true", REGISTRY_Y: "5" },
  ],
  registrySecretEnvironment: ["registry.secretEnvironment", { REGISTRY_Y: { secure: "v1:y" } }],
  registryStoreCheck: ["registry.storeCheck", "read"],
  deleteEnabled: ["registry.deleteEnabled", "true", true],
  requireClientCertificate: ["backend.requireClientCertificate", "false", false],
  allowedCidrs: ["cluster.allowedCidrs", ["192.0.2.0/24"]],
  uiKind: ["ui.kind", "konradkleine"],
  uiImage: ["ui.image", "ui:1"],
  uiTitle: ["ui.title", 2027, "2027"],
  uiPort: ["ui.port", "8080", 8080],
  uiNodePort: ["cluster.nodePorts.ui", "30501", 30501],
  uiEnvironment: ["ui.environment", '{"THEME":"dark"}', { THEME: "dark" }],
  waitSeconds: ["registry.shutdown.waitSeconds", "0", 0],
  drainSeconds: ["registry.shutdown.drainSeconds", "60", 60],
  namespace: ["cluster.namespace", "registry"],
  createNamespace: ["cluster.createNamespace", "true", true],
  adoptTlsSecret: ["cluster.adoptTlsSecret", "true", true],
  registrySecretNames: ["registry.secretNames", ["mine"]],
  deploymentName: ["cluster.names.deployment", "d"],
  serviceName: ["cluster.names.service", "s"],
  tlsSecretName: ["cluster.names.tlsSecret", "t"],
  logLevel: ["registry.log.level", "warn"],
  logFormat: ["registry.log.format", "json"],
  serviceAccountName: ["cluster.serviceAccountName", "images"],
  priorityClassName: ["scheduling.priorityClassName", "high"],
  nodeSelector: ["scheduling.nodeSelector", { ssd: true }, { ssd: "true" }],
  tolerations: ["scheduling.tolerations", [{ key: "k", tolerationSeconds: 5 }]],
  podLabels: ["scheduling.labels", { team: 7 }, { team: "7" }],
  podAnnotations: ["scheduling.annotations", { a: "b" }],
  pullSecrets: ["cluster.pullSecrets", [{ namespace: "apps", user: "ci", defaultServiceAccount: true }]],
  kubeconfig: ["kubeconfig", { secure: "v1:k" }],
  smokeTest: ["smokeTest", "true", true],
  kubeContext: ["kubeContext", "prod"],
  storageNode: ["storage.hostPath.nodeName", "node-9"],
  storagePath: ["storage.hostPath.path", "/data/x", "/data/x", { storageNode: "node-9" }],
  storageClaim: ["storage.claim", { sizeGiB: 10, storageClass: "fast" }],
  storageS3: ["storage.s3", { bucket: "b", pathStyle: true, accessKeyId: { secure: "v1:a" } }],
  storageGcs: ["storage.gcs", { bucket: "b" }],
  storageAzure: ["storage.azure", { accountName: "a", container: "c" }],
  storageRedirects: ["storage.redirects", "true", true, S3],
  replicas: ["registry.replicas", "2", 2],
  uploadHours: ["registry.uploadHours", "24", 24],
  readOnly: ["registry.readOnly", "true", true],
  cleaningSchedule: ["storage.garbageCollection.schedule", "0 5 * * *"],
  cleaningDeleteUntagged: ["storage.garbageCollection.deleteUntagged", "true", true, CLEANED],
  cleaningKubectlImage: ["storage.garbageCollection.kubectlImage", "kubectl:1", "kubectl:1", CLEANED],
  backup: ["storage.backup", { hostPath: "/mnt", keep: 3 }],
  metrics: ["monitoring.metrics", "true", true],
  metricsServiceMonitor: ["monitoring.serviceMonitor", "true", true, WATCHED],
  metricsRules: ["monitoring.rules", "true", true, { metrics: "true" }],
  metricsCertificateHours: ["monitoring.certificateHours", "72", 72, WATCHED],
  metricsDashboard: ["monitoring.dashboard", true, true, WATCHED],
  metricsLabels: ["monitoring.labels", { release: 5 }, { release: "5" }, WATCHED],
  proxyRemoteUrl: ["registry.proxy.remoteUrl", "https://registry-1.docker.io"],
  proxyUsername: ["registry.proxy.username", "u", "u", CACHED],
  proxyPassword: ["registry.proxy.password", { secure: "v1:p" }, { secure: "v1:p" }, CACHED],
  proxyTtlHours: ["registry.proxy.ttlHours", "24", 24, CACHED],
  notifications: ["registry.notifications", [{ name: "n", url: { secure: "v1:u" }, timeoutSeconds: 5 }]],
};

describe("npm run migrate, for every key of 0.1.0", () => {
  const stack = new StackFile();

  for (const [key, [place, value, lands = value, beside = {}]] of Object.entries(ROWS)) {
    it(`${key} lands in ${place}`, () => {
      const { lines } = stack.migrate(fileOf({ nodes: ["192.0.2.10"], ...beside, [key]: value }));
      for (const each of place.split(" and ")) assert.deepEqual(stack.at(each), lands);
      assert.equal(newPlaceOf(key), place);
      assert.equal(lines.includes(`${key} -> ${place}`), key !== place, lines.join("\n"));
      if (key !== place) assert.ok(!Object.hasOwn(stack.config(), `private-registry:${key}`));
    });

    it(`${key} lands there encrypted as it was`, () => {
      const secure = `v1:${key}:${"A1b+/".repeat(40)}==`;
      stack.migrate(fileOf({ nodes: ["192.0.2.10"], ...beside, [key]: { secure } }));
      for (const each of place.split(" and ")) assert.deepEqual(stack.at(each), { secure });
    });
  }

  it("clientMaxBodyMiB is gone", () => {
    const said = "clientMaxBodyMiB: dropped, a gateway accepts requests of any size";
    assert.deepEqual(stack.notes({ clientMaxBodyMiB: 5 }), [said]);
    assert.equal(stack.text().includes("clientMaxBodyMiB"), false);
    assert.equal(newPlaceOf("clientMaxBodyMiB"), "clientMaxBodyMiB is gone: a gateway accepts requests of any size");
  });

  it("moves all of them in one file, and no encrypted value loses a letter", () => {
    const secrets = flatNames.filter((key) => !["certificateIssuer", "uiKind"].includes(key));
    const secureOf = (key: string) => `v1:${key}:${"A1b+/".repeat(40)}==`;
    stack.migrate(fileOf(Object.fromEntries(secrets.map((key) => [key, { secure: secureOf(key) }]))));
    const lost = secrets.filter((key) => !stack.text().includes(`secure: ${secureOf(key)}\n`));
    assert.deepEqual(lost, ["providedChain", "providedKey", "privateCa", "clientMaxBodyMiB"]);
    const left = Object.keys(stack.config()).map((key) => key.replace("private-registry:", ""));
    assert.deepEqual(left.sort(), [...topNames].sort());
  });

  it("is one of 103, and nothing else has a new place", () => {
    assert.equal(flatNames.length, 103);
    for (const name of ["certificate", "toString", "acmeDirectry"]) assert.equal(newPlaceOf(name), undefined);
  });
});
