import type { BlobCache } from "../cache";
import type { LogFormat } from "../gateway/logs";
import type { UpstreamTls } from "../gateway/site";

/** Everything that the mirrors' site is made from, known and checked. */
export interface MirrorSite {
  site: string;
  /** Host name, ASCII. */
  host: string;
  httpsPort: number;
  /** IP addresses of the cluster's nodes. */
  nodeAddresses: string[];
  upstreams: MirrorUpstream[];
  /** How long a registry may take to say what a tag is, in seconds. */
  tagTimeoutSeconds: number;
  /** The certificate of `host` and its key, PEM. */
  chainPem: string;
  keyPem: string;
  /** Who gets in. */
  nodes: MirrorNodes;
  /** How the gateway and the mirrors' pods know each other. */
  upstreamTls: UpstreamTls;
  /** Undefined: gateways keep no blobs of mirrors. */
  blobCache: BlobCache | undefined;
  accessLog: string;
  errorLog: string;
  logFormat: LogFormat;
}

/** One registry that is mirrored. */
export interface MirrorUpstream {
  /** Its name in images: "docker.io". */
  name: string;
  /** Port, on every node, of what fetches from it. */
  proxyPort: number;
  /** Port, on every node, of what only reads what was fetched. */
  readerPort: number;
  /** Patterns of the repositories that there are; undefined: all. */
  repositories: string[] | undefined;
}

/** The nodes that get in, by their certificates. */
export interface MirrorNodes {
  /** The CAs of their certificates, PEM. */
  caPem: string;
  /** Its common name, and those of former ones that are still trusted. */
  caNames: string[];
  /** Their own common names. */
  names: string[];
}
