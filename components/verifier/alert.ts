import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import * as pulumi from "@pulumi/pulumi";
import type { CheckedPods } from "./check";

/** What says that no pod is ready. */
export interface DownAlert {
  alert: string;
  summary: string;
  /** A heading of docs/troubleshooting.md, as its address has it. */
  heading: string;
}

/** That of a verifier. */
export function verifierDown(issuerUrl: string): DownAlert {
  return {
    alert: "PrivateRegistryVerifierDown",
    summary: `No pod that verifies tokens of ${issuerUrl || "the cluster"} is ready: jobs with new tokens can't push or pull.`,
    heading: "tokens-of-this-identity-cant-be-verified-now",
  };
}

/** A PrometheusRule by kube-state-metrics: no pod of these is ready. */
export function createAlert(
  name: string,
  input: CheckedPods,
  { alert, summary, heading }: DownAlert,
  parent: pulumi.Resource,
): void {
  if (!input.alert) return;
  const { name: deployment, namespace, runbookUrl = pulumi.output("") } = input;
  const runbook = `docs/troubleshooting.md#${heading}`;
  const rule = {
    alert,
    expr: pulumi.interpolate`absent(kube_deployment_status_replicas_available{namespace="${namespace}",deployment="${deployment}"} > 0)`,
    for: "5m",
    labels: { severity: "critical" },
    annotations: {
      summary,
      runbook_url: runbookUrl.apply((base) => (base === "" ? runbook : `${base.replace(/\/+$/, "")}/${runbook}`)),
    },
  };
  const kind = { apiVersion: "monitoring.coreos.com/v1", kind: "PrometheusRule" };
  const metadata = { name: deployment, namespace, labels: input.alertLabels };
  new CustomResource(
    `${name}-alert`,
    { ...kind, metadata, spec: { groups: [{ name: deployment, rules: [rule] }] } },
    { parent },
  );
}
