import type * as pulumi from "@pulumi/pulumi";
import { labelKey, labelValue, nodeName, objectName } from "../../checks/kubernetes";
import { absolutePath, url } from "../../checks/rules";
import {
  flag,
  formerly,
  map,
  type Members,
  oneOf,
  optionalTable,
  plain,
  table,
  text,
  wholeNumber,
} from "../../checks/value";
import { BACKUP, type RegistryBackupArgs } from "../backup/args";
import { GARBAGE_COLLECTION, type RegistryGarbageCollectionArgs } from "../garbage-collection/args";

/** Images kept in a directory of one node. */
export interface HostPathStorageArgs {
  /** The directory on the node; it is made if it is missing. Default `/data/docker_registry`. */
  path?: pulumi.Input<string>;
  /**
   * The node that has the images, as in `kubectl get nodes`. The pod runs there and nowhere else. This or `nodeLabels`
   * is required.
   */
  nodeName?: pulumi.Input<string>;
  /** Labels that only the node with the images has. */
  nodeLabels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** How many pods may use a claim's volume at a time. */
export const ClaimAccessMode = {
  /** Those of one node. The default. */
  ReadWriteOnce: "ReadWriteOnce",
  /** Only one. */
  ReadWriteOncePod: "ReadWriteOncePod",
  /** Any: needed for more than one replica. */
  ReadWriteMany: "ReadWriteMany",
} as const;
export type ClaimAccessMode = (typeof ClaimAccessMode)[keyof typeof ClaimAccessMode];

/** Images kept in a volume of the cluster, by a PersistentVolumeClaim. */
export interface ClaimStorageArgs {
  /** A claim of your own, by name, in the registry's namespace. Not an output, since without it one is made. */
  existingName?: string;
  /** Name of the claim that is made. Default `kube-registry-images`. */
  name?: pulumi.Input<string>;
  /**
   * Size of the volume that is asked for. GiB, 1 or more; required for a claim that is made. A larger one later grows
   * the volume where its class allows.
   */
  sizeGiB?: pulumi.Input<number>;
  /** Storage class. Default: the cluster's own. */
  storageClass?: pulumi.Input<string>;
  /** How many pods may use it. Not an output, since it decides how the pod is replaced. Default `ReadWriteOnce`. */
  accessMode?: ClaimAccessMode;
  /**
   * The claim's name once more, if the stack is to delete the claim that it made, and all images with it, when it is
   * destroyed or wants a different one. Not an output. Default: the claim stays in the cluster.
   */
  deleteImages?: string;
}

/**
 * Images kept in a bucket of S3, or of a store that speaks its language. The bucket is yours: nothing here makes or
 * deletes it.
 */
export interface S3StorageArgs {
  /** Name of the bucket. */
  bucket: pulumi.Input<string>;
  /** Region, such as `eu-central-1`. A compatible store takes any. Default `us-east-1`. */
  region?: pulumi.Input<string>;
  /**
   * Id of the access key; with `secretAccessKey`, or neither: then the cloud's identity of the service account is used,
   * which needs version 3 of the registry; version 2 knows the role of the node only (EC2). Secret.
   */
  accessKeyId?: pulumi.Input<string>;
  /** The access key's secret. A secret. */
  secretAccessKey?: pulumi.Input<string>;
  /** URL of a compatible store, such as `https://minio.example.com`. Default: Amazon's. */
  endpoint?: pulumi.Input<string>;
  /** True if a compatible store has the bucket's name in the path, false if in the host name. Default true. */
  pathStyle?: pulumi.Input<boolean>;
  /** Where in the bucket, such as `/registry`. Default: its root. */
  rootDirectory?: pulumi.Input<string>;
  /** True if objects are encrypted by the store. Default false. */
  encrypt?: pulumi.Input<boolean>;
  /** Id of the key of the cloud's key service to encrypt with. Default: the store's own. */
  encryptionKeyId?: pulumi.Input<string>;
}

/** Images kept in a bucket of Google Cloud Storage. The bucket is yours. */
export interface GcsStorageArgs {
  /** Name of the bucket. */
  bucket: pulumi.Input<string>;
  /** Key file of a service account, in JSON. Default: the cloud's identity. A secret. */
  keyFileJson?: pulumi.Input<string>;
  /** Where in the bucket. Default: its root. */
  rootDirectory?: pulumi.Input<string>;
}

/** Images kept in a container of Azure Blob Storage. The container is yours. */
export interface AzureStorageArgs {
  /** Name of the storage account. */
  accountName: pulumi.Input<string>;
  /** Key of the storage account. Default: the cloud's identity, which needs version 3 of the registry. A secret. */
  accountKey?: pulumi.Input<string>;
  /** Name of the container. */
  container: pulumi.Input<string>;
  /** Domain of the cloud. Default `core.windows.net`. */
  realm?: pulumi.Input<string>;
}

/** Where the images are: exactly one of the kinds. Not an output, since the kind decides what exists. */
export interface RegistryStorageArgs {
  /** A directory of one node. One replica. */
  hostPath?: HostPathStorageArgs;
  /** A volume of the cluster. More than one replica with `ReadWriteMany`. */
  claim?: ClaimStorageArgs;
  /** A bucket of S3 or of a store that speaks its language. */
  s3?: S3StorageArgs;
  /** A bucket of Google Cloud Storage. */
  gcs?: GcsStorageArgs;
  /** A container of Azure Blob Storage. */
  azure?: AzureStorageArgs;
  /**
   * True if clients are sent to the object store for layers, by URLs that are good for a short time: they have to reach
   * it, and the gateway carries less. Refused for a directory or volume. Default false: all goes through the gateway.
   */
  redirects?: pulumi.Input<boolean>;
  /** Removes layers that no image uses. Default: none are removed. */
  garbageCollection?: RegistryGarbageCollectionArgs;
  /** Snapshots of the images. Not an output, since it decides what exists. Default: none. */
  backup?: RegistryBackupArgs;
}

const LABELS = {
  name: labelKey,
  each: text({ rule: labelValue, advice: "give the label as in `kubectl get nodes --show-labels`" }),
};

/** The values of `HostPathStorageArgs`. */
export const HOST_PATH = {
  path: text({ rule: absolutePath, default: "/data/docker_registry" }),
  nodeName: text({ rule: nodeName, advice: "give the node's name as in `kubectl get nodes`" }),
  nodeLabels: map(LABELS),
} satisfies Members<HostPathStorageArgs>;

/** The values of `ClaimStorageArgs`. */
export const CLAIM = {
  existingName: plain(text({ rule: objectName, without: "a claim that is made" })),
  name: text({ rule: objectName, default: "kube-registry-images" }),
  sizeGiB: wholeNumber({ min: 1, advice: "give the size of the volume" }),
  storageClass: text({ rule: objectName, without: "the cluster's own class" }),
  accessMode: plain(oneOf(ClaimAccessMode, { default: ClaimAccessMode.ReadWriteOnce })),
  deleteImages: plain(text({ rule: objectName, advice: "give the claim's name, or leave it out to keep the images" })),
} satisfies Members<ClaimStorageArgs>;

const STORE_TEXT = { max: 1024 } as const;

const S3 = {
  bucket: text({ ...STORE_TEXT, required: true, advice: "give the name of the bucket" }),
  region: text({ ...STORE_TEXT, default: "us-east-1" }),
  accessKeyId: text({ ...STORE_TEXT, secret: true, without: "the cloud's identity" }),
  secretAccessKey: text({ ...STORE_TEXT, secret: true, without: "the cloud's identity" }),
  endpoint: text({ rule: url, without: "Amazon's" }),
  pathStyle: flag({ default: true }),
  rootDirectory: text({ ...STORE_TEXT, without: "the root" }),
  encrypt: flag({ without: "no encryption" }),
  encryptionKeyId: text({ ...STORE_TEXT, without: "the store's own" }),
} satisfies Members<S3StorageArgs>;

const GCS = {
  bucket: text({ ...STORE_TEXT, required: true, advice: "give the name of the bucket" }),
  keyFileJson: text({
    rule: (value) => (value.trimStart().startsWith("{") ? undefined : { expected: "the JSON of a key file" }),
    secret: true,
    advice: "give the content of the file, not its path",
  }),
  rootDirectory: text({ ...STORE_TEXT, without: "the root" }),
} satisfies Members<GcsStorageArgs>;

const AZURE = {
  accountName: text({ ...STORE_TEXT, required: true, advice: "give the name of the storage account" }),
  accountKey: text({ ...STORE_TEXT, secret: true, without: "the cloud's identity" }),
  container: text({ ...STORE_TEXT, required: true, advice: "give the name of the container" }),
  realm: text({ ...STORE_TEXT, without: "core.windows.net" }),
} satisfies Members<AzureStorageArgs>;

/** The values of `RegistryStorageArgs`. */
export const STORAGE = {
  hostPath: optionalTable(HOST_PATH, {}),
  claim: formerly({ deleteImagesOf: "the name is in deleteImages now" }, optionalTable(CLAIM, {})),
  s3: optionalTable(S3, {}),
  gcs: optionalTable(GCS, {}),
  azure: optionalTable(AZURE, {}),
  redirects: flag({ default: false }),
  garbageCollection: table(GARBAGE_COLLECTION),
  backup: optionalTable(BACKUP, {}),
} satisfies Members<RegistryStorageArgs>;
