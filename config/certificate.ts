import * as pulumi from "@pulumi/pulumi";
import {
  CertificateIssuer,
  type Dns01Args,
  type ExternalAccountArgs,
  type KeyType,
  type PrivateCaArgs,
  type PrivateRegistryArgs,
  type Problem,
  type RegistryCertificateArgs,
  type Revocation,
} from "../components";
import type { Values } from "./settings";
import { defined } from "./shape";

/** Where the certificate comes from, out of the config. */
export function certificate(values: Values, problems: Problem[]): Pick<PrivateRegistryArgs, "certificate"> {
  const issuer = values.certificateIssuer as CertificateIssuer;
  if (issuer === CertificateIssuer.Acme) {
    if (!values.acmeTermsAgreed) {
      const advice = "read the CA's terms of service, then set it to true";
      problems.push({ property: "acmeTermsAgreed", expected: "true", got: "false", advice });
    }
    return { certificate: acme(values) };
  }
  if (issuer !== CertificateIssuer.Provided) {
    return { certificate: { issuer, ...key(values), ...defined({ privateCa: values.privateCa as PrivateCaArgs }) } };
  }
  const { providedChain, providedKey } = values;
  for (const [property, value] of Object.entries({ providedChain, providedKey })) {
    if (value) continue;
    const advice = `pulumi config set ${property} < file`;
    problems.push({ property, expected: "set for the issuer provided", got: "nothing", advice });
  }
  return {
    certificate: { issuer, provided: { chainPem: providedChain ?? "", keyPem: pulumi.secret(providedKey ?? "") } },
  };
}

function key({ certificateKeyType, certificateKeyGeneration }: Values): RegistryCertificateArgs {
  return defined({ keyType: certificateKeyType as KeyType | undefined, keyGeneration: certificateKeyGeneration });
}

function acme(values: Values): RegistryCertificateArgs {
  return {
    termsAgreed: true,
    ...key(values),
    ...defined({
      revocation: values.acmeRevocation as Revocation | undefined,
      directory: values.acmeDirectory,
      directoryCaPem: values.acmeDirectoryCa,
      contacts: values.acmeContacts as string[] | undefined,
      accountKeyPem: values.acmeAccountKey && pulumi.secret(values.acmeAccountKey),
      profile: values.acmeProfile,
      preferredChain: values.acmePreferredChain,
      externalAccount: values.acmeExternalAccount && externalAccount(values.acmeExternalAccount),
      dns01: values.acmeDns01 && dns01(values.acmeDns01 as Dns01Args),
      renewBeforeHours: values.renewBeforeHours,
      timeoutSeconds: values.acmeTimeoutSeconds,
    }),
  };
}

function dns01(args: Dns01Args): Dns01Args {
  const { dynamicUpdate } = args;
  if (!dynamicUpdate) return args;
  return { ...args, dynamicUpdate: { ...dynamicUpdate, keySecret: pulumi.secret(dynamicUpdate.keySecret) } };
}

function externalAccount({ keyId, hmacKey }: Record<string, unknown>): ExternalAccountArgs {
  return { keyId: keyId as string, hmacKey: pulumi.secret(hmacKey as string) };
}
