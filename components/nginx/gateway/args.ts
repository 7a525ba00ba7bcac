import * as pulumi from "@pulumi/pulumi";
import { GatewayHostArgs } from "../release/host";
import { LogFormat } from "./logs";
import { UserArgs } from "../users/users";

/** The certificate that the gateway serves. */
export interface GatewayCertificateArgs {
  /** Leaf first, then intermediates, PEM. */
  chainPem: pulumi.Input<string>;
  /** The leaf's private key, PEM. Secret. */
  keyPem: pulumi.Input<string>;
}

/** The ports of the registry's service on every node. */
export interface GatewayNodePortArgs {
  /** Range 30000-32767, default 30299. */
  registry?: pulumi.Input<number>;
  /** Range 30000-32767, default 30949. */
  ui?: pulumi.Input<number>;
}

/** How gateway and registry verify each other. */
export interface GatewayUpstreamTlsArgs {
  /** Roots that verify the registry's certificate, PEM. Default: the host's own. */
  caPem?: pulumi.Input<string>;
  /** The name that the registry's certificate must have. Default: `registryHost`. */
  serverName?: pulumi.Input<string>;
  /** The gateway's client certificate, PEM; with `clientKeyPem`, or neither. */
  clientCertificatePem?: pulumi.Input<string>;
  /** The client certificate's private key, PEM. Secret. */
  clientKeyPem?: pulumi.Input<string>;
}

/** Arguments of `NginxGateway`. */
export interface NginxGatewayArgs {
  /** The nginx hosts, updated one after the other. Plain, since each is a resource. */
  hosts: GatewayHostArgs[];
  /** The registry's host name. */
  registryHost: pulumi.Input<string>;
  /** The UI's host name; the registry's own only with a `uiBasePath`. Leave it out for no UI. */
  uiHost?: pulumi.Input<string>;
  /**
   * Path below which the UI's page is, such as `/ui/`; the UI sees its requests without it, and asks for its data below `/v2/` as ever. Its links have to be
   * relative, as those of joxit are. Letters, digits, `.`, `_`, `~` and `-` in each part, not `/v2/`. Default `/`.
   */
  uiBasePath?: pulumi.Input<string>;
  /**
   * IP addresses of the nodes. No names: one that can't be resolved keeps nginx from starting, with everything else that
   * it serves.
   */
  nodeAddresses: pulumi.Input<pulumi.Input<string>[]>;
  /** Where the nodes listen. */
  nodePorts?: GatewayNodePortArgs;
  /** What the gateway serves. */
  certificate: GatewayCertificateArgs;
  /** How gateway and registry verify each other. Default: the registry by the host's own roots, the gateway not at all. */
  upstreamTls?: GatewayUpstreamTlsArgs;
  /** Who may use it. Plain list. */
  users: UserArgs[];
  /**
   * Patterns of repositories from which everybody may pull, without a password; see `RepositoryRightArgs`. Clients then get tokens, since
   * they can't pull without a password where Basic is asked for. Plain list. Default none.
   */
  anonymousPull?: pulumi.Input<string>[];
  /** What a browser shows when it asks for a password. Default `Restricted`. */
  realm?: pulumi.Input<string>;
  /** How long the registry may be silent, in seconds. Range 1-86400, default 900. */
  readTimeoutSeconds?: pulumi.Input<number>;
  /** Largest request body in MiB; 0 is no limit. Range 0-1048576, default 0. */
  clientMaxBodyMiB?: pulumi.Input<number>;
  /** Path of the access log; its folder must be there. Default `/var/log/nginx/docker.access.log`. */
  accessLog?: pulumi.Input<string>;
  /** Path of the error log. Default `/var/log/nginx/docker.error.log`. */
  errorLog?: pulumi.Input<string>;
  /** How the access log is written. Default `combined`. */
  logFormat?: pulumi.Input<LogFormat>;
  /**
   * For how long browsers are told to use nothing but https for both names (RFC 6797), in seconds; 0 is not at all. It can't
   * be taken back before that. Range 0-63072000, default 0.
   */
  hstsSeconds?: pulumi.Input<number>;
  /** Cost of a password's hash; one more doubles the time. Range 4-14, default 10. */
  bcryptCost?: pulumi.Input<number>;
  /**
   * How many passwords one address may try for one user in a minute; a sixth of it and ten more may come at once. Beyond
   * that the answer is 429. Range 1-6000, default 60.
   */
  guessesPerMinute?: pulumi.Input<number>;
  /** Port that the gateway listens on. Range 1-65535, default 443. */
  httpsPort?: pulumi.Input<number>;
  /**
   * nginx directives for the registry's server block, taken as they are: what nothing else here can say. What nginx
   * refuses never becomes live. Not for secrets: the file is readable on the hosts.
   */
  extraRegistryDirectives?: pulumi.Input<string>;
}
