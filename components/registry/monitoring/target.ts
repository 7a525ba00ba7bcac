import * as pulumi from "@pulumi/pulumi";
import type { CheckedPod } from "../check";
import type { RegistryMetricsArgs } from "./args";

/** What alerts and dashboard are about; all of it is plain. */
export interface Watched {
  deployment: string;
  namespace: string;
  /** Host name of the registry; without it nothing is said of gateways and certificate. */
  registryHost: string | undefined;
  /** The claim of the images, where they are in a volume. */
  claim: string | undefined;
  /** The node of the images, where they are in a directory of one. */
  node: string | undefined;
  /** With how many hours left the served certificate is late. */
  certificateHours: number;
}

/** What alerts and dashboard are about, of a pod. */
export function watched(
  input: CheckedPod,
  args: RegistryMetricsArgs,
  registryHost: pulumi.Input<string> | undefined,
): pulumi.Output<Watched> {
  const { storage, namespace, name: deployment } = input;
  const { claimName: claim, nodeName: node } = storage;
  const certificateHours = args.certificateHours ?? 336;
  return pulumi.output({ deployment, namespace, registryHost, claim, node, certificateHours });
}

/** Labels of the registry's own metrics. */
export function ofRegistry({ deployment, namespace }: Watched): string {
  return `namespace="${namespace}",service="${deployment}-metrics"`;
}

/** The label of what a blackbox exporter asks of the registry's address, written as a host or a URL. */
export function ofProbe(registryHost: string): string {
  return `instance=~"(https://)?${registryHost.replaceAll(".", "[.]")}([:/].*)?"`;
}
