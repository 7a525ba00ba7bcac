import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import * as pulumi from "@pulumi/pulumi";
import type { CheckedVerifier } from "./check";

const RUNBOOK = "docs/troubleshooting.md#tokens-of-this-identity-cant-be-verified-now";

/** A PrometheusRule by kube-state-metrics: no pod of the verifier is ready. */
export function createAlert(name: string, input: CheckedVerifier, parent: pulumi.Resource): void {
  if (!input.alert) return;
  const { name: deployment, namespace, runbookUrl = pulumi.output(""), settings } = input;
  const rule = {
    alert: "PrivateRegistryVerifierDown",
    expr: pulumi.interpolate`absent(kube_deployment_status_replicas_available{namespace="${namespace}",deployment="${deployment}"} > 0)`,
    for: "5m",
    labels: { severity: "critical" },
    annotations: {
      summary: `No pod that verifies tokens of ${settings.issuerUrl || "the cluster"} is ready: jobs with new tokens can't push or pull.`,
      runbook_url: runbookUrl.apply((base) => (base === "" ? RUNBOOK : `${base.replace(/\/+$/, "")}/${RUNBOOK}`)),
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
