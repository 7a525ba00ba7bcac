import type * as pulumi from "@pulumi/pulumi";
import { dataKey, labelKey, labelName, labelValue, objectName } from "../checks/kubernetes";
import { cidr, hostName } from "../checks/rules";
import { LABELS, PORT } from "../checks/shared";
import {
  anything,
  flag,
  formerly,
  inputRows,
  list,
  map,
  type Members,
  oneOf,
  optionalTable,
  plain,
  table,
  text,
  wholeNumber,
} from "../checks/value";
import { REGISTRY, type RegistryContainerArgs } from "./args";
import { PodQosClass } from "./container-args";
import { type RegistryUiArgs, UI } from "./ui-args";
import { MONITORING, type RegistryMonitoringArgs } from "./monitoring/args";
import { type RegistryStorageArgs, STORAGE } from "./storage/args";

/** A taint of nodes that the pod tolerates. */
export interface RegistryTolerationArgs {
  /** Key of the taint. Default: every one. */
  key?: pulumi.Input<string>;
  /** `Exists` or `Equal`. Default `Equal`. */
  operator?: pulumi.Input<string>;
  /** Value of the taint, for `Equal`. */
  value?: pulumi.Input<string>;
  /** `NoSchedule`, `PreferNoSchedule` or `NoExecute`. Default: all of them. */
  effect?: pulumi.Input<string>;
  /** How long the pod stays on a node with a `NoExecute` taint. Seconds. Default: for ever. */
  tolerationSeconds?: pulumi.Input<number>;
}

/** Where pods run, and under which labels. */
export interface RegistrySchedulingArgs {
  /** More labels that a node must have to run the pod. Default none. */
  nodeSelector?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Taints that the pod tolerates, as Kubernetes writes them. Default none. */
  tolerations?: pulumi.Input<pulumi.Input<RegistryTolerationArgs>[]>;
  /** Affinity as Kubernetes writes it (`nodeAffinity`, `podAffinity`, `podAntiAffinity`). */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- Kubernetes' own, deep type; the provider checks it
  affinity?: pulumi.Input<any>;
  /** Priority class. Default: the cluster's own. */
  priorityClassName?: pulumi.Input<string>;
  /**
   * Class of the registry's pod, as in its `status.qosClass`. `Guaranteed` makes requests and limits of all of its
   * containers the same: what is given on one side holds for both, and by default 1 CPU and 1536Mi for the registry,
   * 100m and 64Mi for the UI. Not an output, since it decides how limits are read. Default `Burstable`.
   */
  qosClass?: PodQosClass;
  /** More labels of all pods. Default none. */
  labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** More annotations of all pods. Default none. */
  annotations?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** What a pod has in common with the registry of which it is a part. */
export interface RegistryWorkloadArgs {
  /** Where the images are, and what keeps and collects them. */
  storage: RegistryStorageArgs;
  /** The registry. Default: the recipe's. */
  registry?: RegistryContainerArgs;
  /** The web UI. Default: none. */
  ui?: RegistryUiArgs;
  /** Metrics, alerts and a deeper health check. Default: none. */
  monitoring?: RegistryMonitoringArgs;
  /** Where pods run, and under which labels. */
  scheduling?: RegistrySchedulingArgs;
}

/** Arguments of `RegistryPod`. */
export interface RegistryPodArgs extends RegistryWorkloadArgs {
  /** Name of the TLS secret: the output `secretName` of a `TlsSecret`. */
  tlsSecretName: pulumi.Input<string>;
  /**
   * What the TLS secret holds, as a checksum: the output `checksum` of a `TlsSecret`. The pod is renewed when it
   * changes.
   */
  tlsChecksum: pulumi.Input<string>;
  /**
   * The registry's `REGISTRY_HTTP_SECRET`, which signs the state of uploads: the same between runs and for all
   * replicas, or running pushes fail. 32 random characters or more. A secret.
   */
  httpSecret: pulumi.Input<string>;
  /**
   * True if the registry only accepts clients with a certificate of the CA in the TLS secret's `ca.crt`; then a node's
   * port is no way round the gateway. Needs `clientCaPem` in the `TlsSecret`. Default false.
   */
  requireClientCertificate?: pulumi.Input<boolean>;
  /**
   * With `registry.proxy`: the port of a second registry in the pod, which only reads what the first has fetched, and
   * asks nobody. It answers where the first hangs with the registry that it asks. Whether it is given decides what
   * exists. Range 1-65535. Default: none.
   */
  readerPort?: pulumi.Input<number>;
  /** Host name of the registry, for the commands that the UI shows. Default: what the UI makes of its own address. */
  registryHost?: pulumi.Input<string>;
  /**
   * Ranges of addresses from which registry and UI may be reached, where the cluster's network enforces
   * NetworkPolicies: those of the gateways, as the nodes see them, such as `192.0.2.10/32`. Whether it is given decides
   * what exists. Default: anybody, each port having its own guard.
   */
  allowedCidrs?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * True if an `up` waits for the pods with `kubectl` and says why they do not come up: the scheduler's reason, the
   * kubelet's, a container's last lines, within a minute where it won't pass by itself. Needs kubectl in PATH. If
   * false, and for a provider that a program in another language hands on, Pulumi waits by itself, ten minutes and
   * without these reasons. Not an output. Default true.
   */
  waitWithKubectl?: boolean;
  /**
   * Name of a service account of your own, by which a cloud knows the pod. Default: the namespace's own, without a
   * token.
   */
  serviceAccountName?: pulumi.Input<string>;
  /** Name of the deployment. Default `kube-registry-v0`. */
  name?: pulumi.Input<string>;
  /** Namespace. Default `kube-system`. */
  namespace?: pulumi.Input<string>;
  /** Value of the label `k8s-app`, by which the service finds the pod. Default `kube-registry`. */
  appLabel?: pulumi.Input<string>;
  /** Value of the label `version`. Default `v0`. */
  versionLabel?: pulumi.Input<string>;
  /** Name of the chain's file in the TLS secret. Default `domain.crt`. */
  certificateFile?: pulumi.Input<string>;
  /** Name of the key's file in the TLS secret. Default `domain.key`. */
  keyFile?: pulumi.Input<string>;
}

/** The values of `RegistryTolerationArgs`. */
const TOLERATION = {
  key: text({ rule: labelKey, without: "every taint" }),
  operator: text({ without: "Equal" }),
  value: text({ rule: labelValue }),
  effect: text({ without: "all effects" }),
  tolerationSeconds: wholeNumber({ min: 0, without: "no end" }),
} satisfies Members<RegistryTolerationArgs>;

/** The values of `RegistrySchedulingArgs`. */
const SCHEDULING = {
  nodeSelector: map(LABELS),
  tolerations: inputRows<RegistryTolerationArgs>(TOLERATION, { of: "tolerations" }),
  affinity: anything({}),
  priorityClassName: text({ rule: objectName, without: "the cluster's own" }),
  qosClass: plain(oneOf(PodQosClass, { default: PodQosClass.Burstable })),
  labels: map(LABELS),
  annotations: map({ name: labelKey, each: text({ max: 262144, rule: () => undefined }) }),
} satisfies Members<RegistrySchedulingArgs>;

/** The values of `RegistryWorkloadArgs`. */
export const WORKLOAD = {
  storage: optionalTable(STORAGE, {
    required: true,
    advice: "give the place of the images, such as hostPath with the nodeName of `kubectl get nodes`",
  }),
  registry: formerly(
    { size: "it is resources now", logLevel: "it is log.level now", logFormat: "it is log.format now" },
    table(REGISTRY),
  ),
  ui: formerly({ size: "it is resources now" }, table(UI)),
  monitoring: table(MONITORING),
  scheduling: table(SCHEDULING),
} satisfies Members<RegistryWorkloadArgs>;

/** Values that stand in the arguments of pod, service, secret and registry alike. */
export const NAMESPACE = text({ rule: labelName, default: "kube-system" });
export const APP_LABEL = text({ rule: labelValue, default: "kube-registry" });
export const DEPLOYMENT_NAME = text({ rule: objectName, default: "kube-registry-v0" });
export const SERVICE_ACCOUNT = text({ rule: objectName, without: "the namespace's own" });
export const ALLOWED_CIDRS = list(text({ rule: cidr, advice: "give the gateways' addresses as the nodes see them" }), {
  of: "ranges such as 192.0.2.10/32",
  min: 1,
  advice: "give the gateways' addresses as the nodes see them, or leave it out",
});
export const WAIT_WITH_KUBECTL = plain(flag({ default: true }));

/** The values of `RegistryPodArgs`. */
export const REGISTRY_POD = {
  ...WORKLOAD,
  tlsSecretName: text({ rule: objectName, required: true, advice: "give the output secretName of a TlsSecret" }),
  tlsChecksum: text({ required: true, advice: "give the output checksum of a TlsSecret" }),
  httpSecret: text({ max: 4096, required: true, secret: true, advice: "give 32 random characters or more" }),
  requireClientCertificate: flag({ default: false }),
  readerPort: wholeNumber({ ...PORT, without: "no reader" }),
  registryHost: text({ rule: hostName, advice: "give the name that `docker login` uses" }),
  allowedCidrs: ALLOWED_CIDRS,
  waitWithKubectl: WAIT_WITH_KUBECTL,
  serviceAccountName: SERVICE_ACCOUNT,
  name: DEPLOYMENT_NAME,
  namespace: NAMESPACE,
  appLabel: APP_LABEL,
  versionLabel: text({ rule: labelValue, default: "v0" }),
  certificateFile: text({ rule: dataKey, default: "domain.crt" }),
  keyFile: text({ rule: dataKey, default: "domain.key" }),
} satisfies Members<RegistryPodArgs>;
