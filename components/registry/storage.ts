import type { input as k8s } from "@pulumi/kubernetes/types";
import type * as pulumi from "@pulumi/pulumi";
import type { Checker } from "../checks/checker";
import { absolutePath, objectName } from "../checks/rules";
import type { RegistryStorageArgs } from "./args";

/** What a kind of storage adds to the pod. */
export interface StorageParts {
  /** The volume `image-store`. */
  volume: k8s.core.v1.Volume;
  /** Labels that a node must have to run the pod. */
  nodeSelector: Record<string, pulumi.Input<string>>;
}

/** Checks where the images are, and says what that means for the pod. */
export function storageParts(checker: Checker, storage: Partial<RegistryStorageArgs> | undefined): StorageParts {
  const hostPath = storage?.hostPath;
  if (!hostPath?.nodeName) {
    checker.add({
      property: "storage.hostPath.nodeName",
      expected: "the node that keeps the images",
      got: "nothing",
      advice: "give the node's name as in `kubectl get nodes`: on another node the pod would find no image",
    });
  }
  const standard = "/data/docker_registry";
  const path = checker.check(
    "storage.hostPath.path",
    hostPath?.path ?? standard,
    absolutePath(`leave it out to use ${standard}`),
  );
  const nodeName = checker.check(
    "storage.hostPath.nodeName",
    hostPath?.nodeName || "unknown",
    objectName("no other node: give the name as in `kubectl get nodes`"),
  );
  return {
    volume: { name: "image-store", hostPath: { path, type: "DirectoryOrCreate" } },
    nodeSelector: { "kubernetes.io/hostname": nodeName },
  };
}
