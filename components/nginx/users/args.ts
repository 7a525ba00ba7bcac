import type * as pulumi from "@pulumi/pulumi";
import { truncates } from "bcryptjs";
import type { Rule } from "../../checks/problems";
import { matches } from "../../checks/rules";
import { formerly, list, manyRows, type Members, oneOf, rows, text, wholeNumber } from "../../checks/value";
import { passwordHash } from "./crypt-hashes";
import { IDENTITY, type RegistryIdentityArgs, TOKEN_ISSUER, type TokenIssuerArgs } from "./identity-args";
import { PATTERN, type RepositoryRightArgs, RIGHT, USER_NAME } from "./right-args";
import { UserRole } from "./role";

/** One user of the registry and its UI. */
export interface UserArgs {
  /** 1-64 letters, digits and `._@+-`, beginning with a letter, a digit or `_`. */
  name: pulumi.Input<string>;
  /** What the user may do in every repository, and with the UI. Leave it out for one with `repositories` only. */
  role?: pulumi.Input<UserRole>;
  /**
   * What the user may do in repositories of certain names, besides `role`. Without `role` it is all that the user may
   * do: the catalog and the UI are closed to such a user then. Not an output. Default none.
   */
  repositories?: RepositoryRightArgs[];
  /**
   * 1-72 bytes of UTF-8; bcrypt reads no more. Left out, `PrivateRegistry` makes one, which is in its `dockerConfigs`.
   * Secret.
   */
  password?: pulumi.Input<string>;
  /**
   * The hash of a password that only the user knows, in the place of `password`: of bcrypt with a cost of 4-14, of
   * SHA-crypt (`$5$` or `$6$`, 1000-1000000 rounds), or apr1; or the user's whole line of an htpasswd file. The user is
   * not in `dockerConfigs`, and an `up` warns of a weak hash. Default none. Secret.
   */
  passwordHash?: pulumi.Input<string>;
  /**
   * Any text of 1-64 characters; a new text makes a new password. For a password that `PrivateRegistry` makes. Default
   * none.
   */
  generation?: pulumi.Input<string>;
}

/** Who gets in, beyond the list of users, and how. */
export interface RegistryAccessArgs {
  /**
   * Patterns of repositories from which everybody may pull, without a password; see `RepositoryRightArgs`. Clients then
   * get tokens, since they can't pull without a password where Basic is asked for. Default none.
   */
  anonymousPull?: pulumi.Input<pulumi.Input<string>[]>;
  /** What a browser shows when it asks for a password. 1-80 characters of ASCII. Default `Restricted`. */
  realm?: pulumi.Input<string>;
  /**
   * How many passwords that are not remembered one address may try in a minute, whoever's they are; a sixth of it and
   * five more may come at once. An IPv6 address counts with its /64. Beyond that the answer is 429, for the right
   * password too. Range 1-6000, default 60.
   */
  guessesPerMinute?: pulumi.Input<number>;
  /** Cost of a password's hash; one more doubles the time. Range 4-14, default 10. */
  bcryptCost?: pulumi.Input<number>;
  /**
   * Machines that show a token of an issuer in the place of a password. Each issuer and audience has pods of its own
   * that verify tokens, which needs `backend.requireClientCertificate`. Not an output. Default none.
   */
  identities?: RegistryIdentityArgs[];
  /** Issuers of tokens beside `github` and `gitlab`. Not an output. Default none. */
  issuers?: TokenIssuerArgs[];
  /**
   * For how long a gateway remembers that a token was good, in minutes: a push goes on for so long after its token's
   * end, and so does whoever has that token. Range 1-60, default 10, since a CI job's tokens often live 5 minutes and a
   * large push takes longer.
   */
  tokenMinutes?: pulumi.Input<number>;
}

const userPassword: Rule<string> = (value) =>
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  value !== "" && !truncates(value) && !/[\u0000-\u001f\u007f]/.test(value)
    ? undefined
    : {
        expected: "1-72 bytes of UTF-8 without control characters",
        got: `a secret of ${Buffer.byteLength(value)} bytes`,
      };

/** A text for the Basic scheme's realm, which nginx puts between quotes as it is (RFC 7235 section 2.2). */
const realm = matches('1-80 printable ASCII characters without ", \\ and $', /^[ !#%-[\]-~]{1,80}$/);

/** The values of `UserArgs`. */
export const USER = {
  name: text({ rule: USER_NAME, required: true, advice: "choose a different name for this user" }),
  role: oneOf(UserRole, { advice: "give one of the two, or a user's rights by repositories" }),
  repositories: rows(RIGHT, { of: "pattern and role", advice: "leave it out for none" }),
  password: text({ rule: userPassword, secret: true, advice: "give a shorter one; bcrypt would cut it" }),
  passwordHash: text({ rule: passwordHash, secret: true, advice: "make one by: htpasswd -nBC 10 NAME" }),
  generation: text({ max: 64, advice: "leave it out for the first password" }),
} satisfies Members<UserArgs>;

/** The list of users. */
export const USERS = formerly(
  { passwordGeneration: "it is generation now" },
  manyRows<UserArgs, { of: string; min: number; required: true; advice: string }>(USER, {
    of: "users",
    min: 1,
    required: true,
    advice: "add one, or nobody can use the registry",
  }),
);

/** The values of `RegistryAccessArgs`. */
export const ACCESS = {
  anonymousPull: list(text(PATTERN), { of: "repositories or patterns", default: [] as string[] }),
  realm: text({ rule: realm, default: "Restricted" }),
  guessesPerMinute: wholeNumber({ min: 1, max: 6000, default: 60 }),
  bcryptCost: wholeNumber({ min: 4, max: 14, default: 10 }),
  identities: rows(IDENTITY, { of: "identities" }),
  issuers: rows(TOKEN_ISSUER, { of: "issuers" }),
  tokenMinutes: wholeNumber({ min: 1, max: 60, default: 10 }),
} satisfies Members<RegistryAccessArgs>;
