import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import type { Checker } from "../../checks/checker";
import { absolutePath, cronSchedule, image, integer, objectName } from "../../checks/rules";
import type { RegistryBackupArgs } from "./args";
import { ClaimAccessMode, type RegistryStorageArgs } from "../storage/args";

/** The backup of a registry, checked. */
export interface CheckedBackup {
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

const keep = (standard: string): string => `leave it out to use ${standard}`;

/** Checks the backup, and that the images are where a job can reach them. */
export function checkBackup(
  checker: Checker,
  args: RegistryBackupArgs,
  storage: RegistryStorageArgs,
  registryImage: pulumi.Output<string>,
): CheckedBackup {
  checkStorage(checker, storage);
  checkDestination(checker, args, storage);
  const nodeRule = objectName("no other node: give the name as in `kubectl get nodes`");
  return {
    schedule: checker.check("backup.schedule", args.schedule ?? "0 2 * * *", cronSchedule("0 2 * * *")),
    keep: checker.check("backup.keep", args.keep ?? 7, integer(1, 1000, keep("7"))),
    image:
      args.image === undefined ? registryImage : checker.check("backup.image", args.image, image("the registry's own")),
    volume: volume(checker, args),
    onNode: args.claimName === undefined,
    nodeSelector:
      args.nodeName === undefined
        ? {}
        : { "kubernetes.io/hostname": checker.check("backup.nodeName", args.nodeName, nodeRule) },
  };
}

function checkStorage(checker: Checker, { hostPath, claim }: RegistryStorageArgs): void {
  const expected = "left out with this storage";
  if (!hostPath && !claim) {
    const advice = "use the object store's own versions or replication";
    checker.add({ property: "backup", expected, got: "a destination", advice });
  }
  if (claim?.accessMode === ClaimAccessMode.ReadWriteOncePod) {
    const advice = "use a claim with ReadWriteOnce: this one's volume can't be read by a second pod";
    checker.add({ property: "backup", expected, got: "a destination", advice });
  }
}

function checkDestination(checker: Checker, args: RegistryBackupArgs, storage: RegistryStorageArgs): void {
  const given = (["claimName", "hostPath"] as const).filter((name) => args[name] !== undefined);
  if (given.length !== 1) {
    const got = given.join(" and ") || "neither";
    const advice = "give the one where the snapshots go";
    checker.add({ property: "backup", expected: "with claimName or hostPath", got, advice });
  }
  if (args.hostPath !== undefined && storage.claim && args.nodeName === undefined) {
    const advice = "give the node's name as in `kubectl get nodes`: another node would have another directory";
    checker.add({ property: "backup.nodeName", expected: "the node with backup.hostPath", got: "nothing", advice });
  }
}

function volume(checker: Checker, args: RegistryBackupArgs): k8s.core.v1.Volume {
  if (args.claimName !== undefined) {
    const rule = objectName("no claim: give the name of one that is there");
    const claimName = checker.check("backup.claimName", args.claimName, rule);
    return { name: "backups", persistentVolumeClaim: { claimName } };
  }
  const { hostPath = "/backups" } = args; // where it is missing that has been said
  const path = checker.check("backup.hostPath", hostPath, absolutePath("give a directory such as /mnt/backup"));
  return { name: "backups", hostPath: { path, type: "DirectoryOrCreate" } };
}
