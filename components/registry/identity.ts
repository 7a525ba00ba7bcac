import type * as pulumi from "@pulumi/pulumi";

/** By which names and labels the cluster knows the registry's pods. */
export interface PodIdentity {
  /** The deployment's name. */
  name: pulumi.Output<string>;
  namespace: pulumi.Output<string>;
  appLabel: pulumi.Output<string>;
  versionLabel: pulumi.Output<string>;
}

/** The labels that every pod of the deployment has, and no other. */
export function selectorLabels({ appLabel, versionLabel }: PodIdentity): Record<string, pulumi.Output<string>> {
  return { "k8s-app": appLabel, version: versionLabel };
}
