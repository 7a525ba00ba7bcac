import type * as pulumi from "@pulumi/pulumi";
import { upstreamName } from "../checks/names";
import { absolutePath, certificates, hostName, url } from "../checks/rules";
import { PORT } from "../checks/shared";
import { flag, list, type Members, optionalTable, plain, rows, table, text, wholeNumber } from "../checks/value";
import { repositoryPattern } from "../nginx/users/repositories";
import { BLOB_CACHE, type GatewayBlobCacheArgs } from "../nginx/gateway/args";
import { REGISTRY } from "../registry/args";
import { type ContainerResourcesArgs, RESOURCES } from "../registry/container-args";
import { CLAIM, HOST_PATH } from "../registry/storage/args";

/** A directory of one node that holds what a mirror has fetched. */
export interface MirrorDirectoryArgs {
  /** Name of the node, as in `kubectl get nodes`; this or `nodeLabels`. */
  nodeName?: pulumi.Input<string>;
  /** Labels that only this node has. Default none. */
  nodeLabels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Its path, of its own for each upstream. Default `/data/docker_mirrors/<name>`. */
  path?: pulumi.Input<string>;
}

/** A volume of the cluster that holds what a mirror has fetched; it goes with the mirror. */
export interface MirrorClaimArgs {
  /** Its size in GiB. Range 1-65536. */
  sizeGiB: pulumi.Input<number>;
  /** Its storage class. Default: the cluster's own. */
  storageClass?: pulumi.Input<string>;
}

/** Where a mirror keeps what it has fetched: one of the two. Not an output, since it decides what exists. */
export interface MirrorStorageArgs {
  /** A directory of one node. */
  hostPath?: MirrorDirectoryArgs;
  /** A volume of the cluster. */
  claim?: MirrorClaimArgs;
}

/** Ports of a mirror's two services on every node. Default: Kubernetes chooses them. */
export interface MirrorNodePortArgs {
  /** The port of what fetches. Range 1-65535. */
  proxy?: pulumi.Input<number>;
  /** The port of what only reads. Range 1-65535. */
  reader?: pulumi.Input<number>;
}

/** One registry whose images the nodes get through the gateways, under their own names. */
export interface MirrorUpstreamArgs {
  /**
   * Its name in images, such as `docker.io` or `ghcr.io`, with its port if there is one. Not an output, since it names
   * resources.
   */
  name: string;
  /** Where it is. Default: https at its name, and for docker.io `https://registry-1.docker.io`. */
  url?: pulumi.Input<string>;
  /** Roots, in PEM, of its certificate. Default: those that every system knows. */
  caPem?: pulumi.Input<string>;
  /**
   * User there, with `password`, or neither. Every node then reads all of `repositories` that this user may read,
   * whatever its pods' own secrets are.
   */
  username?: pulumi.Input<string>;
  /** Password there. A new one needs no restart. Secret. */
  password?: pulumi.Input<string>;
  /**
   * Patterns of the repositories that the nodes get by the mirror, as in `users[].repositories`; they ask for others
   * themselves. On docker.io an image without a user's name is in `library/`. Has to be there beside a password.
   * Default: all.
   */
  repositories?: pulumi.Input<pulumi.Input<string>[]>;
  /** How long something is kept after it was fetched. Hours, 1-87600, default 720. */
  ttlHours?: pulumi.Input<number>;
  /** Where it is kept. */
  storage: MirrorStorageArgs;
  /** Its ports on every node. Default: Kubernetes chooses them. */
  nodePorts?: MirrorNodePortArgs;
}

/**
 * Mirrors of other registries for the cluster's own nodes: images keep their names, and those that were pulled before
 * are there when their registry is not. Only nodes get in, by a certificate that opens nothing else.
 */
export interface MirrorsArgs {
  /** Host name of the mirrors. It resolves to the gateways; no image has it in its name. */
  host: pulumi.Input<string>;
  /** The registries. Not an output, since each has a pod and a volume of its own. */
  upstreams: MirrorUpstreamArgs[];
  /**
   * True if a node asks the registry itself where the mirror does not help. If false, nothing is pulled but by the
   * mirror, as in a cluster without a way out. Default true.
   */
  fallback?: pulumi.Input<boolean>;
  /**
   * How long a registry may take to say what a tag is, before the tag is answered from what is kept. Seconds, 1-8,
   * default 5.
   */
  tagTimeoutSeconds?: pulumi.Input<number>;
  /**
   * Keeps the blobs that nodes pull on each gateway, so that nodes that ask for a new one at once make one download of
   * it, if that takes no longer than 4 seconds. Default: none.
   */
  blobCache?: GatewayBlobCacheArgs;
  /** Image of the mirrors' pods: version 3 of the registry. Default `registry:3`. */
  image?: pulumi.Input<string>;
  /** What a mirror asks for and may take. Default: that of the registry. */
  resources?: ContainerResourcesArgs;
}

const DIRECTORY = {
  ...HOST_PATH,
  path: text({ rule: absolutePath, without: "/data/docker_mirrors/<name>" }),
} satisfies Members<MirrorDirectoryArgs>;

const CACHE = {
  sizeGiB: wholeNumber({ min: 1, max: 65536, required: true, advice: "give the GiB that it may take" }),
  storageClass: CLAIM.storageClass,
} satisfies Members<MirrorClaimArgs>;

/** The values of `MirrorUpstreamArgs`. */
export const UPSTREAM = {
  name: plain(text({ rule: upstreamName, required: true, advice: "give the name that images of it begin with" })),
  url: text({ rule: url, without: "https at its name" }),
  caPem: text({ rule: certificates, without: "those that every system knows" }),
  username: text({ advice: "leave it out for none" }),
  password: text({ secret: true, advice: "leave it out for none" }),
  repositories: list(text({ rule: repositoryPattern, advice: 'such as "library/*" or "acme/**"' }), {
    of: "patterns of repositories",
    min: 1,
    without: "all",
    advice: "name those that the nodes may read by the mirror",
  }),
  ttlHours: wholeNumber({ min: 1, max: 87600, default: 720 }),
  storage: optionalTable(
    { hostPath: optionalTable(DIRECTORY, {}), claim: optionalTable(CACHE, {}) } satisfies Members<MirrorStorageArgs>,
    { required: true, advice: "give a claim with its sizeGiB, or a hostPath with its nodeName" },
  ),
  nodePorts: table({
    proxy: wholeNumber({ ...PORT, without: "one that Kubernetes chooses" }),
    reader: wholeNumber({ ...PORT, without: "one that Kubernetes chooses" }),
  } satisfies Members<MirrorNodePortArgs>),
} satisfies Members<MirrorUpstreamArgs>;

/** The values of `MirrorsArgs`. */
export const MIRRORS = {
  host: text({ rule: hostName, required: true, advice: "give a name that resolves to the gateways" }),
  upstreams: rows(UPSTREAM, {
    of: "registries",
    min: 1,
    required: true,
    advice: "name one, such as docker.io, or leave out mirrors",
  }),
  fallback: flag({ default: true }),
  tagTimeoutSeconds: wholeNumber({ min: 1, max: 8, default: 5 }),
  blobCache: optionalTable(BLOB_CACHE, {}),
  image: REGISTRY.image,
  resources: table(RESOURCES),
} satisfies Members<MirrorsArgs>;
