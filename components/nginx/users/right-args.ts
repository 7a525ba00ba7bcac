import type * as pulumi from "@pulumi/pulumi";
import { matches } from "../../checks/rules";
import { type Members, oneOf, text } from "../../checks/value";
import { repositoryPattern } from "./repositories";
import { UserRole } from "./role";

/**
 * What a user may do in the repositories whose names fit a pattern. In a pattern `*` stands for any part of a name
 * between two slashes, also for none of it, and `**`, between slashes, for one or more whole parts: `team/*` is
 * `team/app` and not `team/app/web`; `team/**` is both, and not `team` itself; `**` is every repository.
 */
export interface RepositoryRightArgs {
  /** 1-255 of `a-z0-9._-`, `/` and `*`; one `*` in a part, and one `**` in all. */
  pattern: pulumi.Input<string>;
  /** What the user may do there. */
  role: pulumi.Input<UserRole>;
}

/**
 * A name that an htpasswd file and HTTP's Basic scheme can hold, and that needs no quotes in nginx's text: no ':' (ends
 * the name, RFC 7617), no '#' (a comment), no space.
 */
export const USER_NAME = matches(
  "1-64 letters, digits and ._@+- with a letter, digit or _ first",
  /^[A-Za-z0-9_][A-Za-z0-9._@+-]{0,63}$/,
);

/** How a pattern of repositories is judged. */
export const PATTERN = {
  rule: repositoryPattern,
  required: true,
  advice: "give a name, or a pattern such as team/* or team/**",
} as const;

/** The values of `RepositoryRightArgs`. */
export const RIGHT = {
  pattern: text(PATTERN),
  role: oneOf(UserRole, { required: true, advice: "give one of the two" }),
} satisfies Members<RepositoryRightArgs>;
