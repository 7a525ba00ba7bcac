import type * as pulumi from "@pulumi/pulumi";
import { matches, url } from "../../checks/rules";
import { map, type Members, text, wholeNumber } from "../../checks/value";

/**
 * Where the registry sends a notice of every push, pull and deletion, as a POST of JSON. Not beside metrics, whose port
 * would show URL and headers.
 */
export interface RegistryNotificationArgs {
  /** Name of the endpoint, for logs. */
  name: pulumi.Input<string>;
  /** URL of the endpoint, which may hold a token. Secret. */
  url: pulumi.Input<string>;
  /** Headers of each notice, such as `Authorization`. A secret. */
  headers?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** How long an answer may take. Seconds, 1-300, default 5. */
  timeoutSeconds?: pulumi.Input<number>;
}

/** The values of `RegistryNotificationArgs`. */
export const NOTIFICATION = {
  name: text({ max: 64, required: true, advice: "give the endpoint a name" }),
  url: text({ rule: url, required: true, secret: true, advice: "give the endpoint's URL" }),
  headers: map({
    name: matches("letters, digits and -", /^[A-Za-z0-9-]+$/),
    each: text({ max: 4096, advice: "write it on one line" }),
    secret: true,
  }),
  timeoutSeconds: wholeNumber({ min: 1, max: 300, default: 5 }),
} satisfies Members<RegistryNotificationArgs>;
