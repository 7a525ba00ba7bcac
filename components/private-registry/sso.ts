import { hkdfSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { omitUndefined } from "../checks/omit-undefined";
import { from } from "../checks/origin";
import type { GatewaySsoArgs } from "../nginx/gateway/args";
import { issuerNamed } from "../nginx/users/token-issuers";
import { SsoLogin } from "../sso-login";
import type { TlsSecret } from "../tls-secret";
import type { PrivateRegistryArgs } from "./args";
import { createKey } from "./mutual-tls";
import { originOf } from "./origins";
import { podSettings } from "./verifiers";

/** A login for the UI, and what the gateways know of it. */
export interface Sso {
  component: SsoLogin;
  known: GatewaySsoArgs;
}

/** Makes the login, if there is one. */
export function createSso(
  name: string,
  args: PrivateRegistryArgs,
  secret: TlsSecret,
  namespace: pulumi.Input<string> | undefined,
  parent: pulumi.Resource,
): Sso | undefined {
  const { sso, issuers = [] } = args.access ?? {};
  if (sso === undefined) return undefined;
  const { issuer, groups, ...client } = sso;
  const settings = {
    ...podSettings(name, args, { secret, namespace }, "sso"),
    ...client,
    issuer: issuerNamed(issuers, issuer) ?? { name: issuer },
    uiHost: args.ui?.host ?? "",
    cookieSecret: cookieSecret(name, parent),
  };
  const component = new SsoLogin(`${name}-sso`, from(originOf(name, "sso"), settings), { parent });
  const known = {
    nodePort: component.nodePort,
    groups: groups.map(({ name: group, user = group }) => ({ group, identity: user })),
    ...omitUndefined({ logoutUrl: sso.logoutUrl }),
  };
  return { component, known };
}

/** What the cookies are sealed with: 32 characters of a key's own. */
function cookieSecret(name: string, parent: pulumi.Resource): pulumi.Output<string> {
  return pulumi
    .secret(createKey(`${name}-sso-key`, parent).privateKeyPem)
    .apply((key) => Buffer.from(hkdfSync("sha256", key, "", "cookies of the login", 16)).toString("hex"));
}
