import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import { omitUndefined } from "../../checks/omit-undefined";
import type { BackupParts } from "./check";
import { type PodIdentity, type PodMarks, selectorLabels } from "../identity";
import { onNode } from "../placement";
import type { StorageParts } from "../storage/storage";
import { type OwnedPod, registryUser } from "../containers";

export type PodSpec = k8s.core.v1.PodSpec;

/** Where the scripts are in a job. */
const SCRIPTS = "/scripts";

/** What has to be known of a pod to back it up. */
export interface BackedUpPod extends PodIdentity, OwnedPod {
  storage: StorageParts;
  scheduling: PodMarks & { nodeSelector: pulumi.Output<Record<string, string>>; tolerations?: PodSpec["tolerations"] };
  /** True if the registry is a cache, which may lack parts of what it has. */
  isCache: boolean;
}

/** A folder of a job: the volume that is there, and the variable that tells the script where that is. */
export interface Place {
  variable: string;
  path: string;
  volume: k8s.core.v1.Volume;
  readOnly: boolean;
  /** True if the pod's group has to be the owner's, as in the volume of a claim. */
  claimed: boolean;
}

/** What one job is made of. */
export interface JobParts {
  /** Name of the ConfigMap with the scripts. */
  scripts: pulumi.Input<string>;
  /** The script that it runs. */
  file: string;
  /** The script's variables beside those of the places. */
  variables: Record<string, pulumi.Input<string>>;
  places: readonly Place[];
  /** True for root; else it is the registry's own user. */
  asRoot: boolean;
}

/**
 * A job on a schedule. A run that failed is not repeated: it has tried three times itself, and what it said should be
 * seen.
 * @param activeDeadlineSeconds When a run is ended that has not come to its end. Default: never.
 */
export function jobSpec(
  schedule: pulumi.Input<string>,
  template: k8s.core.v1.PodTemplateSpec,
  activeDeadlineSeconds?: number,
): k8s.batch.v1.CronJobSpec {
  return {
    schedule,
    timeZone: "Etc/UTC",
    concurrencyPolicy: "Forbid",
    startingDeadlineSeconds: 3600,
    successfulJobsHistoryLimit: 1,
    failedJobsHistoryLimit: 3,
    jobTemplate: { spec: { backoffLimit: 0, ...omitUndefined({ activeDeadlineSeconds }), template } },
  };
}

/** The pod of a job, on a node that has both the images and the snapshots. */
export function podSpec(input: BackedUpPod, backup: BackupParts, { scripts, ...parts }: JobParts): PodSpec {
  const { storage, scheduling } = input;
  const claimed = parts.places.some((place) => place.claimed);
  return {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    nodeSelector: pulumi
      .all([scheduling.nodeSelector, storage.nodeSelector])
      .apply(([more, images]) => ({ ...more, ...images })),
    ...omitUndefined({
      affinity: onNode(storage.nodeName ?? backup.nodeName, storage.exclusive ? besideRegistry(input) : undefined),
      tolerations: scheduling.tolerations,
    }),
    securityContext: {
      seccompProfile: { type: "RuntimeDefault" },
      ...(claimed ? { fsGroup: registryUser(input) ?? 1000 } : {}),
    },
    containers: [container(input, backup, parts)],
    volumes: [
      ...parts.places.map(({ volume }) => volume),
      { name: "scripts", configMap: { name: scripts } },
      { name: "tmp", emptyDir: {} },
    ],
  };
}

function container(
  input: BackedUpPod,
  backup: BackupParts,
  { file, variables, places, asRoot }: Omit<JobParts, "scripts">,
): k8s.core.v1.Container {
  const user = asRoot ? 0 : registryUser(input);
  const where = Object.fromEntries(places.map(({ variable, path }) => [variable, path]));
  // A cache may lack parts of what it has, and forgets what is over time: that is no loss.
  const cache = input.isCache ? { CACHE: "true" } : undefined;
  return {
    name: "copy",
    image: backup.image,
    command: ["/bin/sh", `${SCRIPTS}/${file}`],
    env: Object.entries({ ...variables, ...where, ...cache }).map(([name, value]) => ({ name, value })),
    resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "256Mi" } },
    volumeMounts: [
      ...places.map(({ volume: { name }, path, readOnly }) => ({ name, mountPath: path, readOnly })),
      { name: "scripts", mountPath: SCRIPTS, readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
    ],
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
      ...(user === undefined ? {} : { runAsUser: user, runAsGroup: user, runAsNonRoot: user !== 0 }),
    },
  };
}

/** A volume that one node has at a time is where the registry is. */
function besideRegistry(input: BackedUpPod): k8s.core.v1.Affinity {
  const labelSelector = { matchLabels: selectorLabels(input) };
  const podAffinityTerm = { topologyKey: "kubernetes.io/hostname", labelSelector };
  return { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }] } };
}
