import type * as pulumi from "@pulumi/pulumi";
import type {
  CertificateIssuer,
  Dns01Args,
  ExternalAccountArgs,
  KeyType,
  PrivateCaArgs,
  ProvidedCertificateArgs,
  Revocation,
} from "../issuers/args";
import type { GatewayNodePortArgs } from "../nginx/gateway/args";
import type { GatewayHostArgs } from "../nginx/release/host";
import type { LogFormat } from "../nginx/gateway/logs";
import type { UserArgs } from "../nginx/users/users";
import type { RegistryContainerArgs, RegistryShutdownArgs, RegistryUiArgs } from "../registry/args";
import type { RegistryBackupArgs } from "../registry/backup/args";
import type { RegistryCleaningArgs } from "../registry/garbage-collection/args";
import type { RegistryMetricsArgs } from "../registry/monitoring/args";
import type { RegistryNotificationArgs } from "../registry/features/notification-args";
import type { RegistryProxyArgs } from "../registry/features/proxy-args";
import type { RegistryNetworkPolicyArgs } from "../registry/network-policy/args";
import type { RegistrySchedulingArgs } from "../registry/pod-args";
import type { RegistryStorageArgs } from "../registry/storage/args";

/** The certificate of a `PrivateRegistry`, for the registry's name and the UI's. */
export interface RegistryCertificateArgs {
  /**
   * Where the certificate comes from. Default acme; what is said below of account, directory, challenges and renewal is for that. Plain, since
   * it decides which resources exist.
   */
  issuer?: CertificateIssuer;
  /** The certificate that you bring, for the issuer "provided". */
  provided?: ProvidedCertificateArgs;
  /** The stack's own CA, for the issuer "private-ca". Default one with the defaults. */
  privateCa?: PrivateCaArgs;
  /** True if you agree to the CA's terms of service; without it no account is made. Default false. */
  termsAgreed?: pulumi.Input<boolean>;
  /** The CA's ACME directory: "staging" or "production" (both Let's Encrypt's), or an https URL. Default "staging". */
  directory?: pulumi.Input<string>;
  /** Root certificates, in PEM, for the directory's own HTTPS. Needed for a private CA only. */
  directoryCaPem?: pulumi.Input<string>;
  /** Mail addresses for the account, 10 at most. Default none. */
  contacts?: pulumi.Input<pulumi.Input<string>[]>;
  /** Private key of the ACME account, in PEM: EC or RSA. Made by default; whether it is given decides which resources exist. A secret. */
  accountKeyPem?: pulumi.Input<string>;
  /** Kind of the certificate's key. Default ecdsa-p256. */
  keyType?: pulumi.Input<KeyType>;
  /** Name of a profile of the CA, such as "shortlived". Default the CA's own. */
  profile?: pulumi.Input<string>;
  /** Common name of the issuer at the top of the wished chain, where the CA offers more than one. Default the CA's own. */
  preferredChain?: pulumi.Input<string>;
  /** The external account that a new account is bound to. Default none; some CAs make no account without it. */
  externalAccount?: ExternalAccountArgs;
  /** Show that the names are yours by DNS-01. Default by HTTP-01 on port 80 of the gateways. Plain, since it decides what is done. */
  dns01?: Dns01Args;
  /** Whether a certificate that goes is revoked, and with which reason. Default never. */
  revocation?: pulumi.Input<Revocation>;
  /** Any text of letters, digits, "." and "-"; another text makes another key. Plain, since it is part of the key's name. Default none. */
  keyGeneration?: string;
  /**
   * Renew this many hours before the end, 1 to 87600, but never before a third of the lifetime. Default: when the CA suggests it,
   * else at two thirds of the lifetime.
   */
  renewBeforeHours?: pulumi.Input<number>;
  /** The longest that one issuance may take, 10 to 3600 seconds. Default 300. */
  timeoutSeconds?: pulumi.Input<number>;
}

/** What nginx is told beyond names and certificates. */
export interface RegistryGatewayArgs {
  /**
   * Path below which the UI's page is, such as `/ui/`, with which the UI may be at the registry's own name. The UI's links have to be relative, as
   * those of joxit are. Default `/`.
   */
  uiBasePath?: pulumi.Input<string>;
  /** What a browser shows when it asks for a password. Default `Restricted`. */
  realm?: pulumi.Input<string>;
  /** How long the registry may be silent, in seconds. Range 1-86400, default 900. */
  readTimeoutSeconds?: pulumi.Input<number>;
  /** Largest request body in MiB; 0 is no limit. Range 0-1048576, default 0. */
  clientMaxBodyMiB?: pulumi.Input<number>;
  /** Path of the access log on the hosts. Default `/var/log/nginx/docker.access.log`. */
  accessLog?: pulumi.Input<string>;
  /** Path of the error log on the hosts. Default `/var/log/nginx/docker.error.log`. */
  errorLog?: pulumi.Input<string>;
  /** How the access log is written. Default `combined`. */
  logFormat?: pulumi.Input<LogFormat>;
  /** For how long browsers are told to use nothing but https for both names (RFC 6797), in seconds; 0 is not at all. Range 0-63072000, default 0. */
  hstsSeconds?: pulumi.Input<number>;
  /** How many passwords one address may try for one user in a minute. Range 1-6000, default 60. */
  guessesPerMinute?: pulumi.Input<number>;
  /** Cost of a password's hash; one more doubles the time. Range 4-14, default 10. */
  bcryptCost?: pulumi.Input<number>;
  /** More nginx directives for the registry's server block, taken as they are. Not for secrets. */
  extraRegistryDirectives?: pulumi.Input<string>;
}

/** A secret by which the pods of another namespace pull. */
export interface PullSecretArgs {
  /** The namespace, which has to be there. Plain, since it is part of the resource's name. */
  namespace: string;
  /** Name of one of the registry's users; one with the role pull is enough. */
  user: pulumi.Input<string>;
  /** Name of the secret. Default `private-registry`. */
  secretName?: pulumi.Input<string>;
  /** True if pods pull with it that say nothing else: the namespace's default service account is told of it. Plain. Default false. */
  defaultServiceAccount?: boolean;
}

/** Which certificate the registry itself has, behind the gateways. */
export enum RegistryCertificateSource {
  /** The one that the gateways serve, as in the recipe. A renewal then replaces the pods, too. */
  Public = "public",
  /** One of a CA of the stack's own, which only the gateways trust. A renewal then touches the gateways alone. */
  PrivateCa = "private-ca",
}

/** Names of the objects in the cluster. */
export interface RegistryNameArgs {
  /** Namespace of all of them. Default `kube-system`. */
  namespace?: pulumi.Input<string>;
  /**
   * True to make the namespace. It stays in the cluster when the stack goes, as claims with images may be in it. Plain, since it decides what exists. Default false: it has to be there.
   */
  createNamespace?: boolean;
  /** The TLS secret. Default `registry-tls-secret`. */
  tlsSecret?: pulumi.Input<string>;
  /** True to take over a TLS secret of that name that somebody made by hand. Plain. Default false: such a one fails the run, and stays as it is. */
  adoptTlsSecret?: boolean;
  /** The deployment. Default `kube-registry-v0`. */
  deployment?: pulumi.Input<string>;
  /** The service. Default `kube-registry`. */
  service?: pulumi.Input<string>;
  /** The pod's label `k8s-app`. Default `kube-registry`. */
  appLabel?: pulumi.Input<string>;
}

/** Arguments of `PrivateRegistry`. */
export interface PrivateRegistryArgs {
  /** Host name of the registry: `docker login` goes there. It resolves to the gateways. */
  registryHost: pulumi.Input<string>;
  /** Host name of the web UI; the registry's own only with `gateway.uiBasePath`. Whether it is given decides if there is a UI. Default: none. */
  uiHost?: pulumi.Input<string>;
  /** IP addresses of the cluster's nodes, as the gateways reach them. */
  nodeAddresses: pulumi.Input<pulumi.Input<string>[]>;
  /** The nginx hosts. Plain list, since each has resources of its own. */
  gateways: GatewayHostArgs[];
  /** Who may pull and push. Plain list. */
  users: UserArgs[];
  /** Patterns of repositories from which everybody may pull, without a password; see `RepositoryRightArgs`. Plain list. Default none. */
  anonymousPull?: pulumi.Input<string>[];
  /** The certificate for both names. */
  certificate: RegistryCertificateArgs;
  /** Where the images are. */
  storage: RegistryStorageArgs;
  /**
   * Roots, in PEM, by which the gateways verify the registry's certificate. Needed for a CA that the hosts don't know. Default: the hosts' own, and with the
   * issuer "private-ca" the stack's CA. Not used where `registryCertificate` is private-ca.
   */
  trustedRootsPem?: pulumi.Input<string>;
  /**
   * True if the registry takes nobody but the gateways, by a client certificate; else whoever reaches a node's port pulls and pushes
   * without a password. Plain, since it decides which resources exist. Default true.
   */
  requireClientCertificate?: boolean;
  /**
   * True if port 80 of the gateways sends plain HTTP to https; if false, nothing of the stack is on port 80. With HTTP-01 it can't be false, since the
   * CA comes to that port. Plain, since it decides which resources exist. Default true.
   */
  redirectHttp?: boolean;
  /**
   * Which certificate the registry itself has, behind the gateways. Plain, since it decides which resources exist. When it changes on a running
   * registry, requests fail from the moment when the new pod is there until the gateways are changed. Default public.
   */
  registryCertificate?: RegistryCertificateSource;
  /**
   * Another number makes other keys, CAs and certificates between gateways and registry, without a failed request; go up by one at a time. The former
   * client CA is trusted until the next change. Plain, since it is part of names. Range 0-1000, default 0.
   */
  mutualTlsGeneration?: number;
  /** The registry's container. */
  registry?: RegistryContainerArgs;
  /** The web UI's container. */
  ui?: RegistryUiArgs;
  /** How many pods. More than one needs an object store, or a claim with `ReadWriteMany`. Plain, since it decides what exists. Default 1. */
  replicas?: number;
  /** Where pods run, and under which labels. */
  scheduling?: RegistrySchedulingArgs;
  /** Name of a service account of your own, as by which the cloud knows the pod. Default: the namespace's own, without a token. */
  serviceAccountName?: pulumi.Input<string>;
  /** Makes the registry a cache of another one. Plain presence. Default: none. */
  proxy?: RegistryProxyArgs;
  /** Where notices of pushes and pulls go. Plain list. Default none. */
  notifications?: RegistryNotificationArgs[];
  /** Removes unused layers. Plain presence, since it decides what exists. Default: none are removed. */
  cleaning?: RegistryCleaningArgs;
  /** Metrics and a deeper health check. Plain presence, since it decides what exists. Default: none. */
  metrics?: RegistryMetricsArgs;
  /**
   * Limits the ports of registry and UI to some addresses, where the cluster's network holds NetworkPolicies; the nodes then serve their own pods alone, so `nodeAddresses` are those of
   * nodes with a pod. Plain presence. Default: none, but for a UI that asks the registry by itself while no client certificate is required: then the gateways' addresses.
   */
  networkPolicy?: RegistryNetworkPolicyArgs;
  /** Snapshots of the images. Plain presence, since it decides what exists. Default: none. */
  backup?: RegistryBackupArgs;
  /** How the pod stops. */
  shutdown?: RegistryShutdownArgs;
  /** Ports on every node. */
  nodePorts?: GatewayNodePortArgs;
  /** Secrets by which pods of other namespaces pull. Plain list, one a namespace. Default none. */
  pullSecrets?: PullSecretArgs[];
  /** Settings of nginx. */
  gateway?: RegistryGatewayArgs;
  /** Names of the objects in the cluster. */
  names?: RegistryNameArgs;
}
