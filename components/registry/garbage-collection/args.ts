import type * as pulumi from "@pulumi/pulumi";
import { cronSchedule, image } from "../../checks/kubernetes";
import { flag, type Members, text } from "../../checks/value";

/**
 * Removal of layers that no image uses. The registry collects before it starts, while no other one takes pushes: so it
 * has one replica, or `registry.readOnly` is true, and each restart of the pod takes as long as the collection does. In
 * a directory or volume a lock keeps two pods apart; an object store has none, so there a pod first waits as long as
 * another one could still live (`registry.shutdown` and 10 s), unless it is read-only. Before a registry that was
 * read-only for a collection takes pushes again, leave out `schedule` in an `up` of its own.
 */
export interface RegistryGarbageCollectionArgs {
  /**
   * When the pod is restarted to collect, as five fields of cron in UTC, such as `0 4 * * 0`. Without it nothing is
   * removed.
   */
  schedule?: pulumi.Input<string>;
  /** Image with kubectl, which restarts the pod. Default `registry.k8s.io/kubectl:v1.35.0`. */
  kubectlImage?: pulumi.Input<string>;
  /**
   * True if images without a tag go too. Only with version 3 of the registry: version 2 takes parts of images for
   * several platforms. Default false.
   */
  deleteUntagged?: pulumi.Input<boolean>;
}

/** The values of `RegistryGarbageCollectionArgs`. */
export const GARBAGE_COLLECTION = {
  schedule: text({ rule: cronSchedule, advice: "correct it, or leave it out to remove nothing" }),
  kubectlImage: text({ rule: image, default: "registry.k8s.io/kubectl:v1.35.0" }),
  deleteUntagged: flag({ default: false }),
} satisfies Members<RegistryGarbageCollectionArgs>;
