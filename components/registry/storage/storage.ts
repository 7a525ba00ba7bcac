import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import type { Checker } from "../../checks/checker";
import { isGiven, isTable } from "../../checks/judge";
import { bothOrNeither, givenOf } from "../../checks/relations";
import type { Checked } from "../../checks/value";
import { CLAIM, ClaimAccessMode, type ClaimStorageArgs, type RegistryStorageArgs, type STORAGE } from "./args";
import { storeSettings, type StoreSettings } from "./object-store";

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
  /** Labels that a node must have to run the pod, besides its name. */
  nodeSelector: pulumi.Output<Record<string, string>>;
  /** The settings of an object store; none for a file system. */
  store?: StoreSettings;
  /** Name of the claim whose volume has the images. */
  claimName?: pulumi.Output<string>;
  /** Name of the node whose directory has the images. */
  nodeName?: pulumi.Output<string>;
  /** The claim to make. */
  claim?: NewClaim;
  /** True if the next pod can't have the volume before the last one gave it back. */
  exclusive: boolean;
  /** True if the files may belong to root, as in the recipe. */
  ownedByRoot: boolean;
  /** True if the volume comes by a claim: its files are given to the registry's user. */
  claimed: boolean;
}

const KINDS = ["hostPath", "claim", "s3", "gcs", "azure"] as const;

/** What concerns more than one setting of where the images are. */
export function checkStorage(checker: Checker, storage: RegistryStorageArgs): void {
  if (!isTable(storage) || !isGiven(storage)) return;
  const chosen = givenOf(storage, KINDS);
  if (chosen.length !== 1) {
    const got = chosen.join(" and ") || "nothing";
    const advice = "give the one where the images are, such as hostPath with the nodeName of `kubectl get nodes`";
    checker.add({ property: "storage", expected: `with one of ${KINDS.join(", ")}`, got, advice });
  }
  checkHostPath(checker, storage);
  if (isTable(storage.claim) && isGiven(storage.claim)) checkClaim(checker, storage.claim);
  if (storage.s3 && isGiven(storage.s3)) {
    checker.add(bothOrNeither("storage.s3", storage.s3, ["accessKeyId", "secretAccessKey"]));
  }
  if (storage.redirects === true && chosen.some((kind) => kind === "hostPath" || kind === "claim")) {
    const advice = "leave it out: only an object store can be asked by clients";
    checker.add({ property: "storage.redirects", expected: "false with a directory or volume", got: "true", advice });
  }
}

function checkHostPath(checker: Checker, { hostPath }: RegistryStorageArgs): void {
  if (!isGiven(hostPath) || givenOf(hostPath, ["nodeName", "nodeLabels"]).length > 0) return;
  const property = "storage.hostPath.nodeName";
  const expected = "the node that keeps the images";
  const advice = "give the node's name as in `kubectl get nodes`: on a different node the pod would find no image";
  checker.add({ property, expected, got: "nothing", advice });
}

function checkClaim(checker: Checker, claim: ClaimStorageArgs): void {
  const at = "storage.claim";
  const made = givenOf(claim, ["name", "sizeGiB", "storageClass", "deleteImages"]);
  if (claim.existingName !== undefined) {
    for (const name of made) {
      const advice = "leave it out: a claim of your own is neither made nor deleted here";
      checker.add({ property: `${at}.${name}`, expected: "left out beside existingName", got: "a setting", advice });
    }
    return;
  }
  if (claim.sizeGiB === undefined) {
    const advice = "give the size of the volume, or the name of a claim of your own as existingName";
    checker.add({ property: `${at}.sizeGiB`, expected: "a whole number from 1 on", got: "nothing", advice });
  }
  const { name = CLAIM.name.default, deleteImages } = claim;
  if (typeof name === "string") checker.add(wrongName(deleteImages, name));
}

/** That the images may be deleted is said by the claim's name. */
function wrongName(deleteImages: string | undefined, claim: string) {
  if (typeof deleteImages !== "string" || deleteImages === claim) return undefined;
  return {
    property: "storage.claim.deleteImages",
    expected: `${claim}, the claim's name`,
    got: JSON.stringify(deleteImages),
    advice: "give it to say that all images in it may be deleted, or leave it out to keep them",
  };
}

/** What the place of the images means for the pod. */
export function storageParts(checker: Checker, storage: Checked<typeof STORAGE>): StorageParts {
  const { hostPath, claim } = storage;
  if (claim) return claimParts(checker, claim);
  const store = storeSettings(storage);
  const kind = { exclusive: false, ownedByRoot: store === undefined, claimed: false };
  if (!hostPath)
    return { nodeSelector: pulumi.output<Record<string, string>>({}), ...(store ? { store } : {}), ...kind };
  const { path, nodeName, nodeLabels } = hostPath;
  return {
    volume: { name: "image-store", hostPath: { path, type: "DirectoryOrCreate" } },
    nodeSelector: nodeLabels,
    ...(nodeName ? { nodeName } : {}),
    ...kind,
  };
}

function claimParts(checker: Checker, args: NonNullable<Checked<typeof STORAGE>["claim"]>): StorageParts {
  const { accessMode, existingName } = args;
  const claim = existingName === undefined ? newClaim(checker, args) : undefined;
  const claimName = claim?.name ?? pulumi.output(existingName ?? "");
  return {
    volume: { name: "image-store", persistentVolumeClaim: { claimName } },
    nodeSelector: pulumi.output<Record<string, string>>({}),
    ...(claim ? { claim } : {}),
    claimName,
    exclusive: accessMode !== ClaimAccessMode.ReadWriteMany,
    ownedByRoot: false,
    claimed: true,
  };
}

function newClaim(checker: Checker, args: NonNullable<Checked<typeof STORAGE>["claim"]>): NewClaim {
  const { name, sizeGiB, storageClass, accessMode, deleteImages } = args;
  return {
    name: deleteImages === undefined ? name : checker.late(name, (claim) => [wrongName(deleteImages, claim)]),
    sizeGiB: sizeGiB as pulumi.Output<number>,
    storageClass,
    accessMode,
    deleteImages: deleteImages !== undefined,
  };
}
