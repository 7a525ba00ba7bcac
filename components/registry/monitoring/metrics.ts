import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import { Service } from "@pulumi/kubernetes/core/v1/service";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy";
import * as pulumi from "@pulumi/pulumi";
import { alerts } from "./alerts";
import type { CheckedPod } from "../check";
import { selectorLabels } from "../identity";
import { dashboard } from "./dashboard";
import type { RegistryMetricsArgs } from "./args";
import { watched, type Watched } from "./target";

/** What opens the metrics to Prometheus and to nobody else. */
export function createMetrics(
  name: string,
  input: CheckedPod,
  args: RegistryMetricsArgs | undefined,
  registryHost: pulumi.Input<string> | undefined,
  parent: pulumi.Resource,
): void {
  if (!args || input.metricsPort === undefined) return;
  const { namespace } = input;
  const subject = watched(input, args, registryHost);
  const child = `${name}-metrics`;
  const selector = selectorLabels(input);
  const title = { name: pulumi.interpolate`${input.name}-metrics`, namespace };
  const found = { ...title, labels: pulumi.output(args.labels ?? {}) };
  new Service(
    child,
    {
      metadata: {
        ...title,
        labels: { "k8s-app": pulumi.interpolate`${input.appLabel}-metrics` },
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        clusterIP: "None",
        selector,
        ports: [{ name: "metrics", port: input.metricsPort, targetPort: input.metricsPort, protocol: "TCP" }],
      },
    },
    { parent },
  );
  new NetworkPolicy(child, { metadata: title, spec: policy(input, args, selector) }, { parent });
  if (args.serviceMonitor) {
    const spec = {
      selector: { matchLabels: { "k8s-app": pulumi.interpolate`${input.appLabel}-metrics` } },
      endpoints: [{ port: "metrics", path: "/metrics" }],
    };
    const kind = { apiVersion: "monitoring.coreos.com/v1", kind: "ServiceMonitor" };
    new CustomResource(child, { ...kind, metadata: found, spec }, { parent });
  }
  if (args.rules) {
    const kind = { apiVersion: "monitoring.coreos.com/v1", kind: "PrometheusRule" };
    const spec = subject.apply(alerts);
    new CustomResource(`${name}-alerts`, { ...kind, metadata: found, spec }, { parent });
  }
  if (args.dashboard) createDashboard(name, args, subject, title, parent);
}

function createDashboard(
  name: string,
  args: RegistryMetricsArgs,
  subject: pulumi.Output<Watched>,
  title: { name: pulumi.Output<string>; namespace: pulumi.Output<string> },
  parent: pulumi.Resource,
): void {
  const labels = pulumi.output(args.dashboardLabels ?? { grafana_dashboard: "1" });
  const metadata = { ...title, name: pulumi.interpolate`${subject.deployment}-dashboard`, labels };
  const file = pulumi.interpolate`${subject.namespace}-${subject.deployment}.json`;
  const data = pulumi
    .all([file, subject])
    .apply(([path, of]): Record<string, string> => ({ [path]: JSON.stringify(dashboard(of)) }));
  new ConfigMap(`${name}-dashboard`, { metadata, data }, { parent });
}

/** The debug port is for the readers alone; registry and UI stay open, each with its own guard, unless another policy limits them. */
function policy(
  input: CheckedPod,
  args: RegistryMetricsArgs,
  selector: Record<string, pulumi.Input<string>>,
): ConstructorParameters<typeof NetworkPolicy>[1] extends infer A | undefined
  ? A extends { spec?: infer S }
    ? S
    : never
  : never {
  const readers = args.readers ?? { "kubernetes.io/metadata.name": "monitoring" };
  const open = [input.registry.port, ...(input.ui.image ? [input.ui.port] : [])];
  return {
    podSelector: { matchLabels: selector },
    policyTypes: ["Ingress"],
    ingress: [
      ...(input.allowedCidrs ? [] : [{ ports: open.map((port) => ({ port, protocol: "TCP" })) }]),
      {
        from: [{ namespaceSelector: { matchLabels: readers } }],
        ports: input.metricsPort === undefined ? [] : [{ port: input.metricsPort, protocol: "TCP" }],
      },
    ],
  };
}
