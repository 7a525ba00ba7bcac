import type { input as k8s } from "@pulumi/kubernetes/types";
import type * as pulumi from "@pulumi/pulumi";
import { omitUndefined } from "../checks/omit-undefined";
import type { ClusterIssuer } from "../cluster/issuer";
import { type PodMarks, podMetadata as marked } from "../registry/identity";
import type { CheckedPods, CheckedVerifier, VerifierContainer } from "./check";
import { POD, PREPARE } from "./front";
import { nginxText, verifierText } from "./text";

type Container = k8s.core.v1.Container;

/** Any user but root: none of the files belongs to one that an image has. */
const USER = 1000;

/** The labels that every pod of the deployment has, and no other; not the registry's, whose service would find them. */
export function podLabels(app: string, { name }: Pick<CheckedPods, "name">): Record<string, pulumi.Input<string>> {
  return { "app.kubernetes.io/name": app, "app.kubernetes.io/instance": name };
}

/**
 * The files of the config map.
 * @param said What the cluster says of itself, if it is the issuer.
 */
export function verifierFiles(
  { settings, caPem }: Pick<CheckedVerifier, "settings" | "caPem">,
  said?: ClusterIssuer,
): Record<string, pulumi.Input<string>> {
  const all = said === undefined ? settings : { ...settings, issuerUrl: said.issuerUrl, keys: said.keys };
  return {
    "nginx.conf": nginxText(all),
    "oauth2-proxy.cfg": verifierText(all),
    ...(said === undefined ? {} : { "keys.json": said.keys }),
    ...(caPem === undefined ? {} : { "issuer-ca.pem": caPem }),
  };
}

/** The pod: what prepares it, the small nginx, and oauth2-proxy. Nothing of it has a right in the cluster. */
export function podSpec(
  input: CheckedPods,
  labels: Record<string, pulumi.Input<string>>,
  configMap: pulumi.Input<string>,
  secret?: pulumi.Input<string>,
): k8s.core.v1.PodSpec {
  const { nginx, oauth2Proxy, scheduling, tlsSecretName } = input;
  const front: Container = {
    ...common("nginx", nginx, [
      { name: "certificates", mountPath: POD.certificates, readOnly: true },
      { name: "texts", mountPath: POD.texts, readOnly: true },
      { name: "state", mountPath: POD.state },
    ]),
    command: ["nginx", "-c", `${POD.texts}/nginx.conf`, "-g", "daemon off;"],
    ports: [
      { name: "gateways", containerPort: POD.ports.gateways, protocol: "TCP" },
      { name: "probe", containerPort: POD.ports.probe, protocol: "TCP" },
    ],
    ...probes(),
  };
  const verifier: Container = {
    ...common("oauth2-proxy", oauth2Proxy, [
      { name: "texts", mountPath: POD.texts, readOnly: true },
      { name: "state", mountPath: POD.state, readOnly: true },
      ...(secret === undefined ? [] : [{ name: "secrets", mountPath: POD.secrets, readOnly: true }]),
    ]),
    args: [`--config=${POD.texts}/oauth2-proxy.cfg`],
    // It listens on loopback, so it is asked through the other one.
    livenessProbe: { httpGet: { path: "/ready", port: POD.ports.probe }, periodSeconds: 30, failureThreshold: 3 },
  };
  return {
    nodeSelector: scheduling.nodeSelector,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      seccompProfile: { type: "RuntimeDefault" },
    },
    terminationGracePeriodSeconds: 30,
    initContainers: [
      { ...common("prepare", nginx, [{ name: "state", mountPath: POD.state }]), command: ["/bin/sh", "-c", PREPARE] },
    ],
    containers: [front, verifier],
    volumes: [
      { name: "certificates", secret: { secretName: tlsSecretName } },
      { name: "texts", configMap: { name: configMap } },
      { name: "state", emptyDir: { sizeLimit: "64Mi" } },
      ...(secret === undefined ? [] : [{ name: "secrets", secret: { secretName: secret } }]),
    ],
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: labels },
        matchLabelKeys: ["pod-template-hash"],
      },
    ],
    ...omitUndefined({
      tolerations: scheduling.tolerations,
      affinity: scheduling.affinity as pulumi.Input<k8s.core.v1.Affinity> | undefined,
      priorityClassName: scheduling.priorityClassName,
    }),
  };
}

/** An ending pod still has connections for a moment, until every node knows: both containers wait for that. */
const LAST_SECONDS = 5;

function common(name: string, { image, resources }: VerifierContainer, mounts: k8s.core.v1.VolumeMount[]): Container {
  return {
    name,
    image,
    resources,
    volumeMounts: mounts,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    ...(name === "prepare" ? {} : { lifecycle: { preStop: { sleep: { seconds: LAST_SECONDS } } } }),
  };
}

/** Ready while both answer; whether the issuer does is not the pod's business, or its outage would end every `up`. */
function probes(): Pick<Container, "startupProbe" | "readinessProbe" | "livenessProbe"> {
  return {
    startupProbe: { tcpSocket: { port: "gateways" }, periodSeconds: 1, failureThreshold: 60 },
    readinessProbe: { httpGet: { path: "/ready", port: "probe" }, periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { tcpSocket: { port: "gateways" }, periodSeconds: 30, failureThreshold: 3, timeoutSeconds: 5 },
  };
}

/** The metadata of the pods, with what makes them new when their texts or their certificate change. */
export function podMetadata(
  input: CheckedPods,
  labels: Record<string, pulumi.Input<string>>,
  checksum: pulumi.Input<string>,
): PodMarks {
  const annotations = { "checksum/tls-secret": input.tlsChecksum, "checksum/config": checksum };
  return marked(input.scheduling, { labels, annotations });
}
