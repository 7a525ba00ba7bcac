import * as pulumi from "@pulumi/pulumi";
import { Checker } from "../checks/checker";
import type { Problem } from "../checks/problems";
import type { Checked } from "../checks/value";
import type { TokenIssuerArgs } from "../nginx/users/identity-args";
import { issuerNamed, type KnownIssuer } from "../nginx/users/token-issuers";
import { type Resources, resourcesOf, resourceProblems } from "../registry/resources";
import {
  type GATEWAY_PODS,
  TOKEN_VERIFIER,
  type TokenVerifierArgs,
  VERIFIER_IMAGES,
  type VerifierPodArgs,
} from "./args";
import type { VerifierSettings } from "./text";

/** One of the two containers, checked. */
export interface VerifierContainer {
  image: pulumi.Output<string>;
  resources: Resources;
}

/** Pods that only gateways ask, checked. */
export interface CheckedPods extends Omit<Checked<typeof GATEWAY_PODS>, "oauth2Proxy" | "nginx"> {
  name: pulumi.Output<string>;
  nodePort: pulumi.Output<number> | undefined;
  oauth2Proxy: VerifierContainer;
  nginx: VerifierContainer;
  /** True if there are several pods, as far as it is known now. */
  several: boolean;
}

/** The arguments of a verifier after the checks. */
export interface CheckedVerifier extends CheckedPods {
  cluster: boolean;
  /** All but what a cluster says of itself. */
  settings: VerifierSettings;
  caPem: pulumi.Output<string> | undefined;
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

function settingsOf(known: KnownIssuer | undefined, audience: string, groupsClaim: string): VerifierSettings {
  const { url = "", keysUrl = "", algorithms = [], caPem } = known ?? {};
  const claim = groupsClaim === "groups" ? {} : { groupsClaim };
  return { issuerUrl: url, keysUrl, audience, algorithms, ...claim, hasCa: caPem !== undefined };
}

const ATS = ["oauth2Proxy", "nginx"] as const;
type At = (typeof ATS)[number];

/** Adds what is wrong with what the containers ask for. */
export function checkContainers(checker: Checker, args: VerifierPodArgs, { qosClass }: { qosClass?: unknown }): void {
  for (const at of ATS) checker.add(...resourceProblems(`${at}.resources`, args[at]?.resources, qosClass));
}

/** Both containers: their images, and what they ask for. */
export function containersOf(
  checker: Checker,
  input: Pick<Checked<typeof GATEWAY_PODS>, At | "scheduling">,
): Record<At, VerifierContainer> {
  const container = (at: At): VerifierContainer => ({
    image: input[at].image ?? pulumi.output(VERIFIER_IMAGES[at]),
    resources: resourcesOf(checker, `${at}.resources`, input[at].resources, STANDARD, input.scheduling.qosClass),
  });
  return { oauth2Proxy: container("oauth2Proxy"), nginx: container("nginx") };
}

/** Checks the arguments of a `TokenVerifier`; throws one error that names every one that is not right. */
export function checkVerifier(name: string, args: TokenVerifierArgs): CheckedVerifier {
  const checker = new Checker(`TokenVerifier "${name}"`, args);
  const { issuer, audience, groupsClaim, ...rest } = checker.read(TOKEN_VERIFIER, args);
  const given: TokenIssuerArgs = args.issuer ?? { name: "" };
  const known = issuerNamed([given], given.name);
  if (!rest.cluster)
    checker.add(known?.url === undefined ? missing("url", "give the claim iss of its tokens") : undefined);
  if (!rest.cluster) checker.add(known?.keysUrl === undefined ? missing("keysUrl", "give its jwks_uri") : undefined);
  checkContainers(checker, args, rest.scheduling);
  checker.done();
  return {
    ...rest,
    ...containersOf(checker, rest),
    settings: settingsOf(known, audience, groupsClaim),
    caPem: issuer.caPem,
    nodePort: issuer.nodePort,
    several: args.replicas !== 1,
  };
}
