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
  /** Where people read this repository's files; without it a runbook is named by its place there. */
  runbookUrl: string | undefined;
  /** True if there are snapshots of the images. */
  backup: boolean;
  /** True for a cache with a reader beside it: a mirror. */
  isMirror: boolean;
  /** After how many days without a good drill it is late; undefined where none runs by itself. */
  lateDrillDays: number | undefined;
}

/** What has to be known of a pod to watch it. */
export interface Watched extends PodIdentity {
  monitoring: Checked<typeof MONITORING>;
  registryHost: pulumi.Output<string> | undefined;
  storage: { claimName?: pulumi.Output<string>; nodeName?: pulumi.Output<string> };
  readerPort: pulumi.Output<number> | undefined;
  backup: { drill: { schedule: pulumi.Output<string> | undefined; lateDays: pulumi.Output<number> } } | undefined;
}

/** What alerts and dashboard are about, of a pod. */
export function targetOf({
  storage,
  namespace,
  name: deployment,
  registryHost,
  monitoring,
  readerPort,
  backup,
}: Watched): pulumi.Output<Target> {
  const { claimName: claim, nodeName: node } = storage;
  const { certificateHours, runbookUrl } = monitoring;
  return pulumi.output({
    deployment,
    namespace,
    registryHost: registryHost?.apply(asciiName),
    claim,
    node,
    certificateHours,
    runbookUrl,
    backup: backup !== undefined,
    isMirror: readerPort !== undefined,
    lateDrillDays: backup?.drill.schedule && backup.drill.lateDays,
  });
}

/** Labels of the registry's own metrics. */
export function ofRegistry({ deployment, namespace }: Target): string {
  return `namespace="${namespace}",service="${deployment}-metrics"`;
}

/** When a job on a schedule last ended well, by kube-state-metrics: seconds since 1970; nothing if it never has. */
export function lastGoodRun(of: Target, job: "backup" | "drill"): string {
  return `kube_cronjob_status_last_successful_time{${ofJob(of, job)}}`;
}

/** Labels of a job on a schedule. */
export function ofJob({ deployment, namespace }: Target, job: "backup" | "drill"): string {
  return `namespace="${namespace}",cronjob="${deployment}-${job}"`;
}

/** The label of what a blackbox exporter asks of the registry's address, written as a host or a URL. */
export function ofProbe(registryHost: string): string {
  return `instance=~"(https://)?${registryHost.replaceAll(".", "[.]")}([:/].*)?"`;
}
