import type * as pulumi from "@pulumi/pulumi";
import type { ChainFacts } from "./chain";
import type { RenewalPlan } from "./renewal";

/** Everything that a certificate's component hands out of the chain, whoever issued it. */
export interface ChainOutputs extends ChainFacts, RenewalPlan {
  /** URL of the ACME account; empty for a certificate that comes by another way. */
  accountUrl: string;
}

/** A certificate, whoever issued it. */
export interface Issued {
  chain: { [K in keyof ChainOutputs]: pulumi.Output<ChainOutputs[K]> };
  /** Secret. */
  keyPem: pulumi.Output<string>;
}

/** The parts of an output that has them all. */
export function partsOf(chain: pulumi.Output<ChainOutputs>): Issued["chain"] {
  const part = <K extends keyof ChainOutputs>(key: K): pulumi.Output<ChainOutputs[K]> =>
    chain.apply((known) => known[key]);
  return {
    chainPem: part("chainPem"),
    leafPem: part("leafPem"),
    issuerPem: part("issuerPem"),
    notBefore: part("notBefore"),
    notAfter: part("notAfter"),
    serialNumber: part("serialNumber"),
    fingerprintSha256: part("fingerprintSha256"),
    renewAt: part("renewAt"),
    renewReason: part("renewReason"),
    accountUrl: part("accountUrl"),
  };
}
