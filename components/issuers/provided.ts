import { createPrivateKey, createPublicKey } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { type ChainFacts, chainFacts, chainFaults, splitChain } from "../chain/chain";
import { type ChainOutputs, type Issued, partsOf } from "../chain/issued";
import { isDue } from "../chain/renewal";
import { duration } from "../chain/time";
import { isServed } from "../served";

/** A certificate that the user brings, after the checks of each setting by itself. */
export interface ProvidedCertificate {
  names: pulumi.Output<string[]>;
  chainPem: pulumi.Output<string>;
  /** Secret. */
  keyPem: pulumi.Output<string>;
}

/**
 * Takes a certificate that the user brings. Chain and key are checked together as soon as they are known, in a preview
 * too: an error names all that is wrong. A certificate in the last third of its life is told with a warning.
 */
export function takeProvided(given: ProvidedCertificate, resource: pulumi.ComponentResource, subject: string): Issued {
  const checked = pulumi.all([given.names, given.chainPem, given.keyPem]).apply(([names, chainPem, keyPem]) => {
    const faults = providedFaults(names, chainPem, keyPem, new Date());
    if (faults.length > 0) throw providedError(subject, faults);
    const outputs = providedOutputs(chainFacts(chainPem));
    if (isDue(outputs.renewAt, new Date())) {
      void pulumi.log.warn(
        `${subject}: the provided certificate ends at ${outputs.notAfter}; bring a new one`,
        resource,
      );
    }
    return outputs;
  });
  return { chain: partsOf(pulumi.unsecret(checked)), keyPem: pulumi.secret(given.keyPem) };
}

/** All that is wrong with a chain and key for these names, a text each. No text holds any part of the key. */
export function providedFaults(names: readonly string[], chainPem: string, keyPem: string, now: Date): string[] {
  const publicKeyPem = publicPem(keyPem);
  if (publicKeyPem === undefined) return ["its key can't be read; give an unencrypted PEM private key"];
  try {
    const faults = chainFaults(chainPem, { names, publicKeyPem });
    const facts = chainFacts(chainPem);
    return [...faults, ...timeFaults(facts, now), ...issuerFaults(facts, now)];
  } catch (error) {
    return [`its chain can't be read (${(error as Error).message})`];
  }
}

function timeFaults({ notBefore, notAfter }: ChainFacts, now: Date): string[] {
  const past = now.getTime() - Date.parse(notAfter);
  if (past >= 0) return [`it ended at ${notAfter}, ${duration(past)} ago`];
  return Date.parse(notBefore) > now.getTime() ? [`it is not valid before ${notBefore}`] : [];
}

/** A client does not trust a chain that leads through a certificate that has ended. */
function issuerFaults({ issuerPem }: ChainFacts, now: Date): string[] {
  const ends = splitChain(issuerPem).map((block) => chainFacts(block).notAfter);
  return ends.flatMap((end, index) =>
    Date.parse(end) <= now.getTime() ? [`its certificate ${index + 2} ended at ${end}`] : [],
  );
}

function publicPem(keyPem: string): string | undefined {
  try {
    return createPublicKey(createPrivateKey(keyPem)).export({ format: "pem", type: "spki" }) as string;
  } catch {
    return undefined;
  }
}

function providedOutputs(facts: ChainFacts): ChainOutputs {
  const [start, end] = [Date.parse(facts.notBefore), Date.parse(facts.notAfter)];
  const renewAt = `${new Date(start + ((end - start) * 2) / 3).toISOString().slice(0, 19)}Z`;
  return { ...facts, renewAt, renewReason: "provided: bring a new one by then", accountUrl: "" };
}

function providedError(subject: string, faults: readonly string[]): Error {
  const advice = "give the leaf first, then the certificate that signed it, and so on, and the key of the leaf";
  const first = `${subject}: the provided certificate can't be used; ${advice}`;
  const message = [first, ...faults.map((fault) => `  - ${fault}`)].join("\n");
  if (!isServed()) return new pulumi.RunError(message);
  return new pulumi.InputPropertiesError({
    message,
    errors: faults.map((reason) => ({ propertyPath: "provided", reason })),
  });
}
