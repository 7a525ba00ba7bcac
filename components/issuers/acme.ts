import * as pulumi from "@pulumi/pulumi";
import { KeyType } from "./args";
import type { CheckedAcme } from "./check";
import type { ChainInputs } from "../acme/data";
import type { Issued } from "../chain/issued";
import { createCertificateKey, createKey, createRequest } from "./keys";
import { orderChain } from "../acme/resource";

/** What is ordered from an ACME directory, after the checks. */
export interface AcmeOrderOptions extends CheckedAcme {
  keyType: pulumi.Output<KeyType>;
  generation: string | undefined;
}

/** Keys and CSR of the stack, and the resource that brings the chain and renews it. */
export function issueByAcme(name: string, options: AcmeOrderOptions, parent: pulumi.Resource): Issued {
  const { settings } = options;
  const key = createCertificateKey(name, options.keyType, options.generation, parent);
  const { certRequestPem: csrPem } = createRequest(`${name}-request`, key, settings.names, parent);
  const accountKeyPem = pulumi.secret(
    options.accountKeyPem ?? createKey(`${name}-account-key`, KeyType.EcdsaP256, parent).privateKeyPem,
  );
  const inputs = { ...settings, accountKeyPem, csrPem, publicKeyPem: key.publicKeyPem };
  const chain = orderChain(name, inputs satisfies ChainSettings, { parent });
  return { chain, keyPem: pulumi.secret(key.privateKeyPem) };
}

type ChainSettings = { [K in keyof ChainInputs]: pulumi.Input<ChainInputs[K]> };
