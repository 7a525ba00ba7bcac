import type * as pulumi from "@pulumi/pulumi";
import { upstreamName } from "../checks/names";
import { serviceAccount } from "../checks/kubernetes";
import { audience, certificates, hostName, keyPem, matches, url } from "../checks/rules";
import { PORT } from "../checks/shared";
import { flag, type Members, oneOf, optionalTable, plain, rows, table, text, wholeNumber } from "../checks/value";
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
  /**
   * True if an `up` may add the flags of the credential provider to the kubelet's, and restart it, one node after the
   * other; pods go on running. Only where pods pull as what they are (`access.identities[].cluster`). Default false:
   * then such a node is refused, with the lines to write.
   */
  restartKubelet?: pulumi.Input<boolean>;
}

/** The values of `NodeHostArgs`. */
export const NODE_HOST = {
  ...SSH_HOST,
  flavour: oneOf(NodeFlavour, { default: NodeFlavour.Containerd }),
  restartContainerd: flag({ default: false }),
  restartKubelet: flag({ default: false }),
} satisfies Members<NodeHostArgs>;

/** The nodes, as a member of a registry and of `NodeHosts`. */
export const NODE_HOSTS = rows(NODE_HOST, { of: "nodes" });

/** What a node shows the mirrors. */
export interface NodeCertificateArgs {
  /** The certificate, PEM. */
  certificatePem: pulumi.Input<string>;
  /** Its private key, PEM. Secret. */
  keyPem: pulumi.Input<string>;
}

/** A registry that is mirrored, as a node has to know it. */
export interface NodeUpstreamArgs {
  /** Its name in images, such as `docker.io`. Not an output, since it names a folder. */
  name: string;
  /** Where it is. */
  url: pulumi.Input<string>;
  /** Roots, in PEM, of its own certificate. Default: the node's own. */
  caPem?: pulumi.Input<string>;
}

/** How the nodes get to other registries by the mirrors. */
export interface NodeMirrorsArgs {
  /** Host name of the mirrors. */
  host: pulumi.Input<string>;
  /** The CA, in PEM, of the mirrors' certificate. */
  caPem: pulumi.Input<string>;
  /** What each node shows, in the order of `nodeHosts`. Not an output. */
  certificates: NodeCertificateArgs[];
  /** The registries that are mirrored. Not an output. */
  upstreams: NodeUpstreamArgs[];
  /** True if a node asks a registry itself where the mirror does not help. Default true. */
  fallback?: pulumi.Input<boolean>;
}

/** Whose pods pull by the token of their service account, and as whom. */
export interface NodePodIdentityArgs {
  /** The identity's name. Not an output. */
  name: string;
  /** `system:serviceaccount:NAMESPACE:NAME`; a `*` stands for any name. Not an output. */
  subject: string;
}

/** How pods pull as what they are: by tokens of their service accounts, which the kubelet shows. */
export interface NodePodIdentitiesArgs {
  /** What the tokens are for, their claim `aud`. Not an output. */
  audience: string;
  /** The identities; for a pod the first that fits. Not an output. */
  identities: NodePodIdentityArgs[];
}

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
  /** How the nodes get to other registries by mirrors. Not an output. Default: as they are set up. */
  mirrors?: NodeMirrorsArgs;
  /**
   * Which pods pull by the token of their service account: the kubelet gets a provider of credentials for it. Not an
   * output. Default: none.
   */
  podIdentities?: NodePodIdentitiesArgs;
}

const NODE_CERTIFICATE = {
  certificatePem: text({ rule: certificates, required: true, advice: "give the certificate of this node" }),
  keyPem: text({ rule: keyPem, required: true, secret: true, advice: "give the certificate's private key" }),
} satisfies Members<NodeCertificateArgs>;

const NODE_UPSTREAM = {
  name: plain(text({ rule: upstreamName, required: true, advice: "give the name that images of it begin with" })),
  url: text({ rule: url, required: true, advice: "give the URL of the registry" }),
  caPem: text({ rule: certificates, without: "the node's own" }),
} satisfies Members<NodeUpstreamArgs>;

const NODE_MIRRORS = {
  host: text({ rule: hostName, required: true, advice: "give the name of the mirrors" }),
  caPem: text({ rule: certificates, required: true, advice: "give the CA of the mirrors' certificate" }),
  certificates: rows(NODE_CERTIFICATE, { of: "certificates", required: true, advice: "give one for each node" }),
  upstreams: rows(NODE_UPSTREAM, { of: "registries", min: 1, required: true, advice: "name those that are mirrored" }),
  fallback: flag({ default: true }),
} satisfies Members<NodeMirrorsArgs>;

const POD_IDENTITY = {
  name: plain(
    text({ rule: matches("the name of an identity", /^[A-Za-z0-9_.][A-Za-z0-9._@+-]{0,63}$/), required: true }),
  ),
  subject: plain(text({ rule: serviceAccount, required: true, advice: "give the pods' service account" })),
} satisfies Members<NodePodIdentityArgs>;

const POD_IDENTITIES = {
  audience: plain(text({ rule: audience, required: true, advice: "give the registry's host name" })),
  identities: rows(POD_IDENTITY, { of: "identities", min: 1, required: true, advice: "name one" }),
} satisfies Members<NodePodIdentitiesArgs>;

/** The values of `NodeHostsArgs`. */
export const NODES = {
  nodeHosts: rows(NODE_HOST, { of: "nodes", min: 1, required: true, advice: "add one" }),
  ssh: table(SSH),
  registryHost: text({ required: true, rule: hostName }),
  httpsPort: wholeNumber({ ...PORT, default: 443 }),
  trustedRootsPem: text({ rule: certificates, without: "the nodes' own roots" }),
  mirrors: optionalTable(NODE_MIRRORS, {}),
  podIdentities: optionalTable(POD_IDENTITIES, {}),
} satisfies Members<NodeHostsArgs>;
