import type * as pulumi from "@pulumi/pulumi";
import { Checker } from "../checks/checker";
import { asciiName } from "../checks/rules";
import type { TokenIssuerArgs } from "../nginx/users/identity-args";
import { issuerNamed } from "../nginx/users/token-issuers";
import { checkContainers, type CheckedPods, containersOf } from "../verifier/check";
import { SSO_LOGIN, type SsoLoginArgs } from "./args";
import type { LoginSettings } from "./text";

/** The arguments of a login after the checks. */
export interface CheckedLogin extends CheckedPods {
  settings: LoginSettings;
  uiHost: pulumi.Output<string>;
  refreshMinutes: pulumi.Output<number>;
  caPem: pulumi.Output<string> | undefined;
  clientSecret: pulumi.Output<string>;
  cookieSecret: pulumi.Output<string>;
}

/** Checks the arguments of an `SsoLogin`; throws one error that names every one that is not right. */
export function checkLogin(name: string, args: SsoLoginArgs): CheckedLogin {
  const checker = new Checker(`SsoLogin "${name}"`, args);
  const { issuer, clientId, groupsClaim, scopes, logoutUrl, uiHost, ...rest } = checker.read(SSO_LOGIN, args);
  const given: TokenIssuerArgs = args.issuer ?? { name: "" };
  const { url = "", algorithms = [] } = issuerNamed([given], given.name) ?? {};
  if (url === "") {
    const advice = "give the claim iss of its tokens";
    checker.add({ property: "issuer.url", expected: "set", got: "nothing", advice });
  }
  checkContainers(checker, args, rest.scheduling);
  checker.done();
  const { caPem } = issuer;
  return {
    ...rest,
    ...containersOf(checker, rest),
    settings: { issuerUrl: url, clientId, groupsClaim, scopes, algorithms, hasCa: caPem !== undefined, logoutUrl },
    uiHost: uiHost.apply(asciiName),
    caPem,
    nodePort: undefined,
    several: args.replicas !== 1,
  };
}
