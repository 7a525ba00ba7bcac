import { Properties } from "../protocol/values";
import { attributeResource } from "./attributes";
import { within } from "./diagnostics";
import { Algorithm, algorithms, curves, keyId, makeKey, privateKeyForms, publicKeyForms, readKey } from "./keys";

/** `tls:index/privateKey:PrivateKey`: a key that lives in the state. Any change makes a new one. */
export const privateKey = attributeResource(
  {
    algorithm: { required: true, replace: true, oneOf: algorithms },
    rsaBits: { optional: true, default: 2048, replace: true },
    ecdsaCurve: { optional: true, default: "P224", replace: true, oneOf: Object.keys(curves) },
    privateKeyPem: { computed: true, secret: true },
    privateKeyOpenssh: { computed: true, secret: true },
    privateKeyPemPkcs8: { computed: true, secret: true },
    publicKeyPem: { computed: true },
    publicKeyOpenssh: { computed: true },
    publicKeyFingerprintMd5: { computed: true },
    publicKeyFingerprintSha256: { computed: true },
  },
  async ({ algorithm, rsaBits, ecdsaCurve }, log) => {
    const made = await makeKey(algorithm as Algorithm, rsaBits as number, ecdsaCurve as string).catch((error: Error) =>
      within(log, "Unable to generate Key from configuration", () => {
        throw error;
      }),
    );
    return { id: keyId(made), computed: { ...privateKeyForms(made), ...publicKeyForms(made) } };
  },
);

/** `tls:index/getPublicKey:getPublicKey`, for a key in PEM. */
export function getPublicKey(privateKeyPem: string): Properties {
  const { key, algorithm } = readKey(privateKeyPem);
  return { algorithm, id: keyId(key), privateKeyPem, ...publicKeyForms(key) };
}
