import * as pulumi from "@pulumi/pulumi";
import { asciiName } from "../checks/rules";
import type { UserArgs } from "../nginx/users/args";

/** By user, the docker config; none of a user of whose password there is only a hash. A secret. */
export function dockerConfigs(
  registryHost: pulumi.Input<string>,
  users: UserArgs[],
): pulumi.Output<Record<string, string>> {
  const known = users.filter(({ passwordHash }) => passwordHash === undefined);
  return pulumi.secret(
    pulumi
      .all([registryHost, pulumi.all(known.map((user) => pulumi.all([user.name, user.password ?? ""])))])
      .apply(([host, all]): Record<string, string> =>
        Object.fromEntries(all.map(([user, password]) => [user, dockerConfig(asciiName(host), user, password)])),
      ),
  );
}

/** What `~/.docker/config.json` holds after a `docker login` as this user (the host's key, and the pair in base64). */
export function dockerConfig(registryHost: string, user: string, password: string): string {
  const auth = Buffer.from(`${user}:${password}`).toString("base64");
  return JSON.stringify({ auths: { [registryHost]: { username: user, password, auth } } });
}
