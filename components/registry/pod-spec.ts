import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import { asciiName } from "../checks/rules";
import { omitUndefined } from "../checks/omit-undefined";
import type { CheckedPod } from "./check";
import { selectorLabels } from "./identity";
import { collectionContainer, registryContainer, uiContainer } from "./containers";
import { listed, registrySettings, type Settings, type Variables, written } from "./environment";
import { LOGIN_ANSWER, LOGIN_PROGRAM, PROXY_CA } from "./features/upstream-login";
import { KEY_FILE } from "./storage/object-store";
import { onNode } from "./placement";
import { readerContainer } from "./reader";
import { debugAddress } from "./probes";
import { uiVariables } from "./ui";

type Variable = k8s.core.v1.EnvVar;

/** Names of objects beside the pod that it mounts. */
export interface PodNeighbours {
  /** The secret with the registry's secret variables. */
  environmentSecret: pulumi.Input<string>;
  /** The config map with the collection's config file. */
  collectionConfig: pulumi.Input<string>;
}

/** The secret variables of the registry, by name; what is given by the user wins. */
export function secretVariables(input: CheckedPod): pulumi.Output<Variables> {
  const none = pulumi.output<Settings>({});
  return pulumi
    .all([
      input.storage.store?.secret ?? none,
      input.proxy.secret,
      input.notifications,
      input.registry.secretEnvironment,
      input.httpSecret,
    ])
    .apply(([store, proxy, notifications, more, httpSecret]): Variables => ({
      ...written({ ...store, ...proxy, ...notifications }),
      ...more,
      ...written({ REGISTRY_HTTP_SECRET: httpSecret }),
    }));
}

/** The pod: the registry, beside it the UI, the images and the certificate. */
export function podSpec(input: CheckedPod, neighbours: PodNeighbours): k8s.core.v1.PodSpec {
  const { ui, storage, scheduling } = input;
  const env = registryEnv(input, neighbours.environmentSecret);
  const containers = [registryContainer(input, env)];
  if (input.readerPort) containers.push(readerContainer(input, input.readerPort));
  if (ui.image) containers.push(uiContainer(input, ui.image, uiEnv(input)));
  const user = input.registry.runAsUser ?? 1000;
  return {
    nodeSelector: pulumi
      .all([storage.nodeSelector, scheduling.nodeSelector])
      .apply(([own, more]) => ({ ...more, ...own })),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { seccompProfile: { type: "RuntimeDefault" }, ...(storage.claimed ? { fsGroup: user } : {}) },
    terminationGracePeriodSeconds: input.graceSeconds,
    ...(input.collection ? { initContainers: [collectionContainer(input, env)] } : {}),
    containers,
    volumes: volumes(input, neighbours),
    ...(input.registry.replicas > 1 ? { topologySpreadConstraints: [spread(input)] } : {}),
    ...omitUndefined({
      serviceAccountName: input.serviceAccountName,
      tolerations: scheduling.tolerations,
      affinity: onNode(storage.nodeName, scheduling.affinity as pulumi.Input<k8s.core.v1.Affinity> | undefined),
      priorityClassName: scheduling.priorityClassName,
    }),
  };
}

function volumes(
  { storage, tlsSecretName, collection, isCache, hasProxyCa }: CheckedPod,
  neighbours: PodNeighbours,
): k8s.core.v1.Volume[] {
  const keyFile = {
    name: "storage-credentials",
    secret: { secretName: neighbours.environmentSecret, items: [{ key: KEY_FILE, path: KEY_FILE }] },
  };
  const login = {
    name: "upstream-login",
    secret: {
      secretName: neighbours.environmentSecret,
      items: [
        { key: LOGIN_PROGRAM, path: LOGIN_PROGRAM, mode: 0o555 },
        { key: LOGIN_ANSWER, path: LOGIN_ANSWER, mode: 0o444 },
        ...(hasProxyCa ? [{ key: PROXY_CA, path: PROXY_CA, mode: 0o444 }] : []),
      ],
    },
  };
  return [
    ...(storage.volume ? [storage.volume] : []),
    { name: "cert-dir", secret: { secretName: tlsSecretName } },
    { name: "tmp", emptyDir: {} },
    ...(storage.store?.keyFile ? [keyFile] : []),
    ...(isCache ? [login] : []),
    ...(collection ? [{ name: "cleaning-config", configMap: { name: neighbours.collectionConfig } }] : []),
  ];
}

function spread(input: CheckedPod): k8s.core.v1.TopologySpreadConstraint {
  return {
    maxSkew: 1,
    topologyKey: "kubernetes.io/hostname",
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: selectorLabels(input) },
    // Of one version only: else the old pods of a roll count too, and the new ones all go where those are not.
    matchLabelKeys: ["pod-template-hash"],
  };
}

function registryEnv(input: CheckedPod, secretName: pulumi.Input<string>): pulumi.Output<Variable[]> {
  const { registry, storage, monitoring } = input;
  const secretNames = pulumi.unsecret(secretVariables(input).apply((all) => Object.keys(all)));
  const settings = pulumi.output({
    port: registry.port,
    certificateFile: input.certificateFile,
    keyFile: input.keyFile,
    requireClientCertificate: input.requireClientCertificate,
    // A cache deletes what is over time by the same right; it refuses clients' deletions in any case.
    deleteEnabled: input.isCache ? true : registry.deleteEnabled,
    readOnly: registry.readOnly,
    uploadHours: registry.uploadHours,
    logLevel: registry.log.level,
    logFormat: registry.log.format,
    drainSeconds: registry.shutdown.drainSeconds,
    debugAddress: debugAddress(input),
    metrics: monitoring !== undefined,
    memory: registry.memory ?? pulumi.output<string | undefined>(undefined),
  });
  const store = storage.store?.plain ?? pulumi.output(undefined);
  const others = pulumi.all([store, input.redirects, input.proxy.plain, registry.environment]);
  return pulumi.all([settings, others, secretNames, secretName]).apply(([plain, given, secrets, secret]) => {
    const [object, redirects, proxy, more] = given;
    const own = registrySettings(plain, object && { ...object, REGISTRY_STORAGE_REDIRECT_DISABLE: !redirects });
    return [
      ...listed({ ...written({ ...own, ...proxy }), ...more }, secrets),
      ...secrets.map((name) => ({ name, valueFrom: { secretKeyRef: { name: secret, key: name } } })),
    ];
  });
}

function uiEnv(input: CheckedPod): pulumi.Output<Variable[]> {
  const settings = pulumi.output({
    port: input.ui.port,
    registryPort: input.registry.port,
    deleteEnabled: input.registry.deleteEnabled,
    title: input.ui.title,
    pageUrl: pageUrl(input),
    registryHost: input.registryHost?.apply(asciiName),
  });
  const { kind } = input.ui;
  return pulumi
    .all([settings, input.ui.environment])
    .apply(([plain, more]) => listed({ ...uiVariables({ ...plain, kind }), ...more }));
}

/** Where the page is: it asks for its data at its own host, whatever its path is. */
function pageUrl({ ui }: CheckedPod): pulumi.Output<string> | undefined {
  return ui.host && ui.host.apply((host) => `https://${asciiName(host)}`);
}
