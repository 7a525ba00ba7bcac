import { Plugin } from "../protocol/resource";
import { reveal } from "../protocol/values";
import { certRequest, locallySignedCert, selfSignedCert } from "./certificates";
import { getPublicKey, privateKey } from "./private-key";

/** The version of the real plugin that this one follows. */
export const TLS_VERSION = "5.6.1";

/** Stands in for Pulumi's plugin `tls` where the real one can't be had. */
export const tlsPlugin: Plugin = {
  name: "tls",
  version: TLS_VERSION,
  resources: {
    "tls:index/privateKey:PrivateKey": privateKey,
    "tls:index/certRequest:CertRequest": certRequest,
    "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert,
    "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert,
  },
  functions: {
    "tls:index/getPublicKey:getPublicKey": (inputs) =>
      Promise.resolve(getPublicKey(reveal(inputs["privateKeyPem"]) as string)),
  },
};
