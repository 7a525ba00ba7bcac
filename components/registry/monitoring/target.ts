import * as pulumi from "@pulumi/pulumi";
import { asciiName } from "../../checks/rules";
import type { Checked } from "../../checks/value";
import type { PodIdentity } from "../identity";
import type { MONITORING } from "./args";

/** What alerts and dashboard are about; all of it is plain. */
export interface Target {
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

/** What has to be known of a pod to watch it. */
export interface Watched extends PodIdentity {
  monitoring: Checked<typeof MONITORING>;
  registryHost: pulumi.Output<string> | undefined;
  storage: { claimName?: pulumi.Output<string>; nodeName?: pulumi.Output<string> };
}

/** What alerts and dashboard are about, of a pod. */
export function targetOf({
  storage,
  namespace,
  name: deployment,
  registryHost,
  monitoring,
}: Watched): pulumi.Output<Target> {
  const { claimName: claim, nodeName: node } = storage;
  const { certificateHours } = monitoring;
  return pulumi.output({
    deployment,
    namespace,
    registryHost: registryHost?.apply(asciiName),
    claim,
    node,
    certificateHours,
  });
}

/** Labels of the registry's own metrics. */
export function ofRegistry({ deployment, namespace }: Target): string {
  return `namespace="${namespace}",service="${deployment}-metrics"`;
}

/** The label of what a blackbox exporter asks of the registry's address, written as a host or a URL. */
export function ofProbe(registryHost: string): string {
  return `instance=~"(https://)?${registryHost.replaceAll(".", "[.]")}([:/].*)?"`;
}
