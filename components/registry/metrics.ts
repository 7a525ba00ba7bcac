import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import { Service } from "@pulumi/kubernetes/core/v1/service";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy";
import * as pulumi from "@pulumi/pulumi";
import { alerts } from "./alerts";
import type { CheckedPod } from "./check";
import type { RegistryMetricsArgs } from "./feature-args";

/** What opens the metrics to Prometheus and to nobody else. */
export function createMetrics(
  name: string,
  input: CheckedPod,
  args: RegistryMetricsArgs | undefined,
  parent: pulumi.Resource,
): void {
  if (!args || input.metricsPort === undefined) return;
  const { namespace } = input;
  const child = `${name}-metrics`;
  const selector = { "k8s-app": input.appLabel, version: input.versionLabel };
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
    const spec = pulumi.all([input.name, namespace]).apply(([deployment, space]) => alerts(deployment, space));
    new CustomResource(`${name}-alerts`, { ...kind, metadata: found, spec }, { parent });
  }
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
