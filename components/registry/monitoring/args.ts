import type * as pulumi from "@pulumi/pulumi";
import { url } from "../../checks/rules";
import { LABELS, PORT } from "../../checks/shared";
import { flag, map, type Members, plain, text, wholeNumber } from "../../checks/value";

/**
 * The registry's metrics for Prometheus, and with them a health check that notices a broken store. They are on the
 * registry's debug port, only on the pod: a service of their own opens it in the cluster, never a node's port, and a
 * NetworkPolicy limits who may ask. That port shows more than the metrics: `/debug/vars` with the registry's settings
 * for notices, tokens included, and `/debug/pprof`, Go's profiler. The registry can't be told to show less, so metrics
 * are refused beside notifications.
 */
export interface RegistryMonitoringArgs {
  /**
   * True for metrics, and a health check that notices a broken store. Not an output, since it decides what exists.
   * Default false.
   */
  metrics?: boolean;
  /** Port of the metrics in the pod. Range 1-65535, default 5001. */
  port?: pulumi.Input<number>;
  /** Labels of the namespaces whose pods may read the metrics. Default `kubernetes.io/metadata.name: monitoring`. */
  readers?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * True to make a ServiceMonitor, by which the Prometheus operator finds the metrics. Not an output. Default false.
   */
  serviceMonitor?: boolean;
  /** True to make a PrometheusRule with alerts. Not an output. Default false. */
  rules?: boolean;
  /**
   * With how many hours left the alerts call the served certificate late. 1-87600, default 336; take fewer for a
   * certificate of a few days.
   */
  certificateHours?: pulumi.Input<number>;
  /**
   * Where people read this repository's files, such as `https://git.example.com/platform/registry/blob/main`. Each alert
   * has an annotation `runbook_url`, which is this and the place of its runbook: `docs/runbooks/disk-full.md` and the
   * like. Default: the place only, for whoever has the files.
   */
  runbookUrl?: pulumi.Input<string>;
  /**
   * True to make a ConfigMap with a Grafana dashboard, which Grafana's sidecar finds by its label. Not an output.
   * Default false.
   */
  dashboard?: boolean;
  /** Labels of that ConfigMap. Default `grafana_dashboard: "1"`. */
  dashboardLabels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Labels of the ServiceMonitor and PrometheusRule, by which Prometheus chooses them. Default none. */
  labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** The values of `RegistryMonitoringArgs`. */
export const MONITORING = {
  metrics: plain(flag({ default: false })),
  port: wholeNumber({ ...PORT, default: 5001 }),
  readers: map({ ...LABELS, default: { "kubernetes.io/metadata.name": "monitoring" } }),
  serviceMonitor: plain(flag({ default: false })),
  rules: plain(flag({ default: false })),
  certificateHours: wholeNumber({ min: 1, max: 87600, default: 336 }),
  runbookUrl: text({ rule: url }),
  dashboard: plain(flag({ default: false })),
  dashboardLabels: map({ ...LABELS, default: { grafana_dashboard: "1" } }),
  labels: map(LABELS),
} satisfies Members<RegistryMonitoringArgs>;
