import * as pulumi from "@pulumi/pulumi";
import { IMAGES_PATH } from "../environment";

/** What has to be known of a pod to keep its collection apart. */
export interface CollectingPod {
  storage: { volume?: object };
  registry: { neverWrites: boolean };
  collection: object | undefined;
  graceSeconds: pulumi.Output<number>;
}

/** Where the config file of the collection lies. */
export const COLLECTION_PATH = "/etc/registry-cleaning";

/**
 * A file beside the images. Who has its lock to itself collects; who shares it writes: the registry, and a restore
 * (backup/restore.sh). It is opened for reading and writing, since NFS gives a share to readers only.
 */
const LOCK = `${IMAGES_PATH}/.collection-lock`;

/**
 * How a collection keeps apart from a registry that still takes pushes. One that is started anew by the deployment
 * never meets the last one, which is gone by then (`Recreate`). But after a pod is deleted or evicted, Kubernetes
 * starts the next one while the last one still finishes its uploads.
 */
export enum Separation {
  /** Nobody writes at all, to an object store. In a directory or volume a restore may still write. */
  ReadOnly = "read-only",
  /** By a lock on a file in the directory or volume, which the kernel takes back when its holder ends. */
  Lock = "lock",
  /** An object store knows no locks: the collection waits until no other pod can live any more. */
  Wait = "wait",
}

/** How this pod keeps its collection apart. */
export function separation(input: CollectingPod): Separation {
  if (input.storage.volume) return Separation.Lock;
  return input.registry.neverWrites ? Separation.ReadOnly : Separation.Wait;
}

/**
 * A collection that fails has deleted nothing, and it does fail on a store without any image: neither may keep the
 * registry from starting. Both versions' images have a shell, and with it flock and sleep; without them nothing is
 * collected.
 */
const OTHERWISE = ' || echo "nothing was collected; the registry starts all the same" >&2';
const COLLECT: Readonly<Record<Separation, string>> = {
  [Separation.ReadOnly]: `registry "$@"${OTHERWISE}`,
  [Separation.Lock]: `(exec 9<>"$0" && { flock -n -x 9 || echo "the collection waits for a registry, a restore or another collection to end" >&2; } &&
  flock -x 9 && registry "$@")${OTHERWISE}`,
  [Separation.Wait]: `(sleep "$0" && registry "$@")${OTHERWISE}`,
};

/**
 * The registry with its share of the lock; its config file is that of the image, version 3 or 2. Without flock it has
 * no share, but then nobody collects either.
 */
const SERVE = `if (: 9<>"$0") 2>/dev/null; then exec 9<>"$0"; flock -s 9; fi
for config in /etc/distribution/config.yml /etc/docker/registry/config.yml; do
  if [ -f "$config" ]; then exec registry serve "$config"; fi
done
echo "the image has no config file of registry 2 or 3" >&2
exit 1`;

/** The command of the container that collects, before the registry's arguments. */
export function collectCommand(input: CollectingPod): pulumi.Output<string[]> {
  const how = separation(input);
  const command = (word: string): string[] => ["/bin/sh", "-c", COLLECT[how], word];
  switch (how) {
    case Separation.ReadOnly:
      return pulumi.output(command("collect"));
    case Separation.Lock:
      return pulumi.output(command(LOCK));
    case Separation.Wait:
      return input.graceSeconds.apply((seconds) => command(String(seconds)));
  }
}

/**
 * The command of the registry where it has to share the lock; else that of its image. One that is read-only has no
 * share: of several replicas the second could never collect.
 */
export function serveCommand(input: CollectingPod): { command?: string[] } {
  if (!input.collection || input.registry.neverWrites || separation(input) !== Separation.Lock) return {};
  return { command: ["/bin/sh", "-c", SERVE, LOCK] };
}
