import type * as pulumi from "@pulumi/pulumi";
import type { RegistryContainerArgs, RegistryShutdownArgs, RegistryUiArgs } from "./args";
import type { RegistryBackupArgs } from "./backup/args";
import type { RegistryCleaningArgs } from "./garbage-collection/args";
import type { RegistryMetricsArgs } from "./monitoring/args";
import type { RegistryNotificationArgs } from "./features/notification-args";
import type { RegistryProxyArgs } from "./features/proxy-args";
import type { RegistryNetworkPolicyArgs } from "./network-policy/args";
import type { RegistryStorageArgs } from "./storage/args";

/** A taint of nodes that the pod bears. */
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
  /** More labels that a node must have. */
  nodeSelector?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Taints that the pod bears. */
  tolerations?: pulumi.Input<pulumi.Input<RegistryTolerationArgs>[]>;
  /** Affinity as Kubernetes writes it (`nodeAffinity`, `podAffinity`, `podAntiAffinity`). */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- Kubernetes' own, deep type; the provider checks it
  affinity?: pulumi.Input<any>;
  /** Priority class. Default: the cluster's own. */
  priorityClassName?: pulumi.Input<string>;
  /** More labels of the pod. */
  labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** More annotations of the pod. */
  annotations?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** Arguments of `RegistryPod`. */
export interface RegistryPodArgs {
  /** Where the images are. Plain, since it decides what exists. */
  storage: RegistryStorageArgs;
  /** Name of the TLS secret: the output `secretName` of a `TlsSecret`. */
  tlsSecretName: pulumi.Input<string>;
  /** What the TLS secret holds, as a checksum: the output `checksum` of a `TlsSecret`. The pod is renewed when it changes. */
  tlsChecksum: pulumi.Input<string>;
  /**
   * The registry's `REGISTRY_HTTP_SECRET`, which signs the state of uploads: the same between runs and for all replicas, or running pushes fail.
   * 32 random characters or more. A secret.
   */
  httpSecret: pulumi.Input<string>;
  /**
   * True if the registry takes nobody without a client certificate of the CA in the TLS secret's `ca.crt`; then a node's port is no way
   * round the gateway. Needs `clientCaPem` in the `TlsSecret`. Default false.
   */
  requireClientCertificate?: pulumi.Input<boolean>;
  /** The container `registry`. Default: the recipe's. */
  registry?: RegistryContainerArgs;
  /** The container `registry-ui`. Default: the joxit UI. */
  ui?: RegistryUiArgs;
  /** Host name of the registry, for the commands that the UI shows. Default: what the UI makes of its own address. */
  registryHost?: pulumi.Input<string>;
  /** Where the UI's page is, such as `https://www.example.com`. Default: the UI takes the address in the browser. */
  uiUrl?: pulumi.Input<string>;
  /** How many pods. More than one needs an object store, or a claim with `ReadWriteMany`. Plain, since it decides what exists. Default 1. */
  replicas?: number;
  /** Where pods run, and under which labels. */
  scheduling?: RegistrySchedulingArgs;
  /** Name of a service account of your own, as by which the cloud knows the pod. Default: the namespace's own, without a token. */
  serviceAccountName?: pulumi.Input<string>;
  /** Makes the registry a cache of another one. Plain presence. Default: none, the registry has images of its own. */
  proxy?: RegistryProxyArgs;
  /** Where notices of pushes and pulls go. Plain list. Default none. */
  notifications?: RegistryNotificationArgs[];
  /** Removes unused layers. Plain presence, since it decides what exists. Default: none are removed. */
  cleaning?: RegistryCleaningArgs;
  /** Metrics and a deeper health check. Plain presence, since it decides what exists. Default: none. */
  metrics?: RegistryMetricsArgs;
  /** Limits who may connect, where the cluster's network holds NetworkPolicies. Plain presence. Default: anybody, each port having its own guard. */
  networkPolicy?: RegistryNetworkPolicyArgs;
  /** Snapshots of the images. Plain presence, since it decides what exists. Default: none. */
  backup?: RegistryBackupArgs;
  /** How the pod stops. */
  shutdown?: RegistryShutdownArgs;
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
