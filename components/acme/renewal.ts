import { createHash } from "node:crypto";

/** The span in which the CA would like to see the certificate renewed (RFC 9773 section 4.2). Times are ISO 8601. */
export interface RenewalWindow {
  start: string;
  end: string;
  /** A page of the CA that says why, if it gave one. */
  explanationUrl?: string;
}

/** What the decision rests on. Times are ISO 8601. */
export interface RenewalFacts {
  notBefore: string;
  notAfter: string;
  /** Chooses the moment in the window: the same certificate always gets the same moment. */
  fingerprintSha256: string;
  window?: RenewalWindow | undefined;
  /** Renew this long before expiry, whatever the CA says. */
  renewBeforeHours?: number | undefined;
}

/** When to renew, and why then. */
export interface RenewalPlan {
  /** ISO 8601, whole seconds. */
  renewAt: string;
  /** Completes "renews at ..., ": "two thirds of its lifetime of 90 days". */
  renewReason: string;
}

const HOUR = 3_600_000;

/**
 * Decides when a certificate is due: at `renewBeforeHours` before its end if that is set; else at a random but stable
 * moment of the CA's window; else at two thirds of its lifetime. Pure arithmetic: no clock, no network.
 */
export function planRenewal(facts: RenewalFacts): RenewalPlan {
  const start = Date.parse(facts.notBefore);
  const end = Date.parse(facts.notAfter);
  if (facts.renewBeforeHours !== undefined) {
    return plan(end - facts.renewBeforeHours * HOUR, `${facts.renewBeforeHours} hours before its end, as set`);
  }
  const span = usableWindow(facts.window, end);
  if (span) {
    const moment = span.start + Math.floor((span.end - span.start) * fraction(facts.fingerprintSha256));
    const why = facts.window?.explanationUrl ? `; see ${facts.window.explanationUrl}` : "";
    return plan(moment, `within the CA's window from ${iso(span.start)} to ${iso(span.end)}${why}`);
  }
  return plan(start + Math.floor(((end - start) * 2) / 3), `two thirds of its lifetime of ${duration(end - start)}`);
}

/** True once the planned moment has come. */
export function isDue(renewAt: string, now: Date): boolean {
  return now.getTime() >= Date.parse(renewAt);
}

/** A span of time for a person: "90 days", "160 hours", "40 minutes". */
export function duration(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  if (minutes < 120) return minutes === 1 ? "1 minute" : `${minutes} minutes`;
  const hours = Math.round(milliseconds / HOUR);
  return hours < 14 * 24 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}

/** A window that ends before it starts is none (RFC 9773 section 4.2), and so is one that is past the certificate's end. */
function usableWindow(window: RenewalWindow | undefined, end: number): { start: number; end: number } | undefined {
  if (!window) return undefined;
  const span = { start: Date.parse(window.start), end: Math.min(Date.parse(window.end), end) };
  return span.start < span.end ? span : undefined;
}

/** A number in [0, 1) that looks random and depends on the text alone. */
function fraction(text: string): number {
  return createHash("sha256").update(text).digest().readUIntBE(0, 6) / 2 ** 48;
}

function plan(moment: number, renewReason: string): RenewalPlan {
  return { renewAt: iso(moment), renewReason };
}

/** ISO 8601 with whole seconds: "2026-11-24T03:26:57Z". */
function iso(moment: number): string {
  return `${new Date(Math.floor(moment / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
