import { renewalId } from "../../chain/chain";
import { Directory } from "./directory";
import { AcmeError, retryAfter } from "./problem";
import { RenewalWindow } from "../../chain/renewal";
import { send, TransportSettings } from "./transport";

/** What the CA says about when to renew a certificate, and when to ask again; times are ISO 8601. */
export interface RenewalInfo {
  renewalWindow?: RenewalWindow;
  askAgainAt?: string;
  askNotBefore?: string;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A Retry-After within reasonable limits: a minute and a day from now (RFC 9773 section 4.3.2). */
function bounded(moment: Date, now: Date): string {
  const wait = Math.min(Math.max(moment.getTime() - now.getTime(), MINUTE), DAY);
  return new Date(now.getTime() + wait).toISOString();
}

/** What is known after a CA did not say when to renew: until when it wants to be left alone, if it named a time. */
export function refusedInfo(error: unknown, now: Date): RenewalInfo {
  const retryAt = error instanceof AcmeError ? error.retryAt : undefined;
  return retryAt ? { askNotBefore: bounded(retryAt, now) } : {};
}

interface WireRenewalInfo {
  suggestedWindow?: { start?: unknown; end?: unknown };
  explanationURL?: unknown;
}

/**
 * Asks the CA for its renewal window (RFC 9773 section 4). Hands back nothing if the CA offers none for this
 * certificate; throws an `AcmeError` if it can't be asked now or answers something else.
 */
export async function askRenewalInfo(
  directory: Directory,
  leafPem: string,
  transport: TransportSettings,
): Promise<RenewalInfo> {
  const id = renewalId(leafPem);
  if (typeof directory.renewalInfo !== "string" || id === undefined) return {};
  const url = `${directory.renewalInfo.replace(/\/$/, "")}/${id}`;
  const answer = await send({ method: "GET", url, doing: "asking when to renew" }, transport);
  const renewalWindow = readWindow(answer.data);
  if (!renewalWindow) throw new AcmeError("asking when to renew: the CA's answer holds no window of time");
  const now = new Date();
  const again = retryAfter(answer.headers["retry-after"], now);
  return { renewalWindow, ...(again ? { askAgainAt: bounded(again, now) } : {}) };
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
