import type * as pulumi from "@pulumi/pulumi";
import { certificates, hostName } from "../checks/rules";
import { PORT } from "../checks/shared";
import { flag, type Members, oneOf, rows, table, text, wholeNumber } from "../checks/value";
import { type GatewaySshArgs, SSH, SSH_HOST, type SshHostArgs } from "../hosts/host";

/** Which containerd a node has, by who brings it. */
export const NodeFlavour = {
  /** containerd of a package, as kubeadm and most others use it. */
  Containerd: "containerd",
  /** The one inside k3s. */
  K3s: "k3s",
  /** The one inside RKE2. */
  Rke2: "rke2",
} as const;
export type NodeFlavour = (typeof NodeFlavour)[keyof typeof NodeFlavour];

/**
 * One node of the cluster that is to pull from the registry, reached over SSH. It needs bash, curl or openssl, a
 * running containerd of version 1.5 or newer, and root or `sudo -n` for the user.
 */
export interface NodeHostArgs extends SshHostArgs {
  /** Which containerd it has, by who brings it. Default containerd. */
  flavour?: pulumi.Input<NodeFlavour>;
  /**
   * True if an `up` may write `config_path` into containerd's configuration where it is missing, and restart
   * containerd; pods go on running. Only for the flavour containerd: k3s and RKE2 have a `config_path`. Default false:
   * then such a node is refused, with the lines to write.
   */
  restartContainerd?: pulumi.Input<boolean>;
}

/** The values of `NodeHostArgs`. */
export const NODE_HOST = {
  ...SSH_HOST,
  flavour: oneOf(NodeFlavour, { default: NodeFlavour.Containerd }),
  restartContainerd: flag({ default: false }),
} satisfies Members<NodeHostArgs>;

/** The nodes, as a member of a registry and of `NodeHosts`. */
export const NODE_HOSTS = rows(NODE_HOST, { of: "nodes" });

/** Arguments of `NodeHosts`. */
export interface NodeHostsArgs {
  /** The nodes: the first by itself, then four at a time. Not an output, since each has a resource of its own. */
  nodeHosts: NodeHostArgs[];
  /** How the nodes are reached, where one does not say otherwise. */
  ssh?: GatewaySshArgs;
  /** Host name of the registry, as in the names of images. */
  registryHost: pulumi.Input<string>;
  /** Port of the registry on the gateways. Range 1-65535, default 443. */
  httpsPort?: pulumi.Input<number>;
  /** Roots, in PEM, by which the nodes verify the registry's certificate. Default: the nodes' own. */
  trustedRootsPem?: pulumi.Input<string>;
}

/** The values of `NodeHostsArgs`. */
export const NODES = {
  nodeHosts: rows(NODE_HOST, { of: "nodes", min: 1, required: true, advice: "add one" }),
  ssh: table(SSH),
  registryHost: text({ required: true, rule: hostName }),
  httpsPort: wholeNumber({ ...PORT, default: 443 }),
  trustedRootsPem: text({ rule: certificates, without: "the nodes' own roots" }),
} satisfies Members<NodeHostsArgs>;
