import type { ChainInputs, ChainState } from "../../components/acme/data";
import { decide } from "../../components/acme/diff";
import type { RenewalWindow } from "../../components/chain/renewal";
import { issued, kept, refreshed } from "../../components/acme/state";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** A certificate's validity and the moment of a question, milliseconds of the CA's clock. */
export interface Asked {
  start: number;
  end: number;
  now: number;
  /** True at the issuance, false at a refresh. */
  first: boolean;
}

/** How a CA and a user behave for a year. */
export interface Year {
  /** Lifetime of the certificates. */
  lifetime: number;
  /** The CA's window at each question. */
  window: (asked: Asked) => RenewalWindow | undefined;
  renewBeforeHours?: number;
  /** True if the CA is asked for its window before each `up`. */
  refresh: boolean;
  /** How far the user's clock is ahead of the CA's, milliseconds. */
  ahead?: number;
  /** How much of a certificate's validity lies before its issuance. Default one hour, as with Let's Encrypt. */
  backdated?: number;
}

/** What a year came to. */
export interface Counted {
  orders: number;
  /** Days on which the `up` found that the certificate had ended. */
  ended: number[];
  /** Days of the orders. */
  days: number[];
}

const iso = (time: number): string => new Date(time).toISOString();

/** The inputs of a certificate, as far as the decision looks at them. */
export function plainInputs(renewBeforeHours?: number): ChainInputs {
  return {
    names: ["a.example.com"],
    directory: "https://ca.example.test/dir",
    contacts: [],
    termsAgreed: true,
    accountKeyPem: "key",
    csrPem: "csr",
    publicKeyPem: "public",
    timeoutSeconds: 300,
    ...(renewBeforeHours === undefined ? {} : { renewBeforeHours }),
  };
}

/** An `up` a day for a year by the real decision, with certificates of a CA that is made up. */
export function simulateYear(year: Year): Counted {
  const inputs = plainInputs(year.renewBeforeHours);
  const begun = Date.UTC(2027, 0, 1, 3, 17);
  const clock = (now: number): Date => new Date(now + (year.ahead ?? 0));
  const days: number[] = [];
  const ended: number[] = [];
  const order = (now: number, replaced?: ChainState): ChainState => {
    const start = now - (year.backdated ?? HOUR);
    const end = start + year.lifetime;
    const validity = { notBefore: iso(start), notAfter: iso(end), fingerprintSha256: `${now}` };
    const certificate = { chainPem: "", leafPem: "", issuerPem: "", serialNumber: "", ...validity };
    const info = windowOf(year, { start, end, now, first: true });
    return issued({ ...inputs, accountUrl: "", ...certificate }, info, clock(now), replaced);
  };
  let state = order(begun);
  days.push(0);
  // The first `up` after that comes at once.
  for (let day = 0; day <= 365; day += 1) {
    const now = begun + day * DAY + (day === 0 ? 60_000 : 0);
    const [start, end] = [Date.parse(state.notBefore), Date.parse(state.notAfter)];
    if (now >= end) ended.push(day);
    if (year.refresh) state = refreshed(state, windowOf(year, { start, end, now, first: false }), clock(now));
    const { reissue } = decide(state, inputs, clock(now));
    if (reissue !== undefined) days.push(day);
    state = reissue === undefined ? kept(state, inputs) : order(now, state);
  }
  return { orders: days.length, ended, days };
}

function windowOf(year: Year, asked: Asked): { renewalWindow?: RenewalWindow } {
  const renewalWindow = year.window(asked);
  return renewalWindow ? { renewalWindow } : {};
}
