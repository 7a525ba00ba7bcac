import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import * as acme from "acme-client";
import type { ChainInputs, Runtime } from "../../components/acme/data";
import { accountThumbprint } from "../../components/acme/thumbprint";
import type { Pebble } from "./pebble";

/** An account key as `@pulumi/tls` makes it. */
export interface AccountKey {
  privatePem: string;
  thumbprint: string;
}

/** A new EC key on P-256, PEM in the SEC 1 form of `@pulumi/tls`. */
export function newKeyPem(): string {
  return pemOf(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
}

function pemOf(key: KeyObject): string {
  return key.export({ format: "pem", type: "sec1" }) as string;
}

/** The same key in the form that the CSR's maker wants. */
function pkcs8(privatePem: string): string {
  return createPrivateKey(privatePem).export({ format: "pem", type: "pkcs8" }) as string;
}

/** The public half, PEM. */
export function publicPem(privatePem: string): string {
  return createPublicKey(privatePem).export({ format: "pem", type: "spki" }) as string;
}

/** A new account key. */
export function newAccountKey(): AccountKey {
  const privatePem = newKeyPem();
  return { privatePem, thumbprint: accountThumbprint(publicPem(privatePem)) };
}

/** Inputs of the ACME resource for a Pebble, with a certificate key and CSR of their own. */
export async function chainInputs(
  pebble: Pebble,
  account: AccountKey,
  change: Partial<ChainInputs> = {},
): Promise<ChainInputs> {
  const names = change.names ?? ["registry.example.test", "www.example.test"];
  const keyPem = newKeyPem();
  const [, csr] = await acme.crypto.createCsr({ altNames: names }, pkcs8(keyPem));
  return {
    names,
    directory: pebble.directory,
    directoryCaPem: pebble.caPem,
    contacts: ["admin@example.test"],
    termsAgreed: true,
    accountKeyPem: account.privatePem,
    csrPem: csr.toString(),
    publicKeyPem: publicPem(keyPem),
    timeoutSeconds: 60,
    ...change,
  };
}

/** A runtime whose clock is moved and whose messages are kept. */
export class TestRuntime implements Runtime {
  readonly said: string[] = [];
  /** Short, so that a test of failures is. */
  readonly pauses = [5, 10, 20];
  /** Milliseconds that the clock is ahead. */
  ahead = 0;
  now = (): Date => new Date(Date.now() + this.ahead);
  say = (message: string): void => {
    this.said.push(message);
  };
}
