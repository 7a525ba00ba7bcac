/** A file for a node. */
export interface NodeFile {
  /** Absolute path on the node; undefined for what is no file there. */
  path: string | undefined;
  text: string;
  /** True for a private key: only root reads it. */
  isKey?: boolean;
}
