import { hkdfSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { Checker } from "../checks/checker";
import { text } from "../checks/rules";
import type { UserArgs } from "../nginx/users/users";
import { createKey } from "./mutual-tls";

/**
 * The users with a password each. Who has none gets one of 256 bits, made from a key of the stack (RFC 5869): the same in every run, another for each
 * user, and another when the user's `passwordGeneration` changes.
 */
export function withPasswords(name: string, users: UserArgs[], parent: pulumi.Resource): UserArgs[] {
  if (!Array.isArray(users) || users.every(({ password }) => password !== undefined)) return users;
  const generations = checked(name, users);
  const key = pulumi.secret(createKey(`${name}-password-key`, parent).privateKeyPem);
  return users.map((user, index) =>
    user.password === undefined ? { ...user, password: made(key, user.name, generations[index] ?? "") } : user,
  );
}

function checked(name: string, users: UserArgs[]): pulumi.Input<string>[] {
  const checker = new Checker(`PrivateRegistry "${name}"`);
  const generations = users.map(({ password, passwordGeneration }, index) => {
    if (passwordGeneration === undefined) return "";
    const property = `users[${index}].passwordGeneration`;
    if (password !== undefined) {
      const advice = "leave one of the two out";
      checker.add({ property, expected: "left out beside a password", got: "both", advice });
    }
    return checker.check(property, passwordGeneration, text(64, "leave it out for the first password"));
  });
  checker.done();
  return generations;
}

function made(
  key: pulumi.Output<string>,
  user: pulumi.Input<string>,
  generation: pulumi.Input<string>,
): pulumi.Output<string> {
  return pulumi.secret(
    pulumi.all([key, user, generation]).apply(([pem, who, which]) => {
      const purpose = `password of ${who}\n${which}`;
      return Buffer.from(hkdfSync("sha256", pem, "", purpose, 32)).toString("base64url");
    }),
  );
}
