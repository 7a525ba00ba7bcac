const GONE = "it is gone: any limit breaks pushes of larger layers; remove it";

/** Where the arguments of 0.1.0 are now that have a new name or a new kind, by what an error says of them. */
export const MOVED: Readonly<Record<string, string>> = {
  nodes: "it is nodeAddresses now",
  replicas: "it is registry.replicas now",
  uiHost: "it is ui.host now",
  trustedRootsPem: "it is certificate.trustedRootsPem now",
  registryCertificate: "it is backend.certificate now",
  mutualTlsGeneration: 'it is backend.generation now, a text such as "1"',
  cleaning: "it is storage.garbageCollection now, which takes a schedule",
  metrics: "it is monitoring now, with metrics: true in it",
  networkPolicy: "its allowedCidrs is cluster.allowedCidrs now",
  backup: "it is storage.backup now",
  names: "its members are in cluster and cluster.names now",
  gateway: "its members are in nginx, access and ui now",
  clientMaxBodyMiB: GONE,
};
