import { generateKeyPairSync } from "node:crypto";

/** A host key that has all its bytes, and is nobody's. */
export const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/** A new private key that SSH and TLS both take: EC on P-256, PEM in the form PKCS8. */
export function newPrivateKey(): string {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
    type: "pkcs8",
    format: "pem",
  }) as string;
}
