import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import type { Checker } from "../../checks/checker";
import { absolutePath, atLeast, labelValue, objectName } from "../../checks/rules";
import { azureStorage, gcsStorage, s3Storage, type StoreVariables } from "./object-store";
import { ClaimAccessMode, type ClaimStorageArgs, type HostPathStorageArgs, type RegistryStorageArgs } from "./args";

/** A claim that has to be made. */
export interface NewClaim {
  name: pulumi.Output<string>;
  sizeGiB: pulumi.Output<number>;
  storageClass: pulumi.Output<string> | undefined;
  accessMode: ClaimAccessMode;
  deleteImages: boolean;
}

/** What a kind of storage means for the pod. */
export interface StorageParts {
  /** The volume `image-store`; none for an object store. */
  volume?: k8s.core.v1.Volume;
  /** Labels that a node must have to run the pod. */
  nodeSelector: Record<string, pulumi.Input<string>>;
  /** The variables of an object store; none for a file system. */
  store?: StoreVariables;
  /** Name of the claim whose volume has the images. */
  claimName?: pulumi.Output<string>;
  /** Name of the node whose directory has the images. */
  nodeName?: pulumi.Output<string>;
  /** The claim to make. */
  claim?: NewClaim;
  /** True if several pods on several nodes may write at a time. */
  shared: boolean;
  /** True if the next pod can't have the volume before the last one gave it back. */
  exclusive: boolean;
  /** True if the files may belong to root alone, as in the recipe. */
  ownedByRoot: boolean;
  /** True if the volume comes by a claim: its files are given to the registry's user. */
  claimed: boolean;
}

const KINDS = ["hostPath", "claim", "s3", "gcs", "azure"] as const;

/** Checks where the images are, and says what that means for the pod. */
export function storageParts(checker: Checker, storage: RegistryStorageArgs | undefined): StorageParts {
  const chosen = KINDS.filter((kind) => storage?.[kind] !== undefined);
  if (chosen.length !== 1) {
    checker.add({
      property: "storage",
      expected: `one of ${KINDS.join(", ")}`,
      got: chosen.join(" and ") || "nothing",
      advice: "keep the one where the images are; to move them see the documentation",
    });
  }
  const { hostPath, claim, s3, gcs, azure } = storage ?? {};
  if (claim) return claimParts(checker, claim);
  const store =
    (s3 && s3Storage(checker, s3)) ?? (gcs && gcsStorage(checker, gcs)) ?? (azure && azureStorage(checker, azure));
  if (store) return { nodeSelector: {}, store, shared: true, exclusive: false, ownedByRoot: false, claimed: false };
  return hostPathParts(checker, hostPath ?? {}, chosen.length > 0);
}

function hostPathParts(checker: Checker, args: HostPathStorageArgs, wanted: boolean): StorageParts {
  const labels = Object.entries(args.nodeLabels ?? {});
  if (wanted && !args.nodeName && labels.length === 0) {
    checker.add({
      property: "storage.hostPath.nodeName",
      expected: "the node that keeps the images",
      got: "nothing",
      advice: "give the node's name as in `kubectl get nodes`: on another node the pod would find no image",
    });
  }
  const standard = "/data/docker_registry";
  const pathRule = absolutePath(`leave it out to use ${standard}`);
  const path = checker.check("storage.hostPath.path", args.path ?? standard, pathRule);
  const labelRule = labelValue("give the label as in `kubectl get nodes --show-labels`");
  const selector = labels.map(([label, value]) => [
    label,
    checker.check(`storage.hostPath.nodeLabels.${label}`, value, labelRule),
  ]);
  const nodeRule = objectName("no other node: give the name as in `kubectl get nodes`");
  const nodeName = args.nodeName && checker.check("storage.hostPath.nodeName", args.nodeName, nodeRule);
  return {
    volume: { name: "image-store", hostPath: { path, type: "DirectoryOrCreate" } },
    nodeSelector: {
      ...(Object.fromEntries(selector) as Record<string, pulumi.Input<string>>),
      ...(nodeName ? { "kubernetes.io/hostname": nodeName } : {}),
    },
    ...(nodeName ? { nodeName } : {}),
    shared: false,
    exclusive: false,
    ownedByRoot: true,
    claimed: false,
  };
}

function claimParts(checker: Checker, args: ClaimStorageArgs): StorageParts {
  const accessMode = args.accessMode ?? ClaimAccessMode.ReadWriteOnce;
  const modes: string[] = Object.values(ClaimAccessMode);
  if (!modes.includes(accessMode)) {
    const advice = "leave it out to use ReadWriteOnce";
    const property = "storage.claim.accessMode";
    checker.add({ property, expected: `one of ${modes.join(", ")}`, got: JSON.stringify(accessMode), advice });
  }
  const claim = args.existingName === undefined ? newClaim(checker, args, accessMode) : undefined;
  const claimName =
    claim?.name ??
    checker.check("storage.claim.existingName", args.existingName ?? "", objectName("a claim that is made"));
  return {
    volume: { name: "image-store", persistentVolumeClaim: { claimName } },
    nodeSelector: {},
    ...(claim ? { claim } : {}),
    claimName,
    shared: accessMode === ClaimAccessMode.ReadWriteMany,
    exclusive: accessMode !== ClaimAccessMode.ReadWriteMany,
    ownedByRoot: false,
    claimed: true,
  };
}

function newClaim(checker: Checker, args: ClaimStorageArgs, accessMode: ClaimAccessMode): NewClaim {
  const standard = "kube-registry-images";
  const named = checker.check("storage.claim.name", args.name ?? standard, objectName(standard));
  return {
    name: args.deleteImages ? askTwice(checker, named, args) : named,
    sizeGiB: checker.check(
      "storage.claim.sizeGiB",
      args.sizeGiB ?? 0,
      atLeast(1, "give the size of the volume, or the name of a claim of your own as existingName"),
    ),
    storageClass:
      args.storageClass === undefined
        ? undefined
        : checker.check("storage.claim.storageClass", args.storageClass, objectName("the cluster's own class")),
    accessMode,
    deleteImages: args.deleteImages ?? false,
  };
}

/** The claim's name, if the wish to delete it with all images was said twice. */
function askTwice(checker: Checker, name: pulumi.Output<string>, args: ClaimStorageArgs): pulumi.Output<string> {
  const expectedAs = (claim: string) => ({
    property: "storage.claim.deleteImagesOf",
    expected: `${claim}, the claim's name`,
    got: JSON.stringify(args.deleteImagesOf ?? "nothing"),
    advice: "give it to say once more that all images in it may be deleted, or leave out deleteImages",
  });
  const { name: given = "kube-registry-images", deleteImagesOf } = args;
  if (typeof given === "string") {
    checker.add(given === deleteImagesOf ? undefined : expectedAs(given));
    return name;
  }
  return name.apply((claim) => {
    if (claim === deleteImagesOf) return claim;
    const { property, expected, got, advice } = expectedAs(claim);
    throw new pulumi.InputPropertyError({
      propertyPath: property,
      reason: `${property} must be ${expected}, got ${got}; ${advice}`,
    });
  });
}
