import { hkdfSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { Checker } from "../checks/checker";
import { isLate } from "../checks/judge";
import { USER, type UserArgs } from "../nginx/users/args";
import { madePassword } from "../nginx/users/made";
import type { PrivateRegistryArgs } from "./args";
import { subjectOf } from "./check";
import { createKey } from "./mutual-tls";

/**
 * The users with a password, or the hash of one, each. Who has none gets one of 256 bits, made from a key of the stack
 * (RFC 5869): the same in every run, a different one for each user, and a new one when the user's `generation` changes.
 */
export function withPasswords(name: string, args: PrivateRegistryArgs, parent: pulumi.Resource): UserArgs[] {
  const { users } = args;
  const has = ({ password, passwordHash }: UserArgs): boolean => (password ?? passwordHash) !== undefined;
  if (users.every(has)) return users;
  const key = pulumi.secret(createKey(`${name}-password-key`, parent).privateKeyPem);
  const checker = new Checker(subjectOf(name), args);
  return users.map(({ generation, ...user }, index) => {
    if (has(user)) return user;
    const given = { property: `users[${index}].generation`, given: generation ?? "", value: USER.generation };
    const judged = isLate(generation) ? checker.column([given]).apply(([text = ""]) => text) : (generation ?? "");
    return { ...user, password: passwordOf(key, user.name, judged) };
  });
}

function passwordOf(
  key: pulumi.Output<string>,
  user: pulumi.Input<string>,
  generation: pulumi.Input<string>,
): pulumi.Output<string> {
  return madePassword(
    pulumi.secret(
      pulumi.all([key, user, generation]).apply(([pem, who, which]) => {
        const purpose = `password of ${who}\n${which}`;
        return Buffer.from(hkdfSync("sha256", pem, "", purpose, 32)).toString("base64url");
      }),
    ),
  );
}
