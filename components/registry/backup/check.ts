import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import type { Checker } from "../../checks/checker";
import { givenOf } from "../../checks/relations";
import type { Checked } from "../../checks/value";
import { ClaimAccessMode, type RegistryStorageArgs } from "../storage/args";
import type { BACKUP } from "./args";

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
  nodeSelector: Record<string, pulumi.Input<string>>;
}

const AT = "storage.backup";

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
}

/** What the job is made of. */
export function backupParts(backup: Checked<typeof BACKUP>, registryImage: pulumi.Output<string>): BackupParts {
  const { schedule, keep, image, claimName, hostPath, nodeName } = backup;
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
    nodeSelector: nodeName === undefined ? {} : { "kubernetes.io/hostname": nodeName },
  };
}
