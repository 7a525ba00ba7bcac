import type * as pulumi from "@pulumi/pulumi";
import { labelName, objectName } from "../checks/kubernetes";
import { certificates, matches } from "../checks/rules";
import { flag, type Members, oneOf, optionalTable, plain, rows, table, text, type Value } from "../checks/value";
import { CERTIFICATE_SOURCE, type CertificateSourceArgs } from "../issuers/args";
import { MIRRORS, type MirrorsArgs } from "../mirrors/args";
import {
  GATEWAY_SETTINGS,
  type GatewayNginxArgs,
  type GatewayNodePortArgs,
  type GatewaySettingsArgs,
  NGINX,
  NODE_PORTS,
} from "../nginx/gateway/args";
import { NODE_HOSTS, type NodeHostArgs } from "../nodes/args";
import {
  ALLOWED_CIDRS,
  APP_LABEL,
  DEPLOYMENT_NAME,
  NAMESPACE,
  type RegistryWorkloadArgs,
  SERVICE_ACCOUNT,
  WAIT_WITH_KUBECTL,
  WORKLOAD,
} from "../registry/pod-args";
import { SERVICE_NAME } from "../registry-service";
import { TLS_SECRET_NAME } from "../tls-secret";
import { type PrivateRegistryAccessArgs, REGISTRY_ACCESS } from "./access-args";
import { MOVED } from "./moved";

/** The certificate that clients see, for the registry's name and the UI's. */
export interface RegistryCertificateArgs extends CertificateSourceArgs {
  /**
   * Roots, in PEM, by which the gateways verify the registry's certificate. Needed for a CA that the hosts don't know.
   * Default: the hosts' own, and with the issuer "private-ca" the stack's CA. Not used where `backend.certificate` is
   * private-ca.
   */
  trustedRootsPem?: pulumi.Input<string>;
}

/** Which certificate the registry itself has, behind the gateways. */
export const BackendCertificateSource = {
  /** The one that the gateways serve, as in the recipe. A renewal then replaces the pods, too. */
  Public: "public",
  /** One of a CA of the stack's own, which only the gateways trust. A renewal then only touches the gateways. */
  PrivateCa: "private-ca",
} as const;
export type BackendCertificateSource = (typeof BackendCertificateSource)[keyof typeof BackendCertificateSource];

/** What is between gateways and registry. */
export interface RegistryBackendArgs {
  /**
   * True if the registry only accepts the gateways, by a client certificate; else whoever reaches a node's port pulls
   * and pushes without a password. Not an output, since it decides which resources exist. Default true.
   */
  requireClientCertificate?: boolean;
  /**
   * Which certificate the registry itself has. Not an output, since it decides which resources exist. When it changes
   * on a running registry, requests fail from the moment when the new pod is there until the gateways are changed.
   * Default public.
   */
  certificate?: BackendCertificateSource;
  /**
   * A whole number from 0 to 1000, as a text. A new one makes new keys, CAs and certificates between gateways and
   * registry, without a failed request; go up by one at a time. The former client CA is trusted until the next change.
   * Not an output, since it is part of names. Default "0".
   */
  generation?: string;
}

/** What nginx is told, the same on all hosts. */
export interface RegistryNginxArgs extends GatewayNginxArgs {
  /**
   * True if port 80 of the gateways sends plain HTTP to https; if false, nothing of the stack is on port 80. With
   * HTTP-01 it can't be false, since the CA comes to that port. Not an output, since it decides which resources exist.
   * Default true.
   */
  redirectHttp?: boolean;
}

/** A secret by which the pods of another namespace pull. */
export interface PullSecretArgs {
  /** The namespace, which has to be there. Not an output, since it is part of the resource's name. */
  namespace: string;
  /** Name of one of the registry's users; one with the role pull is enough. */
  user: pulumi.Input<string>;
  /** Name of the secret. Default `private-registry`. */
  secretName?: pulumi.Input<string>;
  /**
   * True if pods pull with it that say nothing else: the namespace's default service account is told of it. Not an
   * output. Default false.
   */
  defaultServiceAccount?: boolean;
}

/** Names of the objects in the cluster. */
export interface RegistryNameArgs {
  /** The deployment. Default `kube-registry-v0`. */
  deployment?: pulumi.Input<string>;
  /** The service. Default `kube-registry`. */
  service?: pulumi.Input<string>;
  /** The TLS secret. Default `registry-tls-secret`. */
  tlsSecret?: pulumi.Input<string>;
  /** The pod's label `k8s-app`. Default `kube-registry`. */
  appLabel?: pulumi.Input<string>;
}

/** Names and ways in the cluster. */
export interface RegistryClusterArgs {
  /** Namespace of everything in the cluster. Default `kube-system`. */
  namespace?: pulumi.Input<string>;
  /**
   * True to make the namespace, which then must not be kube-system. It stays in the cluster when the stack goes, as
   * claims with images may be in it. Not an output, since it decides what exists. Default false: it has to be there.
   */
  createNamespace?: boolean;
  /** Ports of the registry's service on every node. */
  nodePorts?: GatewayNodePortArgs;
  /**
   * Ranges of addresses from which the ports of registry and UI may be reached, where the cluster's network enforces
   * NetworkPolicies: those of the gateways, as the nodes see them. The nodes then only serve their own pods, so
   * `nodeAddresses` are those of nodes with a pod. Whether it is given decides what exists. Default: anybody, but for a
   * UI that asks the registry by itself while no client certificate is required: then the gateways' addresses.
   */
  allowedCidrs?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * True if an `up` waits for the pods with `kubectl` and says why they do not come up: the scheduler's reason, the
   * kubelet's, a container's last lines, within a minute where it won't pass by itself. Needs kubectl in PATH. If
   * false, and for a provider that a program in another language hands on, Pulumi waits by itself, ten minutes and
   * without these reasons. Not an output. Default true.
   */
  waitWithKubectl?: boolean;
  /**
   * Name of a service account of your own, by which a cloud knows the pod. Default: the namespace's own, without a
   * token.
   */
  serviceAccountName?: pulumi.Input<string>;
  /** Secrets by which pods of other namespaces pull. Not an output, one a namespace. Default none. */
  pullSecrets?: PullSecretArgs[];
  /** Names of the objects. */
  names?: RegistryNameArgs;
  /**
   * True to take over a TLS secret of that name that was made by hand. Not an output. Default false: then such a one
   * fails the run, and stays.
   */
  adoptTlsSecret?: boolean;
}

/** Arguments of `PrivateRegistry`; a stack's file has the same shape. */
export interface PrivateRegistryArgs extends GatewaySettingsArgs, RegistryWorkloadArgs {
  /** The certificate that clients see. */
  certificate: RegistryCertificateArgs;
  /** What is between gateways and registry. */
  backend?: RegistryBackendArgs;
  /** Who gets in, beyond the list of users, and how. */
  access?: PrivateRegistryAccessArgs;
  /** What nginx is told, the same on all hosts. */
  nginx?: RegistryNginxArgs;
  /** Names and ways in the cluster. */
  cluster?: RegistryClusterArgs;
  /**
   * Nodes of the cluster that get, over SSH, what they need to pull from the registry: containerd's folder of its name,
   * with the roots of its certificate. The first by itself, then four at a time; one that does not answer is told and
   * tried again by the next run. Not an output, since each has a resource of its own. Default none.
   */
  nodeHosts?: NodeHostArgs[];
  /**
   * Mirrors of other registries for the nodes, under those registries' own names. `nodeHosts` get all that they need
   * for it; `npm run nodes` prints it for others. Not an output, since it decides what exists. Default none.
   */
  mirrors?: MirrorsArgs;
}

const CERTIFICATE = {
  ...CERTIFICATE_SOURCE,
  trustedRootsPem: text({ rule: certificates, without: "the hosts' own roots" }),
} satisfies Members<RegistryCertificateArgs>;

const BACKEND = {
  requireClientCertificate: plain(flag({ default: true })),
  certificate: plain(oneOf(BackendCertificateSource, { default: BackendCertificateSource.Public })),
  generation: plain(
    text({
      rule: matches('a whole number from 0 to 1000, as a text such as "1"', /^(0|[1-9]\d{0,2}|1000)$/),
      default: "0",
    }),
  ),
} satisfies Members<RegistryBackendArgs>;

const REGISTRY_NGINX = { ...NGINX, redirectHttp: plain(flag({ default: true })) } satisfies Members<RegistryNginxArgs>;

/** The values of `PullSecretArgs`. */
export const PULL_SECRET = {
  namespace: plain(text({ rule: labelName, required: true, advice: "give the name of a namespace that is there" })),
  user: text({ required: true, advice: "give the name of one of the users" }),
  secretName: text({ rule: objectName, default: "private-registry" }),
  defaultServiceAccount: plain(flag({ default: false })),
} satisfies Members<PullSecretArgs>;

const CLUSTER = {
  namespace: NAMESPACE,
  createNamespace: plain(flag({ default: false })),
  nodePorts: table(NODE_PORTS),
  allowedCidrs: ALLOWED_CIDRS,
  waitWithKubectl: WAIT_WITH_KUBECTL,
  serviceAccountName: SERVICE_ACCOUNT,
  pullSecrets: rows(PULL_SECRET, { of: "pull secrets" }),
  names: table({
    deployment: DEPLOYMENT_NAME,
    service: SERVICE_NAME,
    tlsSecret: TLS_SECRET_NAME,
    appLabel: APP_LABEL,
  } satisfies Members<RegistryNameArgs>),
  adoptTlsSecret: plain(flag({ default: false })),
} satisfies Members<RegistryClusterArgs>;

/** The values of `PrivateRegistryArgs`. */
export const PRIVATE_REGISTRY = {
  ...GATEWAY_SETTINGS,
  ...WORKLOAD,
  certificate: optionalTable(CERTIFICATE, {
    required: true,
    advice: "say where it comes from: termsAgreed for Let's Encrypt, or another issuer",
  }),
  backend: table(BACKEND),
  access: table(REGISTRY_ACCESS),
  nginx: table(REGISTRY_NGINX),
  cluster: table(CLUSTER),
  nodeHosts: NODE_HOSTS,
  mirrors: optionalTable(MIRRORS, {}),
} satisfies Members<PrivateRegistryArgs>;

/** The arguments as one value. */
export const ROOT: Value = {
  kind: "table",
  expected: "a table",
  members: PRIVATE_REGISTRY,
  moved: MOVED,
  default: {},
  required: true,
};
