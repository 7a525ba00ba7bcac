import type * as pulumi from "@pulumi/pulumi";
import { image, labelName, objectName } from "../checks/kubernetes";
import { matches, url } from "../checks/rules";
import { LABELS } from "../checks/shared";
import { flag, map, type Members, optionalTable, plain, table, text, wholeNumber } from "../checks/value";
import { IDENTITY, TOKEN_ISSUER, type TokenIssuerArgs } from "../nginx/users/identity-args";
import { type ContainerResourcesArgs, RESOURCES } from "../registry/container-args";
import {
  ALLOWED_CIDRS,
  NAMESPACE,
  type RegistrySchedulingArgs,
  WAIT_WITH_KUBECTL,
  WORKLOAD,
} from "../registry/pod-args";

/** One of the two containers of a verifier's pod. */
export interface VerifierContainerArgs {
  /** Image, with a tag or digest. */
  image?: pulumi.Input<string>;
  /** What the container asks for and may take. Default: requests of 10m and 32Mi, and a limit of 128Mi. */
  resources?: ContainerResourcesArgs;
}

/** The pods that verify tokens. */
export interface VerifierPodArgs {
  /** How many pods each issuer and audience has. Range 1-20, default 2. */
  replicas?: pulumi.Input<number>;
  /**
   * What verifies tokens. Default image `quay.io/oauth2-proxy/oauth2-proxy:v7.15.6`; the settings are for its major
   * version 7.
   */
  oauth2Proxy?: VerifierContainerArgs;
  /** What admits gateways and keeps the issuer's keys. Its image needs a shell. Default image `nginx:1.30-alpine`. */
  nginx?: VerifierContainerArgs;
}

/** What pods that only gateways ask have in common. */
export interface GatewayPodsArgs extends VerifierPodArgs {
  /**
   * Name of the TLS secret, as a `TlsSecret` makes it with a `clientCaPem`: the pod serves its certificate, and admits
   * only who shows one of its client CA.
   */
  tlsSecretName: pulumi.Input<string>;
  /** Changes when that secret does, so that the pods are replaced: the output `checksum` of a `TlsSecret`. */
  tlsChecksum: pulumi.Input<string>;
  /** Namespace, the same as the TLS secret's. Default `kube-system`. */
  namespace?: pulumi.Input<string>;
  /** Where the pods may run, and what they are marked with. */
  scheduling?: RegistrySchedulingArgs;
  /**
   * Ranges of addresses from which the pods may be reached, where the cluster's network enforces NetworkPolicies.
   * Whether it is given decides what exists. Default: anybody, who then needs a client certificate.
   */
  allowedCidrs?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * True if each node only serves its own pods, which then see the gateway's address and not the node's: a
   * NetworkPolicy needs it. Not an output. Default false.
   */
  localTraffic?: boolean;
  /** True to make a PrometheusRule with an alert for when no pod is ready. Not an output. Default false. */
  alert?: boolean;
  /** Labels of that PrometheusRule. Default none. */
  alertLabels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Where people read this repository's files; see `RegistryMonitoringArgs`. Default: the place only. */
  runbookUrl?: pulumi.Input<string>;
  /** True if an `up` waits for the pods with `kubectl`; see `RegistryPodArgs`. Not an output. Default true. */
  waitWithKubectl?: boolean;
}

/** Arguments of `TokenVerifier`. */
export interface TokenVerifierArgs extends GatewayPodsArgs {
  /** Whose tokens are verified. Its `nodePort` is the port on every node. */
  issuer: TokenIssuerArgs;
  /** What a token has to be for, its claim `aud`; see `RegistryIdentityArgs`. Not an output. */
  audience: string;
  /** The claim of a token that has its owner's groups. 1-64 characters. Not an output. Default `groups`. */
  groupsClaim?: string;
  /**
   * True if the issuer is the cluster in which the pods run, for the tokens of its service accounts: what it says of
   * itself and its keys are read by `kubectl` in every run, and new keys make new pods. `issuer` then has a name, and
   * nothing of where it is. Needs Kubernetes 1.34 or newer. Not an output. Default false.
   */
  cluster?: boolean;
  /** Name of deployment, service and the like. Default `token-verifier`. */
  name?: pulumi.Input<string>;
}

const CONTAINER = {
  image: text({ rule: image, without: "the default one" }),
  resources: table(RESOURCES),
} satisfies Members<VerifierContainerArgs>;

/** The values of `VerifierPodArgs`. */
export const VERIFIER_POD = {
  replicas: wholeNumber({ min: 1, max: 20, default: 2 }),
  oauth2Proxy: table(CONTAINER),
  nginx: table(CONTAINER),
} satisfies Members<VerifierPodArgs>;

/** The images, where none are named. */
export const VERIFIER_IMAGES = {
  oauth2Proxy: "quay.io/oauth2-proxy/oauth2-proxy:v7.15.6",
  nginx: "nginx:1.30-alpine",
} as const;

/** The values of `GatewayPodsArgs`. */
export const GATEWAY_PODS = {
  ...VERIFIER_POD,
  tlsSecretName: text({ rule: objectName, required: true, advice: "give the output secretName of a TlsSecret" }),
  tlsChecksum: text({ required: true, advice: "give the output checksum of a TlsSecret" }),
  namespace: NAMESPACE,
  scheduling: WORKLOAD.scheduling,
  allowedCidrs: ALLOWED_CIDRS,
  localTraffic: plain(flag({ default: false })),
  alert: plain(flag({ default: false })),
  alertLabels: map(LABELS),
  runbookUrl: text({ rule: url }),
  waitWithKubectl: WAIT_WITH_KUBECTL,
} satisfies Members<GatewayPodsArgs>;

/** The value of a claim's name. */
export const GROUPS_CLAIM = plain(
  text({ rule: matches("1-64 letters, digits and _.:/-", /^[A-Za-z0-9_.:/-]{1,64}$/), default: "groups" }),
);

/** The values of `TokenVerifierArgs`. */
export const TOKEN_VERIFIER = {
  ...GATEWAY_PODS,
  issuer: optionalTable(TOKEN_ISSUER, { required: true, advice: "say whose tokens are verified" }),
  audience: IDENTITY.audience,
  groupsClaim: GROUPS_CLAIM,
  cluster: plain(flag({ default: false })),
  name: text({ rule: labelName, default: "token-verifier" }),
} satisfies Members<TokenVerifierArgs>;
