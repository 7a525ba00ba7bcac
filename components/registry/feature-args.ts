import type * as pulumi from "@pulumi/pulumi";

/**
 * The registry as a cache of another one: what is pulled through it is kept. Nobody can push to it or delete: the registry answers 405 "UNSUPPORTED". Version 2
 * logs in by tokens alone, as Docker Hub asks for; a registry that asks for a password itself, such as another one of this kind, needs version 3.
 */
export interface RegistryProxyArgs {
  /** URL of the other registry, such as `https://registry-1.docker.io`. */
  remoteUrl: pulumi.Input<string>;
  /** User there; with `password`, or neither. */
  username?: pulumi.Input<string>;
  /** Password there. A secret. */
  password?: pulumi.Input<string>;
  /** How long a layer is kept after it came. Hours, 1-87600, default 168; version 2 always takes 168. */
  ttlHours?: pulumi.Input<number>;
}

/**
 * Where the registry sends a notice of every push, pull and deletion, as a POST of JSON. Not beside metrics, whose port would show
 * URL and headers.
 */
export interface RegistryNotificationArgs {
  /** Name of the endpoint, for logs. */
  name: pulumi.Input<string>;
  /** URL of the endpoint. It is kept in a secret, since it may hold a token. */
  url: pulumi.Input<string>;
  /** Headers of each notice, such as `Authorization`. A secret. */
  headers?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** How long an answer may take. Seconds, 1-300, default 5. */
  timeoutSeconds?: pulumi.Input<number>;
}

/**
 * Removal of layers that no image uses. The registry collects before it starts, while no other one takes pushes: so it has one replica, or `registry.readOnly` is
 * true, and each restart of the pod takes as long as the collection does. In a directory or volume a lock keeps two pods apart; an object store has none, so there a pod first waits
 * as long as another one could still live (`shutdown.waitSeconds` and `drainSeconds` and 10 s), unless it is read-only. Before a registry that was read-only
 * for a collection takes pushes again, leave out `cleaning` in an `up` of its own.
 */
export interface RegistryCleaningArgs {
  /** When the pod is restarted to collect, as five fields of cron in UTC. Default `0 4 * * 0`, Sundays at four. */
  schedule?: pulumi.Input<string>;
  /** Image with kubectl, which restarts the pod. Default `registry.k8s.io/kubectl:v1.35.0`. */
  kubectlImage?: pulumi.Input<string>;
  /** True if images without a tag go too. Only with version 3 of the registry: version 2 takes parts of images for several platforms. Default false. */
  deleteUntagged?: pulumi.Input<boolean>;
}

/**
 * The registry's metrics for Prometheus, and with them a health check that notices a broken store. They are on the registry's debug port, on the pod alone: a service
 * of their own opens it in the cluster, never a node's port, and a NetworkPolicy limits who may ask. That port shows more than the
 * metrics: `/debug/vars` with the registry's settings for notices, tokens included, and `/debug/pprof`, Go's profiler. The registry
 * can't be told to show less, so metrics are refused beside notifications.
 */
export interface RegistryMetricsArgs {
  /** Port in the pod. Default 5001. */
  port?: pulumi.Input<number>;
  /** Labels of the namespaces whose pods may read the metrics. Default `kubernetes.io/metadata.name: monitoring`. */
  readers?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** True to make a ServiceMonitor, by which the Prometheus operator finds the metrics. Plain. Default false. */
  serviceMonitor?: boolean;
  /** True to make a PrometheusRule with alerts. Plain. Default false. */
  rules?: boolean;
  /** With how many hours left the alerts call the served certificate late. 1-87600, default 336; take fewer for a certificate of a few days. */
  certificateHours?: pulumi.Input<number>;
  /** True to make a ConfigMap with a Grafana dashboard, which Grafana's sidecar finds by its label. Plain. Default false. */
  dashboard?: boolean;
  /** Labels of that ConfigMap. Default `grafana_dashboard: "1"`. */
  dashboardLabels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Labels of the ServiceMonitor and PrometheusRule, by which Prometheus chooses them. Default none. */
  labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}
