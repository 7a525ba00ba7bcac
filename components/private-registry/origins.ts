import type { Origin } from "../checks/origin";
import { subjectOf } from "./check";

/** Where a part's arguments stand in those of the registry, as far as that is not under the same path. */
const PLACES = {
  responder: { "names[0]": "registryHost", "names[1]": "ui.host", names: "registryHost" },
  certificate: { "": "certificate", names: "registryHost" },
  secret: { name: "cluster.names.tlsSecret", namespace: "cluster.namespace" },
  pod: {
    requireClientCertificate: "backend.requireClientCertificate",
    allowedCidrs: "cluster.allowedCidrs",
    waitWithKubectl: "cluster.waitWithKubectl",
    serviceAccountName: "cluster.serviceAccountName",
    name: "cluster.names.deployment",
    namespace: "cluster.namespace",
    appLabel: "cluster.names.appLabel",
  },
  service: {
    name: "cluster.names.service",
    namespace: "cluster.namespace",
    appLabel: "cluster.names.appLabel",
    registryPort: "registry.port",
    uiPort: "ui.port",
    registryNodePort: "cluster.nodePorts.registry",
    uiNodePort: "cluster.nodePorts.ui",
  },
  gateway: {
    uiHost: "ui.host",
    uiPath: "ui.path",
    nodePorts: "cluster.nodePorts",
    "upstreamTls.caPem": "certificate.trustedRootsPem",
  },
  verifier: {
    "": "access.verifier",
    issuer: "access.issuers",
    name: "cluster.names.service",
    namespace: "cluster.namespace",
    scheduling: "scheduling",
    alertLabels: "monitoring.labels",
    runbookUrl: "monitoring.runbookUrl",
    allowedCidrs: "cluster.allowedCidrs",
    waitWithKubectl: "cluster.waitWithKubectl",
  },
  sso: {
    "": "access.sso",
    replicas: "access.verifier.replicas",
    oauth2Proxy: "access.verifier.oauth2Proxy",
    nginx: "access.verifier.nginx",
    issuer: "access.issuers",
    uiHost: "ui.host",
    name: "cluster.names.service",
    namespace: "cluster.namespace",
    scheduling: "scheduling",
    alertLabels: "monitoring.labels",
    runbookUrl: "monitoring.runbookUrl",
    allowedCidrs: "cluster.allowedCidrs",
    waitWithKubectl: "cluster.waitWithKubectl",
  },
  nodes: { trustedRootsPem: "certificate.trustedRootsPem" },
} as const;

/** In which words a part of a registry reports what shows late. */
export function originOf(name: string, part: keyof typeof PLACES): Origin {
  return { subject: subjectOf(name), places: PLACES[part] };
}

/** The same for the pod of a mirror. */
export function mirrorOriginOf(name: string, index: number): Origin {
  const at = `mirrors.upstreams[${index}]`;
  const own = {
    storage: `${at}.storage`,
    "registry.image": "mirrors.image",
    "registry.resources": "mirrors.resources",
    "registry.proxy.remoteUrl": `${at}.url`,
    "registry.proxy": at,
    name: `${at}.name`,
    appLabel: "cluster.names.appLabel",
    namespace: "cluster.namespace",
  };
  return { subject: subjectOf(name), places: { ...PLACES.pod, ...own } };
}
