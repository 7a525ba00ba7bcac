import type * as pulumi from "@pulumi/pulumi";
import { certificates, url } from "../../checks/rules";
import { type Members, text, wholeNumber } from "../../checks/value";

/**
 * The registry as a cache of another one: what is pulled through it is kept. Nobody can push to it or delete: the
 * registry answers 405 "UNSUPPORTED". Where the other one is away, what was pulled before is still served; version 2
 * does not start then. Version 2 logs in only by tokens, as Docker Hub requires; a registry that asks for a password
 * itself, such as another one of this kind, needs version 3.
 */
export interface RegistryProxyArgs {
  /** URL of the other registry, such as `https://registry-1.docker.io`. */
  remoteUrl: pulumi.Input<string>;
  /** User there; with `password`, or neither. */
  username?: pulumi.Input<string>;
  /** Password there. A secret. */
  password?: pulumi.Input<string>;
  /** Roots, in PEM, of its certificate, beside those that the image knows. Default: none. */
  caPem?: pulumi.Input<string>;
  /** How long a layer is kept after it came. Hours, 1-87600, default 168; version 2 always takes 168. */
  ttlHours?: pulumi.Input<number>;
}

/** The values of `RegistryProxyArgs`. */
export const PROXY = {
  remoteUrl: text({ rule: url, required: true, advice: "give the URL of the other registry" }),
  username: text({ advice: "leave it out for none" }),
  password: text({ secret: true, advice: "leave it out for none" }),
  caPem: text({ rule: certificates, without: "those that the image knows" }),
  ttlHours: wholeNumber({ min: 1, max: 87600, default: 168 }),
} satisfies Members<RegistryProxyArgs>;
