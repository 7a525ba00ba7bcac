import type { ResourceValidationPolicy } from "@pulumi/policy";
import { identityIsNarrow } from "./rules/identity-is-narrow";
import { imageHasTag } from "./rules/image-has-tag";
import { imagesAreKept } from "./rules/images-are-kept";
import { hostKeyPinned } from "./rules/host-key-pinned";
import { hostPathPinned } from "./rules/host-path-pinned";
import { mutualTls } from "./rules/mutual-tls";
import { noPlainSecret } from "./rules/no-plain-secret";
import { tlsFloor } from "./rules/tls-floor";

/**
 * All rules. Each looks at one resource, whichever program made it, so they hold for other registries of a stack too.
 */
export const policies: ResourceValidationPolicy[] = [
  hostKeyPinned,
  noPlainSecret,
  imageHasTag,
  hostPathPinned,
  imagesAreKept,
  mutualTls,
  tlsFloor,
  identityIsNarrow,
];
