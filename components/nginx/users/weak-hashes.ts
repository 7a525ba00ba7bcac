import * as pulumi from "@pulumi/pulumi";
import type { CheckedUsers } from "./check";
import { STRONG } from "./crypt-hashes";

/** Warns of hashes that are quick to compare: whoever gets hold of them finds the passwords by guessing. */
export function tellWeakHashes({ named, brought }: CheckedUsers, component: pulumi.Resource): void {
  const weak = pulumi.unsecret(
    pulumi.all([named, brought]).apply(([users, hashes]) =>
      users.flatMap(({ name }, index) => {
        const weakness = hashes[index]?.weakness;
        return weakness === undefined ? [] : [`${name} (${weakness})`];
      }),
    ),
  );
  weak.apply((users) => {
    if (users.length === 0) return undefined;
    return pulumi.log.warn(
      `weak hashes of passwords: ${users.join(", ")}. They work, but whoever gets hold of such a hash, on a gateway or ` +
        `in this stack's secrets, soon finds the password by guessing. Give these users new passwords when you can; ` +
        `strong is ${STRONG} and more`,
      component,
    );
  });
}
