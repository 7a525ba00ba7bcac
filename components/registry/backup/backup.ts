import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CronJob } from "@pulumi/kubernetes/batch/v1/cronJob";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import { omitUndefined } from "../../checks/omit-undefined";
import type { BackupParts } from "./check";
import { jobMetadata, type PodIdentity, type PodMarks, selectorLabels } from "../identity";
import type { StorageParts } from "../storage/storage";
import { type OwnedPod, registryUser } from "../containers";

type PodSpec = k8s.core.v1.PodSpec;

/** Where the scripts, the images and the snapshots are in the job. */
const [SCRIPTS, IMAGES, BACKUPS] = ["/scripts", "/images", "/backups"];

/** What has to be known of a pod to back it up. */
export interface BackedUpPod extends PodIdentity, OwnedPod {
  storage: StorageParts;
  scheduling: PodMarks & { nodeSelector: pulumi.Output<Record<string, string>>; tolerations?: PodSpec["tolerations"] };
  /** True if the registry is a cache, which may lack parts of what it has. */
  isCache: boolean;
}

/**
 * The job that makes snapshots on a schedule, and one that is there to be started by hand and puts a snapshot back: a
 * cron job that is suspended.
 */
export function createBackup(name: string, input: BackedUpPod, backup: BackupParts, parent: pulumi.Resource): void {
  const { namespace } = input;
  const title = (of: string) => ({ name: pulumi.interpolate`${input.name}-${of}`, namespace });
  const scripts = new ConfigMap(`${name}-backup`, { metadata: title("backup"), data: files() }, { parent });
  const spec = (file: string, variables: Variables, restores: boolean) =>
    podSpec(input, backup, { scripts: scripts.metadata.name, file, variables, restores });
  const backing = spec("backup.sh", { KEEP: pulumi.interpolate`${backup.keep}`, LOSSES: "refused" }, false);
  const restoring = spec("restore.sh", { SNAPSHOT: "latest" }, true);
  const metadata = jobMetadata(input.scheduling);
  const job = (schedule: pulumi.Input<string>, pod: PodSpec) => jobSpec(schedule, { metadata, spec: pod });
  const { schedule } = backup;
  new CronJob(`${name}-backup`, { metadata: title("backup"), spec: job(schedule, backing) }, { parent });
  new CronJob(
    `${name}-restore`,
    { metadata: title("restore"), spec: { ...job("0 0 1 1 *", restoring), suspend: true } },
    { parent },
  );
}

type Variables = Record<string, pulumi.Input<string>>;

/** A run that failed is not repeated: it has tried three times itself, and what it said should be seen. */
function jobSpec(schedule: pulumi.Input<string>, template: k8s.core.v1.PodTemplateSpec): k8s.batch.v1.CronJobSpec {
  return {
    schedule,
    timeZone: "Etc/UTC",
    concurrencyPolicy: "Forbid",
    startingDeadlineSeconds: 3600,
    successfulJobsHistoryLimit: 1,
    failedJobsHistoryLimit: 3,
    jobTemplate: { spec: { backoffLimit: 0, template } },
  };
}

interface JobParts {
  scripts: pulumi.Input<string>;
  file: string;
  variables: Variables;
  /** True if the job writes to the images and only reads the snapshots. */
  restores: boolean;
}

function podSpec(input: BackedUpPod, backup: BackupParts, parts: JobParts): PodSpec {
  const { storage, scheduling } = input;
  const { restores } = parts;
  const own = registryUser(input);
  const user = !restores && backup.onNode ? 0 : own;
  const rights = user === undefined ? {} : { runAsUser: user, runAsGroup: user, runAsNonRoot: user !== 0 };
  const claimed = storage.claimed || !backup.onNode;
  // A cache may lack parts of what it has, and forgets what is over time: that is no loss.
  const cache = input.isCache ? { CACHE: "true" } : undefined;
  return {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    nodeSelector: pulumi
      .all([scheduling.nodeSelector, backup.nodeSelector, storage.nodeSelector])
      .apply(([more, node, images]) => ({ ...more, ...node, ...images })),
    ...(storage.exclusive ? { affinity: besideRegistry(input) } : {}),
    ...omitUndefined({ tolerations: scheduling.tolerations }),
    securityContext: {
      seccompProfile: { type: "RuntimeDefault" },
      ...(claimed ? { fsGroup: own ?? 1000 } : {}),
    },
    containers: [
      {
        name: "copy",
        image: backup.image,
        command: ["/bin/sh", `${SCRIPTS}/${parts.file}`],
        env: Object.entries({ ...parts.variables, IMAGES, BACKUPS, ...cache }).map(([name, value]) => ({
          name,
          value,
        })),
        resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "256Mi" } },
        volumeMounts: [
          { name: "image-store", mountPath: IMAGES, readOnly: !restores },
          { name: "backups", mountPath: BACKUPS, readOnly: restores },
          { name: "scripts", mountPath: SCRIPTS, readOnly: true },
          { name: "tmp", mountPath: "/tmp" },
        ],
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
          ...rights,
        },
      },
    ],
    volumes: [
      ...(storage.volume ? [storage.volume] : []),
      backup.volume,
      { name: "scripts", configMap: { name: parts.scripts } },
      { name: "tmp", emptyDir: {} },
    ],
  };
}

/** A volume that one node has at a time is where the registry is. */
function besideRegistry(input: BackedUpPod): k8s.core.v1.Affinity {
  const labelSelector = { matchLabels: selectorLabels(input) };
  const podAffinityTerm = { topologyKey: "kubernetes.io/hostname", labelSelector };
  return { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }] } };
}

/** The scripts and what they read, by name. */
function files(): Record<string, string> {
  const scripts = readdirSync(__dirname).filter((file) => /\.(sh|awk)$/.test(file));
  return Object.fromEntries(scripts.map((file) => [file, readFileSync(join(__dirname, file), "utf8")]));
}
