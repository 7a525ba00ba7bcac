/** An alert of Prometheus. */
interface Alert {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: string };
  annotations: { summary: string };
}

/** The alerts on what the registry and the cluster's kube-state-metrics say, as the spec of a PrometheusRule. */
export function alerts(deployment: string, namespace: string): { groups: { name: string; rules: Alert[] }[] } {
  const registry = `namespace="${namespace}",service="${deployment}-metrics"`;
  const workload = `namespace="${namespace}",deployment="${deployment}"`;
  const rule = (alert: string, expr: string, minutes: number, severity: string, summary: string): Alert => ({
    alert,
    expr,
    for: `${minutes}m`,
    labels: { severity },
    annotations: { summary },
  });
  return {
    groups: [
      {
        name: `${deployment}`,
        rules: [
          rule(
            "PrivateRegistryDown",
            `absent(kube_deployment_status_replicas_available{${workload}} > 0)`,
            5,
            "critical",
            "No pod of the registry is ready: nobody can push or pull.",
          ),
          rule(
            "PrivateRegistryErrors",
            `sum(rate(registry_http_requests_total{${registry},code=~"5.."}[5m])) / sum(rate(registry_http_requests_total{${registry}}[5m])) > 0.05`,
            10,
            "warning",
            "More than 5% of the registry's answers are errors of its own; see its log.",
          ),
          rule(
            "PrivateRegistryStorageSlow",
            `histogram_quantile(0.95, sum(rate(registry_storage_action_seconds_bucket{${registry}}[5m])) by (le)) > 5`,
            15,
            "warning",
            "The store of images takes more than 5 s for 5% of its actions.",
          ),
          rule(
            "PrivateRegistryVolumeFull",
            `kubelet_volume_stats_available_bytes{namespace="${namespace}",persistentvolumeclaim=~".*registry.*"} / kubelet_volume_stats_capacity_bytes < 0.1`,
            10,
            "critical",
            "The volume of images has less than a tenth left; pushes fail when it is full.",
          ),
        ],
      },
    ],
  };
}
