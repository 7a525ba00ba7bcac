import type * as pulumi from "@pulumi/pulumi";
import { labelName } from "../checks/kubernetes";
import { hostName, matches } from "../checks/rules";
import { list, type Members, oneOf, optionalTable, plain, rows, text, wholeNumber } from "../checks/value";
import { LOGOUT_URL } from "../nginx/gateway/args";
import { TOKEN_ISSUER, type TokenIssuerArgs } from "../nginx/users/identity-args";
import { groupName } from "../nginx/users/identity-patterns";
import { type RepositoryRightArgs, RIGHT, USER_NAME } from "../nginx/users/right-args";
import { UserRole } from "../nginx/users/role";
import { GATEWAY_PODS, type GatewayPodsArgs, GROUPS_CLAIM } from "../verifier/args";

/** What a company's login has to know of the registry, and the registry of it. */
export interface SsoClientArgs {
  /** The client's id, as the login has it. Its tokens are for this one, their claim `aud`. Not an output. */
  clientId: string;
  /** The client's secret. Secret. */
  clientSecret: pulumi.Input<string>;
  /** The claim of a token that has its owner's groups. 1-64 characters. Not an output. Default `groups`. */
  groupsClaim?: string;
  /**
   * What the login is asked for (OpenID Connect, "scope"); `openid` has to be one. Some give groups only to who asks
   * for them: Dex by `groups`. Not an output. Default `openid`.
   */
  scopes?: string[];
  /**
   * After how many minutes a browser goes to the login again, which lets it in without a question for as long as it
   * knows the user. A group that somebody has lost, and a cookie that somebody has copied, are good for so long. Range
   * 5-1440, default 60.
   */
  refreshMinutes?: pulumi.Input<number>;
  /**
   * Where a browser goes after its logout, to end it at the login, too: `end_session_endpoint` in its
   * openid-configuration, with what it wants to know. Not an output. Default: a page that says that one is logged out
   * of the registry.
   */
  logoutUrl?: string;
}

/** A group of the login's, and what its members may do. */
export interface RegistrySsoGroupArgs {
  /** The group, as it stands in the claim. 1-128 characters, without commas. Not an output. */
  name: string;
  /**
   * The name at `docker login`, as a user's is written; none that a user or an identity has. Not an output. Default:
   * the group's name.
   */
  user?: string;
  /** What its members may do in every repository, and with the UI. Leave it out for `repositories` only. */
  role?: pulumi.Input<UserRole>;
  /** What they may do in repositories of certain names, besides `role`. Not an output. Default none. */
  repositories?: RepositoryRightArgs[];
}

/**
 * A company's login (OpenID Connect) for people: the UI sends them there, and takes a cookie of its own then; a page of
 * the gateway's shows them a token for `docker login`. Users with passwords go on, at the UI by
 * `/.private-registry/password`. The address to register at the login is `https://UI/oauth2/callback`.
 */
export interface RegistrySsoArgs extends SsoClientArgs {
  /** `gitlab`, or the name of one of `access.issuers`. Not an output, since it has pods of its own. */
  issuer: string;
  /** Whose members may come in. Not an output. */
  groups: RegistrySsoGroupArgs[];
}

/** Arguments of `SsoLogin`. */
export interface SsoLoginArgs extends GatewayPodsArgs, SsoClientArgs {
  /** The login; its `url` is needed. Its `nodePort` is not used. */
  issuer: TokenIssuerArgs;
  /** Host name of the UI, to which the login sends browsers back. */
  uiHost: pulumi.Input<string>;
  /** 32 bytes from which nobody guesses one, for the cookies; a new one ends all sessions. Secret. */
  cookieSecret: pulumi.Input<string>;
  /** Name of deployment, service and the like. Default `sso-login`. */
  name?: pulumi.Input<string>;
}

const scope = matches('1-64 printable characters of ASCII without space, " and \\', /^[!#-[\]-~]{1,64}$/);

/** The values of `SsoClientArgs`. */
export const SSO_CLIENT = {
  clientId: plain(
    text({
      rule: matches("1-200 letters, digits and ._:/@-", /^[A-Za-z0-9._:/@-]{1,200}$/),
      required: true,
      advice: "give the id of the client that was made for the registry at the login",
    }),
  ),
  clientSecret: text({ required: true, secret: true, max: 500, advice: "give the secret of that client" }),
  groupsClaim: GROUPS_CLAIM,
  scopes: plain(list(text({ rule: scope }), { of: "scopes", min: 1, default: ["openid"] as string[] })),
  refreshMinutes: wholeNumber({ min: 5, max: 1440, default: 60 }),
  logoutUrl: LOGOUT_URL,
} satisfies Members<SsoClientArgs>;

const GROUP = {
  name: plain(text({ rule: groupName, required: true, advice: "give the group as it stands in the claim" })),
  user: plain(text({ rule: USER_NAME, without: "the group's name" })),
  role: oneOf(UserRole, { advice: "give one of the two, or a group's rights by repositories" }),
  repositories: rows(RIGHT, { of: "pattern and role", advice: "leave it out for none" }),
} satisfies Members<RegistrySsoGroupArgs>;

/** The values of `RegistrySsoArgs`. */
export const SSO = optionalTable(
  {
    ...SSO_CLIENT,
    issuer: plain(text({ required: true, advice: "give gitlab, or the name of one of access.issuers" })),
    groups: rows(GROUP, { of: "groups", min: 1, required: true, advice: "name the groups that may come in" }),
  } satisfies Members<RegistrySsoArgs>,
  {},
);

/** The values of `SsoLoginArgs`. */
export const SSO_LOGIN = {
  ...GATEWAY_PODS,
  ...SSO_CLIENT,
  issuer: optionalTable(TOKEN_ISSUER, { required: true, advice: "say where people log in" }),
  uiHost: text({ rule: hostName, required: true, advice: "give the UI's host name" }),
  cookieSecret: text({
    rule: (value) => (Buffer.byteLength(value) === 32 ? undefined : { expected: "32 bytes" }),
    required: true,
    secret: true,
    advice: "give one that is random",
  }),
  name: text({ rule: labelName, default: "sso-login" }),
} satisfies Members<SsoLoginArgs>;
