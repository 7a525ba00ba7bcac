import type * as pulumi from "@pulumi/pulumi";

/** Images kept in a directory of one node. */
export interface HostPathStorageArgs {
  /** The directory on the node; it is made if it is missing. Default `/data/docker_registry`. */
  path?: pulumi.Input<string>;
  /** The node that has the images, as in `kubectl get nodes`. The pod runs there and nowhere else. This or `nodeLabels` is required. */
  nodeName?: pulumi.Input<string>;
  /** Labels that only the node with the images has. Plain names, since one at least decides where the pod runs. */
  nodeLabels?: Record<string, pulumi.Input<string>>;
}

/** How many pods may use a claim's volume at a time. */
export enum ClaimAccessMode {
  /** Those of one node. The default. */
  ReadWriteOnce = "ReadWriteOnce",
  /** One alone. */
  ReadWriteOncePod = "ReadWriteOncePod",
  /** Any: needed for more than one replica. */
  ReadWriteMany = "ReadWriteMany",
}

/** Images kept in a volume of the cluster, by a PersistentVolumeClaim. */
export interface ClaimStorageArgs {
  /** A claim of your own, by name, in the registry's namespace. Plain, since without it one is made. */
  existingName?: string;
  /** Name of the claim that is made. Default `kube-registry-images`. */
  name?: pulumi.Input<string>;
  /** Size of the volume that is asked for. GiB, 1 or more; required for a claim that is made. A larger one later grows the volume where its class allows. */
  sizeGiB?: pulumi.Input<number>;
  /** Storage class. Default: the cluster's own. */
  storageClass?: pulumi.Input<string>;
  /** How many pods may use it. Plain, since it decides how the pod is replaced. Default `ReadWriteOnce`. */
  accessMode?: ClaimAccessMode;
  /**
   * True if the stack shall delete the claim that it made, and all images with it, when it is destroyed or wants another one. Asked twice: `deleteImagesOf` has to name the claim. Plain.
   * Default false: the claim stays in the cluster.
   */
  deleteImages?: boolean;
  /** The claim's name once more, where `deleteImages` is true. Plain. */
  deleteImagesOf?: string;
}

/** Images kept in a bucket of S3, or of a store that speaks its language. The bucket is yours: nothing here makes or deletes it. */
export interface S3StorageArgs {
  /** Name of the bucket. */
  bucket: pulumi.Input<string>;
  /** Region, such as `eu-central-1`. A compatible store takes any. Default `us-east-1`. */
  region?: pulumi.Input<string>;
  /** Id of the access key; with `secretAccessKey`, or neither: the cloud's identity of the service account is used then. */
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

/** Where the images are: exactly one of the kinds. Plain, since the kind decides what exists. */
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
   * True if clients are sent to the object store for layers, by URLs that are good for a short time: they have to reach it, and the gateway carries less. Without
   * effect for a directory or volume. Default false: all goes through the gateway.
   */
  redirects?: pulumi.Input<boolean>;
}
