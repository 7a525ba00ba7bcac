import { renewalId } from "./chain";
import { Directory } from "./directory";
import { AcmeError, retryAfter } from "./problem";
import { RenewalWindow } from "./renewal";
import { send, TransportSettings } from "./transport";

/** What the CA says about when to renew a certificate, and when to ask again; times are ISO 8601. */
export interface RenewalInfo {
  renewalWindow?: RenewalWindow;
  askAgainAt?: string;
}

interface WireRenewalInfo {
  suggestedWindow?: { start?: unknown; end?: unknown };
  explanationURL?: unknown;
}

/**
 * Asks the CA for its renewal window (RFC 9773 section 4). Hands back nothing if the CA offers none for this certificate;
 * throws an `AcmeError` if it can't be asked now or answers something else.
 */
export async function askRenewalInfo(
  directory: Directory,
  leafPem: string,
  transport: TransportSettings,
): Promise<RenewalInfo> {
  const id = renewalId(leafPem);
  if (directory.renewalInfo === undefined || id === undefined) return {};
  const url = `${directory.renewalInfo.replace(/\/$/, "")}/${id}`;
  const answer = await send({ method: "GET", url, doing: "asking when to renew" }, transport);
  const renewalWindow = readWindow(answer.data);
  if (!renewalWindow) throw new AcmeError("asking when to renew: the CA's answer holds no window of time");
  const again = retryAfter(answer.headers["retry-after"], new Date());
  return { renewalWindow, ...(again ? { askAgainAt: again.toISOString() } : {}) };
}

function readWindow(data: unknown): RenewalWindow | undefined {
  const { suggestedWindow, explanationURL } = (
    typeof data === "object" && data !== null ? data : {}
  ) as WireRenewalInfo;
  const { start, end } = suggestedWindow ?? {};
  if (typeof start !== "string" || typeof end !== "string") return undefined;
  if (!(Date.parse(start) < Date.parse(end))) return undefined;
  const page = typeof explanationURL === "string" && /^https?:\/\/[\x21-\x7e]+$/.test(explanationURL);
  return { start, end, ...(page ? { explanationUrl: explanationURL } : {}) };
}
