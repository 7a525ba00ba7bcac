import type * as pulumi from "@pulumi/pulumi";

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
