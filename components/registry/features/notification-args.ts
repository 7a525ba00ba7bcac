import type * as pulumi from "@pulumi/pulumi";

/**
 * Where the registry sends a notice of every push, pull and deletion, as a POST of JSON. Not beside metrics, whose port would show
 * URL and headers.
 */
export interface RegistryNotificationArgs {
  /** Name of the endpoint, for logs. */
  name: pulumi.Input<string>;
  /** URL of the endpoint. It is kept in a secret, since it may hold a token. */
  url: pulumi.Input<string>;
  /** Headers of each notice, such as `Authorization`. A secret. */
  headers?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** How long an answer may take. Seconds, 1-300, default 5. */
  timeoutSeconds?: pulumi.Input<number>;
}
