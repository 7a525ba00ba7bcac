/** What a value is at its new place; `texts` is a table whose values are texts. */
export type FlatType = "text" | "number" | "boolean" | "list" | "table" | "texts";

/** What the value is, and its new place: names with dots between them. The same value goes to each place. */
type FlatKey = readonly [type: FlatType, ...places: string[]];

/** Every flat key of 0.1.0, and its new place in the stack's file. */
export const flatKeys = {
  registryHost: ["text", "registryHost"],
  uiHost: ["text", "ui.host"],
  uiBasePath: ["text", "ui.path"],
  nodes: ["list", "nodeAddresses"],
  gateways: ["list", "gateways"],
  sshPrivateKey: ["text", "ssh.privateKey"],
  users: ["list", "users"],
  anonymousPull: ["list", "access.anonymousPull"],
  certificateIssuer: ["text", "certificate.issuer"],
  providedChain: ["text", "certificate.provided.chainPem"],
  providedKey: ["text", "certificate.provided.keyPem"],
  acmeTermsAgreed: ["boolean", "certificate.termsAgreed"],
  acmeDirectory: ["text", "certificate.directory"],
  acmeDirectoryCa: ["text", "certificate.directoryCaPem"],
  acmeContacts: ["list", "certificate.contacts"],
  acmeProfile: ["text", "certificate.profile"],
  acmeAccountKey: ["text", "certificate.accountKeyPem"],
  acmeExternalAccount: ["table", "certificate.externalAccount"],
  acmeDns01: ["table", "certificate.dns01"],
  acmePreferredChain: ["text", "certificate.preferredChain"],
  acmeTimeoutSeconds: ["number", "certificate.timeoutSeconds"],
  certificateKeyType: ["text", "certificate.keyType"],
  certificateKeyGeneration: ["text", "certificate.generation"],
  acmeRevocation: ["text", "certificate.revocation"],
  privateCa: ["table", "certificate.privateCa"],
  renewBeforeHours: ["number", "certificate.renewBeforeHours"],
  trustedRoots: ["text", "certificate.trustedRootsPem"],
  redirectHttp: ["boolean", "nginx.redirectHttp"],
  registryCertificate: ["text", "backend.certificate"],
  mutualTlsGeneration: ["text", "backend.generation"],
  realm: ["text", "access.realm"],
  readTimeoutSeconds: ["number", "nginx.readTimeoutSeconds"],
  clientMaxBodyMiB: ["number"],
  accessLog: ["text", "nginx.accessLog"],
  errorLog: ["text", "nginx.errorLog"],
  accessLogFormat: ["text", "nginx.logFormat"],
  hstsSeconds: ["number", "nginx.hstsSeconds"],
  guessesPerMinute: ["number", "access.guessesPerMinute"],
  bcryptCost: ["number", "access.bcryptCost"],
  extraRegistryDirectives: ["text", "nginx.extraRegistryDirectives"],
  registryImage: ["text", "registry.image"],
  registryCpu: ["text", "registry.resources.requests.cpu", "registry.resources.limits.cpu"],
  registryMemory: ["text", "registry.resources.requests.memory", "registry.resources.limits.memory"],
  registryPort: ["number", "registry.port"],
  registryNodePort: ["number", "cluster.nodePorts.registry"],
  registryEnvironment: ["texts", "registry.environment"],
  registrySecretEnvironment: ["texts", "registry.secretEnvironment"],
  registryStoreCheck: ["text", "registry.storeCheck"],
  deleteEnabled: ["boolean", "registry.deleteEnabled"],
  requireClientCertificate: ["boolean", "backend.requireClientCertificate"],
  allowedCidrs: ["list", "cluster.allowedCidrs"],
  uiKind: ["text", "ui.kind"],
  uiImage: ["text", "ui.image"],
  uiTitle: ["text", "ui.title"],
  uiPort: ["number", "ui.port"],
  uiNodePort: ["number", "cluster.nodePorts.ui"],
  uiEnvironment: ["texts", "ui.environment"],
  waitSeconds: ["number", "registry.shutdown.waitSeconds"],
  drainSeconds: ["number", "registry.shutdown.drainSeconds"],
  namespace: ["text", "cluster.namespace"],
  createNamespace: ["boolean", "cluster.createNamespace"],
  adoptTlsSecret: ["boolean", "cluster.adoptTlsSecret"],
  registrySecretNames: ["list", "registry.secretNames"],
  deploymentName: ["text", "cluster.names.deployment"],
  serviceName: ["text", "cluster.names.service"],
  tlsSecretName: ["text", "cluster.names.tlsSecret"],
  logLevel: ["text", "registry.log.level"],
  logFormat: ["text", "registry.log.format"],
  serviceAccountName: ["text", "cluster.serviceAccountName"],
  priorityClassName: ["text", "scheduling.priorityClassName"],
  nodeSelector: ["texts", "scheduling.nodeSelector"],
  tolerations: ["list", "scheduling.tolerations"],
  podLabels: ["texts", "scheduling.labels"],
  podAnnotations: ["texts", "scheduling.annotations"],
  pullSecrets: ["list", "cluster.pullSecrets"],
  kubeconfig: ["text", "kubeconfig"],
  smokeTest: ["boolean", "smokeTest"],
  kubeContext: ["text", "kubeContext"],
  storageNode: ["text", "storage.hostPath.nodeName"],
  storagePath: ["text", "storage.hostPath.path"],
  storageClaim: ["table", "storage.claim"],
  storageS3: ["table", "storage.s3"],
  storageGcs: ["table", "storage.gcs"],
  storageAzure: ["table", "storage.azure"],
  storageRedirects: ["boolean", "storage.redirects"],
  replicas: ["number", "registry.replicas"],
  uploadHours: ["number", "registry.uploadHours"],
  readOnly: ["boolean", "registry.readOnly"],
  cleaningSchedule: ["text", "storage.garbageCollection.schedule"],
  cleaningDeleteUntagged: ["boolean", "storage.garbageCollection.deleteUntagged"],
  cleaningKubectlImage: ["text", "storage.garbageCollection.kubectlImage"],
  backup: ["table", "storage.backup"],
  metrics: ["boolean", "monitoring.metrics"],
  metricsServiceMonitor: ["boolean", "monitoring.serviceMonitor"],
  metricsRules: ["boolean", "monitoring.rules"],
  metricsCertificateHours: ["number", "monitoring.certificateHours"],
  metricsDashboard: ["boolean", "monitoring.dashboard"],
  metricsLabels: ["texts", "monitoring.labels"],
  proxyRemoteUrl: ["text", "registry.proxy.remoteUrl"],
  proxyUsername: ["text", "registry.proxy.username"],
  proxyPassword: ["text", "registry.proxy.password"],
  proxyTtlHours: ["number", "registry.proxy.ttlHours"],
  notifications: ["list", "registry.notifications"],
} as const satisfies Record<string, FlatKey>;

/** The name of a flat key of 0.1.0. */
export type FlatName = keyof typeof flatKeys;

/** The names of all flat keys of 0.1.0. */
export const flatNames = Object.keys(flatKeys) as FlatName[];

/** Those that have no new place, and why. */
export const goneKeys: Partial<Record<FlatName, string>> = {
  clientMaxBodyMiB: "a gateway accepts requests of any size",
};

/** True for the name of a flat key of 0.1.0; six of them, such as `registryHost`, are at the same place now. */
export function isFlat(name: string): name is FlatName {
  return Object.hasOwn(flatKeys, name);
}

/** The type and the new places of a flat key. */
export function flatKey(name: FlatName): { type: FlatType; places: readonly string[] } {
  const [type, ...places]: FlatKey = flatKeys[name];
  return { type, places };
}

/** The names at the top of the new shape. */
export const topNames: ReadonlySet<string> = new Set(
  flatNames.flatMap((name) => flatKey(name).places.map((place) => partsOf(place)[0])),
);

/** The names of a place, from the top. */
export function partsOf(place: string): [top: string, ...below: string[]] {
  return place.split(".") as [string, ...string[]];
}

/**
 * The new place of a flat key of 0.1.0, such as `certificate.directory`, or for one that has none a sentence that says
 * so. Undefined for every other name. A key that is at the same place now has its own name as place.
 */
export function newPlaceOf(key: string): string | undefined {
  if (!isFlat(key)) return undefined;
  const { places } = flatKey(key);
  return places.length > 0 ? places.join(" and ") : `${key} is gone: ${goneKeys[key]}`;
}
