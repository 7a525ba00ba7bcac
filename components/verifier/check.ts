import * as pulumi from "@pulumi/pulumi";
import { Checker } from "../checks/checker";
import type { Problem } from "../checks/problems";
import type { Checked } from "../checks/value";
import type { TokenIssuerArgs } from "../nginx/users/identity-args";
import { issuerNamed, type KnownIssuer } from "../nginx/users/token-issuers";
import { type Resources, resourcesOf, resourceProblems } from "../registry/resources";
import { TOKEN_VERIFIER, type TokenVerifierArgs, VERIFIER_IMAGES } from "./args";
import type { VerifierSettings } from "./text";

type Input = Checked<typeof TOKEN_VERIFIER>;

/** One of the two containers, checked. */
export interface VerifierContainer {
  image: pulumi.Output<string>;
  resources: Resources;
}

/** The arguments of a verifier after the checks. */
export interface CheckedVerifier extends Omit<Input, "issuer" | "oauth2Proxy" | "nginx" | "audience"> {
  /** All but what a cluster says of itself. */
  settings: VerifierSettings;
  caPem: pulumi.Output<string> | undefined;
  nodePort: pulumi.Output<number> | undefined;
  oauth2Proxy: VerifierContainer;
  nginx: VerifierContainer;
  /** True if there are several pods, as far as it is known now. */
  several: boolean;
}

const STANDARD = {
  cpu: { request: "10m", guaranteed: "100m" },
  memory: { request: "32Mi", limit: "128Mi", guaranteed: "128Mi" },
};

const missing = (member: string, advice: string): Problem => ({
  property: `issuer.${member}`,
  expected: "set",
  got: "nothing",
  advice,
});

function settingsOf(known: KnownIssuer | undefined, audience: string): VerifierSettings {
  const { url = "", keysUrl = "", algorithms = [], caPem } = known ?? {};
  return { issuerUrl: url, keysUrl, audience, algorithms, hasCa: caPem !== undefined };
}

/** Checks the arguments of a `TokenVerifier`; throws one error that names every one that is not right. */
export function checkVerifier(name: string, args: TokenVerifierArgs): CheckedVerifier {
  const checker = new Checker(`TokenVerifier "${name}"`, args);
  const { issuer, audience, oauth2Proxy, nginx, ...rest } = checker.read(TOKEN_VERIFIER, args);
  const given: TokenIssuerArgs = args.issuer ?? { name: "" };
  const known = issuerNamed([given], given.name);
  if (!rest.cluster)
    checker.add(known?.url === undefined ? missing("url", "give the claim iss of its tokens") : undefined);
  if (!rest.cluster) checker.add(known?.keysUrl === undefined ? missing("keysUrl", "give its jwks_uri") : undefined);
  const { qosClass } = rest.scheduling;
  const containers = { oauth2Proxy, nginx };
  for (const at of Object.keys(containers) as (keyof typeof containers)[])
    checker.add(...resourceProblems(`${at}.resources`, args[at]?.resources, qosClass));
  checker.done();
  const container = (at: keyof typeof containers): VerifierContainer => ({
    image: containers[at].image ?? pulumi.output(VERIFIER_IMAGES[at]),
    resources: resourcesOf(checker, `${at}.resources`, containers[at].resources, STANDARD, qosClass),
  });
  return {
    ...rest,
    settings: settingsOf(known, audience),
    caPem: issuer.caPem,
    nodePort: issuer.nodePort,
    oauth2Proxy: container("oauth2Proxy"),
    nginx: container("nginx"),
    several: args.replicas !== 1,
  };
}
