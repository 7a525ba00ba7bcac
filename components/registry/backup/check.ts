import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import type { Checker } from "../../checks/checker";
import { omitUndefined } from "../../checks/omit-undefined";
import { givenOf, withoutEffect } from "../../checks/relations";
import type { Checked } from "../../checks/value";
import { ClaimAccessMode, type RegistryStorageArgs } from "../storage/args";
import type { BACKUP, RegistryDrillArgs } from "./args";

/** The backup of a registry, checked. */
export interface BackupParts {
  schedule: pulumi.Output<string>;
  keep: pulumi.Output<number>;
  image: pulumi.Output<string>;
  /** The volume `backups`. */
  volume: k8s.core.v1.Volume;
  /** True if the volume is a directory of a node, which only root may write. */
  onNode: boolean;
  /** The node of that directory, where the storage names none. */
  nodeName: pulumi.Output<string> | undefined;
  drill: DrillParts;
}

/** The drills of a backup, checked. */
export interface DrillParts {
  /** When they run by themselves; undefined for never. */
  schedule: pulumi.Output<string> | undefined;
  /** The volume `scratch`, which is there as long as its drill. */
  volume: k8s.core.v1.Volume;
  /** True if that is a claim's. */
  claimed: boolean;
  /** How much of its disk has to stay free. */
  sparePercent: number;
  /** After how many days without a good one there is an alert. */
  lateDays: pulumi.Output<number>;
}

const AT = "storage.backup";

/** A node sends pods away when a disk with images has less than 15% left. */
const SPARE_ON_NODE = 20;

/**
 * What concerns more than one setting: the images are where a job can reach them, and it is known where the snapshots
 * go.
 */
export function checkBackup(checker: Checker, { hostPath, claim, backup }: RegistryStorageArgs): void {
  const left = (advice: string): void =>
    checker.add({ property: AT, expected: "left out with this storage", got: "a setting", advice });
  if (!hostPath && !claim) left("use the object store's own versions or replication");
  if (claim?.accessMode === ClaimAccessMode.ReadWriteOncePod) {
    left("use a claim with ReadWriteOnce: this one's volume can't be read by a second pod");
  }
  const ways = givenOf(backup, ["claimName", "hostPath"]);
  if (ways.length !== 1) {
    const got = ways.join(" and ") || "neither";
    checker.add({
      property: AT,
      expected: "with claimName or hostPath",
      got,
      advice: "give the one where the snapshots go",
    });
  }
  if (backup?.hostPath !== undefined && claim && backup.nodeName === undefined) {
    const advice = "give the node's name as in `kubectl get nodes`: a different node would have a different directory";
    checker.add({ property: `${AT}.nodeName`, expected: "the node with hostPath", got: "nothing", advice });
  }
  checkDrill(checker, backup?.drill);
}

function checkDrill(checker: Checker, drill: RegistryDrillArgs | undefined): void {
  const without = (name: string, missing: string, advice: string): void =>
    checker.add(...withoutEffect(`${AT}.drill`, drill, [name], { missing, advice }));
  if (!givenOf(drill, ["schedule"]).length) {
    without("lateDays", "a schedule", "give a schedule such as 0 5 * * 0, or leave it out");
  }
  if (!givenOf(drill, ["sizeGiB"]).length) {
    without("storageClass", "sizeGiB", "give the size of the volume, or leave it out");
  }
}

/** What the job is made of. */
export function backupParts(backup: Checked<typeof BACKUP>, registryImage: pulumi.Output<string>): BackupParts {
  const { schedule, keep, image, claimName, hostPath, nodeName, drill } = backup;
  const path = hostPath ?? pulumi.output("/backups");
  return {
    schedule,
    keep,
    image: image ?? registryImage,
    volume:
      claimName === undefined
        ? { name: "backups", hostPath: { path, type: "DirectoryOrCreate" } }
        : { name: "backups", persistentVolumeClaim: { claimName } },
    onNode: claimName === undefined,
    nodeName,
    drill: drillParts(drill),
  };
}

function drillParts({ schedule, lateDays, sizeGiB, storageClass }: Checked<typeof BACKUP>["drill"]): DrillParts {
  const own = sizeGiB && claimTemplate(sizeGiB, storageClass);
  const volume = { name: "scratch", ...(own ? { ephemeral: { volumeClaimTemplate: own } } : { emptyDir: {} }) };
  return { schedule, lateDays, volume, claimed: own !== undefined, sparePercent: own ? 0 : SPARE_ON_NODE };
}

function claimTemplate(
  sizeGiB: pulumi.Output<number>,
  storageClassName: pulumi.Output<string> | undefined,
): k8s.core.v1.PersistentVolumeClaimTemplate {
  const resources = { requests: { storage: pulumi.interpolate`${sizeGiB}Gi` } };
  return { spec: { accessModes: ["ReadWriteOnce"], resources, ...omitUndefined({ storageClassName }) } };
}
