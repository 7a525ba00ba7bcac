import { CertRequest } from "@pulumi/tls/certRequest";
import { PrivateKey } from "@pulumi/tls/privateKey";
import * as pulumi from "@pulumi/pulumi";
import { KeyType } from "./args";

const SECRETS = ["privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"];

/** A private key of the stack; all of it is secret, whatever the plugin says. */
export function createKey(name: string, type: pulumi.Input<KeyType>, parent: pulumi.Resource): PrivateKey {
  const spec = pulumi.output(type).apply(keySpec);
  const args = { algorithm: spec.algorithm, ecdsaCurve: spec.ecdsaCurve, rsaBits: spec.rsaBits };
  return new PrivateKey(name, args, { parent, additionalSecretOutputs: SECRETS });
}

/**
 * The key of a certificate. A key resource of another name is another key; the old one goes when nothing uses it any
 * more.
 */
export function createCertificateKey(
  name: string,
  type: pulumi.Input<KeyType>,
  generation: string | undefined,
  parent: pulumi.Resource,
): PrivateKey {
  return createKey(generation === undefined ? `${name}-key` : `${name}-key-${generation}`, type, parent);
}

/** The names are only in the CSR's subjectAltName: a common name is limited to 64 characters, and nobody reads it. */
export function createRequest(
  name: string,
  key: PrivateKey,
  dnsNames: pulumi.Output<string[]>,
  parent: pulumi.Resource,
): CertRequest {
  return new CertRequest(name, { privateKeyPem: pulumi.secret(key.privateKeyPem), dnsNames }, { parent });
}

interface KeySpec {
  algorithm: string;
  ecdsaCurve?: string;
  rsaBits?: number;
}

function keySpec(type: KeyType): KeySpec {
  switch (type) {
    case KeyType.EcdsaP256:
      return { algorithm: "ECDSA", ecdsaCurve: "P256" };
    case KeyType.EcdsaP384:
      return { algorithm: "ECDSA", ecdsaCurve: "P384" };
    case KeyType.Rsa2048:
    case KeyType.Rsa3072:
    case KeyType.Rsa4096:
      return { algorithm: "RSA", rsaBits: Number(type.slice("rsa-".length)) };
  }
}
