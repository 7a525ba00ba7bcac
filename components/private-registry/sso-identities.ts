import { omitUndefined } from "../checks/omit-undefined";
import type { RegistryIdentityArgs } from "../nginx/users/identity-args";
import type { PrivateRegistryAccessArgs } from "./access-args";

/** The identities of a registry: its own, and one for each group of the login's, whose tokens it takes as passwords. */
export function allIdentities({ identities = [], sso }: PrivateRegistryAccessArgs = {}): RegistryIdentityArgs[] {
  if (sso === undefined) return identities;
  const groups = sso.groups.map(({ name, user = name, role, repositories }) => ({
    ...{ name: user, issuer: sso.issuer, audience: sso.clientId, groups: [name] },
    ...omitUndefined({ role, repositories }),
  }));
  return [...identities, ...groups];
}
