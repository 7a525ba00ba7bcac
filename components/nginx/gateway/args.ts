import type * as pulumi from "@pulumi/pulumi";
import { absolutePath, cacheFolder, certificates, hostName, ipAddress, keyPem, pageUrl } from "../../checks/rules";
import { PORT, REGISTRY_NODE_PORT, UI_HOST, UI_NODE_PORT, UI_PATH } from "../../checks/shared";
import { list, type Members, oneOf, optionalTable, plain, rows, table, text, wholeNumber } from "../../checks/value";
import { GATEWAYS, type GatewayListArgs } from "../../hosts/host";
import { ACCESS, type RegistryAccessArgs, type UserArgs, USERS } from "../users/args";
import { groupName } from "../users/identity-patterns";
import { LogFormat } from "./logs";

/** The certificate that the gateway serves. */
export interface GatewayCertificateArgs {
  /** Leaf first, then intermediates, PEM. */
  chainPem: pulumi.Input<string>;
  /** The leaf's private key, PEM. Secret. */
  keyPem: pulumi.Input<string>;
}

/** The ports of the registry's service on every node. */
export interface GatewayNodePortArgs {
  /** Range 1-65535, default 30299. A cluster's range is 30000-32767 unless it was set up with a different one. */
  registry?: pulumi.Input<number>;
  /** Range 1-65535, default 30949. */
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

/** A cache of blobs on every gateway. */
export interface GatewayBlobCacheArgs {
  /** How much it may hold, in GiB, beside 3 GiB that nginx leaves free. Range 1-65536. */
  sizeGiB: pulumi.Input<number>;
  /**
   * Its folder on the hosts, of its own; it is made, and removed when it is not used any more. Best on a disk of its
   * own, so that it never takes the room of /etc and /var/log.
   */
  path: pulumi.Input<string>;
}

/** What nginx is told, the same on all hosts. */
export interface GatewayNginxArgs {
  /** How long the registry may be silent before the gateway gives up, in seconds. Range 1-86400, default 900. */
  readTimeoutSeconds?: pulumi.Input<number>;
  /** Path of the access log on the hosts; its folder has to be there. Default `/var/log/nginx/docker.access.log`. */
  accessLog?: pulumi.Input<string>;
  /** Path of the error log on the hosts. Default `/var/log/nginx/docker.error.log`. */
  errorLog?: pulumi.Input<string>;
  /** How the access log is written. Default `combined`. */
  logFormat?: pulumi.Input<LogFormat>;
  /**
   * For how long browsers are told to use only https for both names (RFC 6797), in seconds; 0 is not at all. It can't
   * be taken back before that. Range 0-63072000, default 0.
   */
  hstsSeconds?: pulumi.Input<number>;
  /**
   * Keeps the blobs of images that are pulled on each gateway, so that the next pull needs nothing of the registry but
   * its word that the blob is still there. Not with `storage.redirects`, and not with `registry.proxy`. Default: none.
   */
  blobCache?: GatewayBlobCacheArgs;
  /**
   * nginx directives for the registry's server block, taken as they are: what nothing else here can say. What nginx
   * refuses never becomes live. Not for secrets: the file is readable on the hosts. Default none.
   */
  extraRegistryDirectives?: pulumi.Input<string>;
}

/** What a gateway has in common with the registry of which it is a part. */
export interface GatewaySettingsArgs extends GatewayListArgs {
  /** Host name of the registry: `docker login` goes there. It resolves to the gateways. */
  registryHost: pulumi.Input<string>;
  /**
   * IP addresses of the cluster's nodes, as the gateways reach them. No names: one that can't be resolved keeps nginx
   * from starting, with everything else that it serves.
   */
  nodeAddresses: pulumi.Input<pulumi.Input<string>[]>;
  /** Who may use it. Not an output. */
  users: UserArgs[];
  /** Who gets in, beyond the list of users, and how. */
  access?: RegistryAccessArgs;
  /** What nginx is told, the same on all hosts. */
  nginx?: GatewayNginxArgs;
}

/** Where the tokens of an issuer's identities are verified: a `TokenVerifier`. */
export interface GatewayVerifierArgs {
  /** The issuer, as identities name it. Not an output. */
  issuer: string;
  /** The audience, as identities have it. Not an output. */
  audience: string;
  /** Its port on every node. Range 0-65535; 0 stands for one that is not known yet, in a preview. */
  nodePort: pulumi.Input<number>;
}

/** What a group of the login's may do: what an identity may. */
export interface GatewaySsoGroupArgs {
  /** The group, as the login names it. Not an output. */
  group: string;
  /** Name of one of `access.identities`, which takes the login's own tokens of that group. Not an output. */
  identity: string;
}

/** A company's login, by which people come to the UI: an `SsoLogin`. */
export interface GatewaySsoArgs {
  /** Its port on every node. Range 0-65535; 0 stands for one that is not known yet, in a preview. */
  nodePort: pulumi.Input<number>;
  /** Who is let in; one who is in several groups may what any of them may. Not an output. */
  groups: GatewaySsoGroupArgs[];
  /** Where a browser goes after its logout: see `RegistrySsoArgs`. Not an output. Default: a page of the gateway's. */
  logoutUrl?: string;
}

/** Arguments of `NginxGateway`. */
export interface NginxGatewayArgs extends GatewaySettingsArgs {
  /** The UI's host name; the registry's own only with a `uiPath`. Leave it out for no UI. */
  uiHost?: pulumi.Input<string>;
  /**
   * Path below which the UI's page is, such as `/ui/`; the UI sees its requests without it, and asks for its data below
   * `/v2/` as before. Its links have to be relative, as those of joxit are. Letters, digits, `.`, `_`, `~` and `-` in
   * each part, not `/v2/`. Default `/`.
   */
  uiPath?: pulumi.Input<string>;
  /** Where the nodes listen. */
  nodePorts?: GatewayNodePortArgs;
  /** What the gateway serves. */
  certificate: GatewayCertificateArgs;
  /**
   * How gateway and registry verify each other. Default: the registry by the host's own roots, the gateway not at all.
   */
  upstreamTls?: GatewayUpstreamTlsArgs;
  /** Port that the gateway listens on. Range 1-65535, default 443. */
  httpsPort?: pulumi.Input<number>;
  /** One for each issuer and audience of `access.identities`. Not an output. Default none. */
  verifiers?: GatewayVerifierArgs[];
  /** A login for the UI, which then has a name of its own. Not an output. Default: passwords and tokens only. */
  sso?: GatewaySsoArgs;
}

/** The values of `GatewayNodePortArgs`. */
export const NODE_PORTS = {
  registry: REGISTRY_NODE_PORT,
  ui: UI_NODE_PORT,
} satisfies Members<GatewayNodePortArgs>;

/** The values of `GatewayBlobCacheArgs`. */
export const BLOB_CACHE = {
  sizeGiB: wholeNumber({ min: 1, max: 65536, required: true, advice: "give the GiB that it may take on each gateway" }),
  path: text({ rule: cacheFolder, required: true, advice: "give a folder that is nobody else's, such as /srv/blobs" }),
} satisfies Members<GatewayBlobCacheArgs>;

/** The values of `GatewayNginxArgs`. */
export const NGINX = {
  readTimeoutSeconds: wholeNumber({ min: 1, max: 86400, default: 900 }),
  accessLog: text({ rule: absolutePath, default: "/var/log/nginx/docker.access.log" }),
  errorLog: text({ rule: absolutePath, default: "/var/log/nginx/docker.error.log" }),
  logFormat: oneOf(LogFormat, { default: LogFormat.Combined }),
  hstsSeconds: wholeNumber({ min: 0, max: 63072000, default: 0 }),
  blobCache: optionalTable(BLOB_CACHE, {}),
  extraRegistryDirectives: text({
    rule: (value) => (value.includes("\0") ? { expected: "nginx directives" } : undefined),
    default: "",
  }),
} satisfies Members<GatewayNginxArgs>;

/** The values of `GatewaySettingsArgs`. */
export const GATEWAY_SETTINGS = {
  ...GATEWAYS,
  registryHost: text({ rule: hostName, required: true, advice: "give the name that `docker login` uses" }),
  nodeAddresses: list(
    text({ rule: ipAddress, advice: "give the address; a name that can't be resolved stops nginx" }),
    {
      of: "the nodes' IP addresses",
      min: 1,
      required: true,
      advice: "give those of the cluster's nodes, as in `kubectl get nodes -o wide`",
    },
  ),
  users: USERS,
  access: table(ACCESS),
  nginx: table(NGINX),
} satisfies Members<GatewaySettingsArgs>;

const chain = { rule: certificates, advice: "give the content of the file, leaf first, not its path" } as const;
const key = { rule: keyPem, secret: true, advice: "give the content of the key's file, not its path" } as const;

/** The value of a login's `logoutUrl`. */
export const LOGOUT_URL = plain(
  text({ rule: pageUrl, advice: "give the end_session_endpoint of its openid-configuration" }),
);

/** The values of `NginxGatewayArgs`. */
export const NGINX_GATEWAY = {
  ...GATEWAY_SETTINGS,
  uiHost: UI_HOST,
  uiPath: UI_PATH,
  nodePorts: table(NODE_PORTS),
  certificate: optionalTable(
    {
      chainPem: text({ ...chain, required: true }),
      keyPem: text({ ...key, required: true }),
    } satisfies Members<GatewayCertificateArgs>,
    { required: true, advice: "give chainPem and keyPem" },
  ),
  upstreamTls: table({
    caPem: text({ ...chain, without: "the host's own roots" }),
    serverName: text({ rule: hostName, without: "registryHost" }),
    clientCertificatePem: text(chain),
    clientKeyPem: text(key),
  } satisfies Members<GatewayUpstreamTlsArgs>),
  httpsPort: wholeNumber({ ...PORT, default: 443 }),
  verifiers: rows(
    {
      issuer: plain(text({ required: true })),
      audience: plain(text({ required: true })),
      nodePort: wholeNumber({ ...PORT, min: 0, required: true, advice: "give the output nodePort of a TokenVerifier" }),
    } satisfies Members<GatewayVerifierArgs>,
    { of: "verifiers" },
  ),
  sso: optionalTable(
    {
      nodePort: wholeNumber({ ...PORT, min: 0, required: true, advice: "give the output nodePort of an SsoLogin" }),
      groups: rows(
        {
          group: plain(text({ rule: groupName, required: true })),
          identity: plain(text({ required: true })),
        } satisfies Members<GatewaySsoGroupArgs>,
        { of: "groups", min: 1, required: true, advice: "name the groups that may come in" },
      ),
      logoutUrl: LOGOUT_URL,
    } satisfies Members<GatewaySsoArgs>,
    {},
  ),
} satisfies Members<NginxGatewayArgs>;
