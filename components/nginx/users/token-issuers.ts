import { createHash } from "node:crypto";
import { omitUndefined } from "../../checks/omit-undefined";
import { type RegistryIdentityArgs, TokenAlgorithm, type TokenIssuerArgs, TokenIssuerKind } from "./identity-args";

/** The issuers that need no entry in `access.issuers`. */
const KNOWN: Readonly<Record<TokenIssuerKind, { url: string; keysUrl(url: string): string }>> = {
  [TokenIssuerKind.Github]: {
    url: "https://token.actions.githubusercontent.com",
    keysUrl: (url) => `${url}/.well-known/jwks`,
  },
  [TokenIssuerKind.Gitlab]: { url: "https://gitlab.com", keysUrl: (url) => `${url}/oauth/discovery/keys` },
};

/** The issuer of tokens of pods: the cluster itself, which says its claim `iss` and its keys when it is asked. */
export const CLUSTER = "cluster";

/** How a cluster may sign: Kubernetes takes RSA and elliptic curves for its keys. */
const CLUSTER_ALGORITHMS: TokenAlgorithm[] = ["RS256", "ES256", "ES384", "ES512"];

/** The name of an identity's issuer; "" if it has none. */
export function issuerOf({ issuer, cluster }: Pick<RegistryIdentityArgs, "issuer" | "cluster">): string {
  return cluster === true ? CLUSTER : (issuer ?? "");
}

/** An issuer with what is known of its kind; members that are required may still be missing. */
export interface KnownIssuer extends TokenIssuerArgs {
  algorithms: NonNullable<TokenIssuerArgs["algorithms"]>;
}

/** The issuer of a name; undefined if there is none. What an entry says holds before what is known. */
export function issuerNamed(entries: readonly TokenIssuerArgs[], name: string): KnownIssuer | undefined {
  const entry = entries.find((each) => each.name === name) ?? (isKnown(name) ? { name } : undefined);
  if (entry === undefined) return undefined;
  const usual = name === CLUSTER ? CLUSTER_ALGORITHMS : ALGORITHMS;
  const { kind = isKind(name) ? name : undefined, algorithms = usual } = entry;
  return { ...entry, ...places(entry, kind), ...omitUndefined({ kind }), algorithms };
}

const ALGORITHMS: TokenAlgorithm[] = [TokenAlgorithm.RS256];

function places(entry: TokenIssuerArgs, kind: TokenIssuerKind | undefined): { url?: string; keysUrl?: string } {
  const known = kind && KNOWN[kind];
  const { url = kind === entry.name ? known?.url : undefined } = entry;
  const { keysUrl = url && known?.keysUrl(url) } = entry;
  return omitUndefined({ url, keysUrl });
}

const isKnown = (name: string): boolean => name === CLUSTER || isKind(name);

function isKind(name: string): name is TokenIssuerKind {
  return Object.values<string>(TokenIssuerKind).includes(name);
}

/**
 * True for what an issuer writes into `aud` where a job asks for no audience, or asks another service in the same way:
 * such a token was made for nobody in particular.
 */
export function isDefaultAudience(audience: string, { name, kind, url = "" }: KnownIssuer): boolean {
  if (name === CLUSTER && /^https:\/\/kubernetes\.default\b/.test(audience)) return true;
  const bare = (text: string): string => text.toLowerCase().replace(/\/+$/, "");
  if (bare(audience) === bare(url)) return true;
  if (kind !== TokenIssuerKind.Github || !URL.canParse(audience)) return false;
  const hosts = ["github.com", ...(URL.canParse(url) ? [new URL(url).host] : [])];
  return hosts.includes(new URL(audience).host);
}

/** By what the verifier of an issuer and an audience is named, in the cluster and on the gateways: 1-39 characters. */
export function verifierKey(issuer: string, audience: string): string {
  return `${issuer}-${createHash("sha256").update(audience).digest("hex").slice(0, 8)}`;
}
