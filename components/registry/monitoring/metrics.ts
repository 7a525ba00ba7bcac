import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import { Service } from "@pulumi/kubernetes/core/v1/service";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy";
import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import { alerts } from "./alerts";
import { selectorLabels } from "../identity";
import { type GuardedPod, openPorts } from "../network-policy";
import { dashboard } from "./dashboard";
import { type Target, targetOf, type Watched } from "./target";

/** What has to be known of a pod to open its metrics. */
export type MeasuredPod = Watched & GuardedPod;

/** What opens the metrics to Prometheus and to nobody else. */
export function createMetrics(name: string, input: MeasuredPod, parent: pulumi.Resource): void {
  const { namespace, monitoring } = input;
  const subject = targetOf(input);
  const child = `${name}-metrics`;
  const selector = selectorLabels(input);
  const title = { name: pulumi.interpolate`${input.name}-metrics`, namespace };
  const found = { ...title, labels: monitoring.labels };
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
        ports: [{ name: "metrics", port: monitoring.port, targetPort: monitoring.port, protocol: "TCP" }],
      },
    },
    { parent },
  );
  new NetworkPolicy(child, { metadata: title, spec: policy(input, selector) }, { parent });
  if (monitoring.serviceMonitor) {
    const spec = {
      selector: { matchLabels: { "k8s-app": pulumi.interpolate`${input.appLabel}-metrics` } },
      endpoints: [{ port: "metrics", path: "/metrics" }],
    };
    const kind = { apiVersion: "monitoring.coreos.com/v1", kind: "ServiceMonitor" };
    new CustomResource(child, { ...kind, metadata: found, spec }, { parent });
  }
  if (monitoring.rules) {
    const kind = { apiVersion: "monitoring.coreos.com/v1", kind: "PrometheusRule" };
    const spec = subject.apply(alerts);
    new CustomResource(`${name}-alerts`, { ...kind, metadata: found, spec }, { parent });
  }
  if (monitoring.dashboard) createDashboard(name, monitoring.dashboardLabels, subject, title, parent);
}

function createDashboard(
  name: string,
  labels: pulumi.Output<Record<string, string>>,
  subject: pulumi.Output<Target>,
  title: { name: pulumi.Output<string>; namespace: pulumi.Output<string> },
  parent: pulumi.Resource,
): void {
  const metadata = { ...title, name: pulumi.interpolate`${subject.deployment}-dashboard`, labels };
  const file = pulumi.interpolate`${subject.namespace}-${subject.deployment}.json`;
  const data = pulumi
    .all([file, subject])
    .apply(([path, of]): Record<string, string> => ({ [path]: JSON.stringify(dashboard(of)) }));
  new ConfigMap(`${name}-dashboard`, { metadata, data }, { parent });
}

/**
 * The debug port is only for the readers; registry and UI stay open, each with its own guard, unless another policy
 * limits them.
 */
function policy(
  input: MeasuredPod,
  matchLabels: Record<string, pulumi.Input<string>>,
): k8s.networking.v1.NetworkPolicySpec {
  const { monitoring, allowedCidrs } = input;
  const open = openPorts(input);
  return {
    podSelector: { matchLabels },
    policyTypes: ["Ingress"],
    ingress: [
      ...(allowedCidrs ? [] : [{ ports: open.map((port) => ({ port, protocol: "TCP" })) }]),
      {
        from: [{ namespaceSelector: { matchLabels: monitoring.readers } }],
        ports: [{ port: monitoring.port, protocol: "TCP" }],
      },
    ],
  };
}
