import type * as pulumi from "@pulumi/pulumi";
import { audience, certificates, httpsUrl, matches } from "../../checks/rules";
import { flag, list, type Members, oneOf, plain, rows, text, wholeNumber } from "../../checks/value";
import { groupName, subjectPattern } from "./identity-patterns";
import { type RepositoryRightArgs, RIGHT, USER_NAME } from "./right-args";
import { UserRole } from "./role";

/** Whose make an issuer of tokens is: by that it is known where its keys are, and what its subjects look like. */
export const TokenIssuerKind = {
  /** GitHub Actions: at github.com, or of a GitHub Enterprise Server. */
  Github: "github",
  /** GitLab CI: at gitlab.com, or of a GitLab of your own. */
  Gitlab: "gitlab",
} as const;
export type TokenIssuerKind = (typeof TokenIssuerKind)[keyof typeof TokenIssuerKind];

/** How a token is signed (RFC 7518, RFC 8037). None of them is one with a shared secret. */
export const TokenAlgorithm = {
  RS256: "RS256",
  RS384: "RS384",
  RS512: "RS512",
  ES256: "ES256",
  ES384: "ES384",
  ES512: "ES512",
  PS256: "PS256",
  PS384: "PS384",
  PS512: "PS512",
  EdDSA: "EdDSA",
} as const;
export type TokenAlgorithm = (typeof TokenAlgorithm)[keyof typeof TokenAlgorithm];

/**
 * An issuer of tokens (OpenID Connect) that is neither github.com nor gitlab.com, which need no entry; or what is
 * different about one of these.
 */
export interface TokenIssuerArgs {
  /** The name by which identities name it: 1-30 lower-case letters, digits and hyphens. Not an output. */
  name: string;
  /**
   * Whose make it is. Not an output. Default: by the name `github` or `gitlab`, else none, and it needs a `keysUrl`.
   */
  kind?: TokenIssuerKind;
  /**
   * The claim `iss` of its tokens, letter by letter: `https://gitlab.example.com`, or
   * `https://github.example.com/_services/token`. Not an output. Default: that of github.com or gitlab.com for an entry
   * of this name; required for all others.
   */
  url?: string;
  /**
   * Where its keys are: `jwks_uri` in `<url>/.well-known/openid-configuration`. Its host's name is looked up by the
   * cluster's DNS. Not an output. Default: where a GitHub or GitLab at `url` has them.
   */
  keysUrl?: string;
  /** Roots, in PEM, that verify the server of the keys. Default: those that every system knows. */
  caPem?: pulumi.Input<string>;
  /** How its tokens may be signed. Not an output. Default RS256. */
  algorithms?: TokenAlgorithm[];
  /**
   * Port of its verifier on every node, for an issuer with one audience. Range 1-65535. Default: one that Kubernetes
   * chooses, and the gateways are told.
   */
  nodePort?: pulumi.Input<number>;
}

/**
 * A machine that has no password: it shows a token of an issuer that knows it, such as a CI job. It is a user whose
 * password is that token: `docker login --username ci-main --password-stdin <<<"$TOKEN"`. Either `subject` or `groups`
 * says whose tokens are good.
 */
export interface RegistryIdentityArgs {
  /** The name at `docker login`, as a user's is written; none that a user has. Not an output. */
  name: string;
  /**
   * `github`, `gitlab`, or the name of one of `access.issuers`; or `cluster` in its place. Not an output, since each
   * has pods of its own.
   */
  issuer?: string;
  /**
   * True for pods of the cluster: their tokens are those of their service accounts, which the kubelet shows when it
   * pulls for them (Kubernetes 1.34 or newer, and `nodeHosts`). `subject` is `system:serviceaccount:NAMESPACE:NAME`,
   * and a `*` may stand for the name. All such identities have the same audience. Not an output. Default false.
   */
  cluster?: boolean;
  /**
   * What the token has to be for, its claim `aud`: best the registry's host name. A token that was made for somebody
   * else is none, so the issuer's default audience is refused. 1-200 characters. Not an output.
   */
  audience: string;
  /**
   * Whom the token has to name, its claim `sub`, whole: `repo:acme/app:ref:refs/heads/main`. A `*` stands for any
   * characters but `:`, three at most; what is before the first has to name more than the issuer. 1-255 characters. Not
   * an output. Default: `groups` decides.
   */
  subject?: string;
  /**
   * Groups of which the token has to name one in its claim `groups`. 1-128 characters each, without commas. Not an
   * output. Default: `subject` decides.
   */
  groups?: string[];
  /** What it may do in every repository, and with the UI. Leave it out for one with `repositories` only. */
  role?: pulumi.Input<UserRole>;
  /** What it may do in repositories of certain names, besides `role`. Not an output. Default none. */
  repositories?: RepositoryRightArgs[];
}

/** The values of `TokenIssuerArgs`. */
export const TOKEN_ISSUER = {
  name: plain(
    text({
      rule: matches("1-30 lower-case letters, digits and hyphens", /^[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?$/),
      required: true,
      advice: "give it a name such as our-gitlab",
    }),
  ),
  kind: plain(oneOf(TokenIssuerKind, { without: "none" })),
  url: plain(text({ rule: httpsUrl, advice: "give the claim iss of its tokens" })),
  keysUrl: plain(text({ rule: httpsUrl, advice: "give the jwks_uri of its openid-configuration" })),
  caPem: text({ rule: certificates, without: "the roots that every system knows" }),
  algorithms: plain(
    list(oneOf(TokenAlgorithm, { advice: "give those that the issuer signs with" }), {
      of: "algorithms",
      min: 1,
      default: [TokenAlgorithm.RS256] as TokenAlgorithm[],
    }),
  ),
  nodePort: wholeNumber({ min: 1, max: 65535, without: "one that Kubernetes chooses" }),
} satisfies Members<TokenIssuerArgs>;

/** The values of `RegistryIdentityArgs`. */
export const IDENTITY = {
  name: plain(text({ rule: USER_NAME, required: true, advice: "choose a different name for this identity" })),
  issuer: plain(text({ advice: "give github, gitlab, or the name of one of access.issuers" })),
  cluster: plain(flag({ default: false })),
  audience: plain(
    text({
      rule: audience,
      required: true,
      advice: "give the registry's host name, and have the job ask for a token for it",
    }),
  ),
  subject: plain(text({ rule: subjectPattern, advice: "name the one whose tokens are good" })),
  groups: plain(list(text({ rule: groupName, advice: "correct the group's name" }), { of: "groups", min: 1 })),
  role: oneOf(UserRole, { advice: "give one of the two, or an identity's rights by repositories" }),
  repositories: rows(RIGHT, { of: "pattern and role", advice: "leave it out for none" }),
} satisfies Members<RegistryIdentityArgs>;
