import type { Event } from "../objects";
import { LASTING, type Reason } from "./reason";

/** Words for an image that can't be pulled, of the kubelet's. */
const NO_IMAGE = new Set([
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "ImageInspectError",
  "RegistryUnavailable",
  "SignatureValidationFailed",
]);
/** The answer won't be a different one without a change. */
const WRONG =
  /not found|manifest unknown|name unknown|does not exist|access denied|unauthorized|authentication required|denied|forbidden|invalid reference|couldn't parse|no match for platform|x509|not present with pull policy|signature/i;
/** The way to the registry, or the registry itself, is out of order for now. */
const PASSING =
  /timeout|timed out|deadline exceeded|connection refused|connection reset|server misbehaving|EOF|50[0-4]\b|temporarily|unavailable/i;

/**
 * Why an image can't be pulled. A kubelet that waits before its next try has forgotten the cause in older versions: it
 * is in its event.
 */
export function imageReason(
  of: { pod: string; container: string; image: string },
  waiting: { reason?: string; message?: string },
  events: readonly Event[],
): Reason | undefined {
  const { reason: word = "", message = "" } = waiting;
  if (!NO_IMAGE.has(word)) return undefined;
  const failed = events.filter((event) => event.reason === "Failed" && /pull|image/i.test(event.message ?? ""));
  const told = failed.map((event) => event.message ?? "").filter((text) => !/^Error: \w+$/.test(text));
  const cause = /^Back-off pulling image "[^"]*"$/.test(message) ? (told.at(-1) ?? message) : message;
  const platform = /no match for platform/i.test(cause);
  return {
    key: `${of.container} image`,
    pod: of.pod,
    container: of.container,
    word,
    message: cause || `the image ${of.image} can't be used`,
    fault: platform ? "platform" : "image",
    ...lastingOf(word, cause),
  };
}

function lastingOf(word: string, cause: string) {
  if (["InvalidImageName", "ErrImageNeverPull", "SignatureValidationFailed"].includes(word)) return LASTING.wrongImage;
  // A name server that knows no such host has answered, and a node without a way has none: neither is out of order.
  if (/no such host|network is unreachable|no route to host/i.test(cause)) return LASTING.unclearImage;
  if (PASSING.test(cause)) return LASTING.passing;
  return WRONG.test(cause) ? LASTING.wrongImage : LASTING.unclearImage;
}
