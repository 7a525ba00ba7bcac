import type * as pulumi from "@pulumi/pulumi";
import { cronSchedule, image, nodeName, objectName } from "../../checks/kubernetes";
import { absolutePath } from "../../checks/rules";
import { type Members, plain, table, text, wholeNumber } from "../../checks/value";

/**
 * Drills: the newest snapshot is restored beside the registry, into room of the drill's own, and every tag is followed
 * to every byte. `npm run drill` starts one at any time. Docs: docs/runbooks/drill.md.
 */
export interface RegistryDrillArgs {
  /**
   * When a drill runs by itself, as five fields of cron in UTC, such as `0 5 * * 0`. With it come the drill's alerts,
   * where there are alerts. Without it a drill runs only when it is started.
   */
  schedule?: pulumi.Input<string>;
  /**
   * Size of a volume that is made for each drill and goes with it. GiB, 1 or more; as much as one snapshot has. Without
   * it the room is on the node's own disk, of which a fifth stays free.
   */
  sizeGiB?: pulumi.Input<number>;
  /** Storage class of that volume. Default: the cluster's own. */
  storageClass?: pulumi.Input<string>;
  /** After how many days without a good drill there is an alert. Range 1-3660, default 15, for one a week. */
  lateDays?: pulumi.Input<number>;
}

/**
 * Snapshots of the images, made while the registry runs. For images in a directory of a node or in a claim's volume; an
 * object store has means of its own. Where they go: `claimName` or `hostPath`. Docs: docs/runbooks/backup.md.
 */
export interface RegistryBackupArgs {
  /** A claim of your own in the registry's namespace, by name. Not an output. */
  claimName?: string;
  /** A directory of a node, such as one where a file server is mounted; it is made if it is missing. Plain presence. */
  hostPath?: pulumi.Input<string>;
  /**
   * The node with that directory, as in `kubectl get nodes`. Needed with images in a claim; images in a directory of a
   * node are backed up on that node.
   */
  nodeName?: pulumi.Input<string>;
  /** When a snapshot is made, as five fields of cron in UTC. Default `0 2 * * *`, every night at two. */
  schedule?: pulumi.Input<string>;
  /**
   * How many good snapshots are kept; one that has far less than those before is none, and removes none. 1-1000,
   * default 7. A layer that several have takes its space once, where the volume knows hard links.
   */
  keep?: pulumi.Input<number>;
  /** Image with a shell, awk, find, flock, sha256sum and xargs. Default: the registry's own. */
  image?: pulumi.Input<string>;
  /** Proves that the snapshots can be restored. */
  drill?: RegistryDrillArgs;
}

const DRILL = {
  schedule: text({ rule: cronSchedule, advice: "correct it, or leave it out to start drills by hand" }),
  sizeGiB: wholeNumber({ min: 1, advice: "give the size of the volume, or leave it out to use the node's disk" }),
  storageClass: text({ rule: objectName, without: "the cluster's own class" }),
  lateDays: wholeNumber({ min: 1, max: 3660, default: 15 }),
} satisfies Members<RegistryDrillArgs>;

/** The values of `RegistryBackupArgs`. */
export const BACKUP = {
  claimName: plain(text({ rule: objectName, advice: "give the name of a claim that is there" })),
  hostPath: text({ rule: absolutePath, advice: "give a directory such as /mnt/backup" }),
  nodeName: text({ rule: nodeName, advice: "give the name as in `kubectl get nodes`" }),
  schedule: text({ rule: cronSchedule, default: "0 2 * * *" }),
  keep: wholeNumber({ min: 1, max: 1000, default: 7 }),
  image: text({ rule: image, without: "the registry's own" }),
  drill: table(DRILL),
} satisfies Members<RegistryBackupArgs>;
