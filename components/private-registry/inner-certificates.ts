import type * as pulumi from "@pulumi/pulumi";
import { type PrivateRegistryArgs, RegistryCertificateSource } from "./args";
import {
  checkedGeneration,
  createClientCertificate,
  createRegistryCertificate,
  type InnerCertificate,
} from "./mutual-tls";

/** The certificates between gateways and registry, as far as they are the stack's own. */
export interface InnerCertificates {
  /** What the gateways show; none if the registry takes everybody. */
  client: InnerCertificate | undefined;
  /** What the registry shows; none if that is the certificate that the gateways serve. */
  registry: InnerCertificate | undefined;
}

/** Makes them, of the generation that is asked for. */
export function createInnerCertificates(
  name: string,
  args: PrivateRegistryArgs,
  parent: pulumi.Resource,
): InnerCertificates {
  const generation = checkedGeneration(name, args.mutualTlsGeneration);
  const own = args.registryCertificate === RegistryCertificateSource.PrivateCa;
  return {
    client: args.requireClientCertificate === false ? undefined : createClientCertificate(name, generation, parent),
    registry: own ? createRegistryCertificate(name, generation, args.registryHost, parent) : undefined,
  };
}
