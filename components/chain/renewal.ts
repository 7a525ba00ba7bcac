import { createHash } from "node:crypto";
import { DAY, duration, HOUR, iso } from "./time";

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
  /** Renew this long before expiry, whatever the CA suggests. */
  renewBeforeHours?: number | undefined;
  /** When it came, by the clock of the machine that ordered it. Without it the certificate's own start counts. */
  issuedAt?: string | undefined;
  /**
   * True if the CA has moved its window to before the floor since it issued the certificate, as for one that it has
   * revoked.
   */
  recalled?: boolean | undefined;
  /** How many certificates in a row before this one went because they were called back. */
  recalls?: number | undefined;
}

/** When to renew, and why then. */
export interface RenewalPlan {
  /** ISO 8601, whole seconds. */
  renewAt: string;
  /** Completes "renews at ..., ": "two thirds of its lifetime of 90 days". */
  renewReason: string;
}

interface Span {
  start: number;
  end: number;
}

interface Life extends Span {
  /** When it came, by our clock. */
  issued: number;
  /** Before this moment of our clock it is renewed only if the CA has called it back. */
  floor: number;
  /** How far our clock was behind the certificate's own start when it came, milliseconds. */
  behind: number;
}

/** A moment, and what is said of it. */
interface Choice {
  moment: number;
  reason: string;
}

/**
 * Decides when a certificate is due: at `renewBeforeHours` before its end if that is set; else at a random but stable
 * moment of the CA's window; else at two thirds of its lifetime. Whatever is set or suggested, it is never before a
 * third of the time that the certificate had left when it came: what is due at once would be due again after every
 * renewal. Only a certificate that the CA has called back does not wait that long. Pure arithmetic: no clock, no
 * network.
 */
export function planRenewal(facts: RenewalFacts): RenewalPlan {
  const life = lifeOf(facts);
  const chosen = choose(facts, life);
  const recall = recallOf(facts, life);
  const { moment, reason } = recall && recall.moment < chosen.moment ? recall : chosen;
  return { renewAt: iso(moment), renewReason: reason };
}

/** Says that what is set can't be kept, and what is done instead; undefined if it can be kept. */
export function unkeptHours(facts: RenewalFacts): string | undefined {
  const life = lifeOf(facts);
  const wished = setMoment(facts, life);
  if (wished === undefined || wished >= life.floor) return undefined;
  const most = Math.floor((life.end - life.behind - life.floor) / HOUR);
  const advice = most < 1 ? "leave it out" : `set ${most} at most, or leave it out`;
  const got = `renewBeforeHours ${facts.renewBeforeHours} is too long for a certificate of ${span(life)}`;
  return `${got}: it is renewed from ${iso(life.floor)} on, not before; ${advice}`;
}

/** Says that the clock of the machine that ordered a certificate can't be right; undefined if it can. */
export function clockFault(facts: RenewalFacts): string | undefined {
  const { start, end, issued } = lifeOf(facts);
  const clock = `this machine's clock said ${iso(issued)} when the certificate came, which is good`;
  if (start - issued > TOLERATED) return `${clock} from ${facts.notBefore} on only; set the clock`;
  return issued >= end ? `${clock} until ${facts.notAfter} only; set the clock` : undefined;
}

/** Clocks differ by minutes without a fault. */
const TOLERATED = 5 * 60_000;

/** True once the planned moment has come. */
export function isDue(renewAt: string, now: Date): boolean {
  return now.getTime() >= Date.parse(renewAt);
}

/**
 * True if a window that the CA tells now calls the certificate back: it begins before the floor, and the CA has not
 * said so from the start. A CA whose windows are always too early calls nobody back, and one that does so for each new
 * certificate is believed less and less (`patience`). A call stands until the CA names a time to come.
 */
export function callsBack(before: RenewalFacts, window: RenewalWindow | undefined, now: Date): boolean {
  const { floor, behind } = lifeOf(before);
  const isEarly = ({ start }: Span): boolean => start - behind < floor;
  const told = parsed(window);
  if (!told) return false;
  if (before.recalled) return isEarly(told) || told.start - behind <= now.getTime();
  const known = parsed(before.window);
  return isEarly(told) && (!known || !isEarly(known) || told.end < known.start);
}

function lifeOf({ notBefore, notAfter, issuedAt }: RenewalFacts): Life {
  const [start, end] = [Date.parse(notBefore), Date.parse(notAfter)];
  const told = Date.parse(issuedAt ?? "");
  const issued = Number.isNaN(told) ? start : told;
  // No CA issues what has ended: then our clock is wrong, and what is left has to be guessed.
  const left = issued < end ? end - Math.max(issued, start) : end - start;
  return { start, end, issued, floor: issued + Math.floor(left / 3), behind: Math.max(start - issued, 0) };
}

/** The moment of the setting, the window or the lifetime, but not before the floor. */
function choose(facts: RenewalFacts, life: Life): Choice {
  const { moment, reason } = wish(facts, life);
  if (moment >= life.floor) return { moment, reason };
  return { moment: life.floor, reason: `${third(life)}, the earliest, instead of ${reason}` };
}

function third({ start, end, issued }: Life): string {
  const left = end - issued;
  const whole = left <= 0 || left > (end - start) * 0.95;
  if (whole) return `a third of its lifetime of ${duration(end - start)}`;
  return `a third of the ${duration(left)} that it had left when it came`;
}

function wish(facts: RenewalFacts, life: Life): Choice {
  const set = setMoment(facts, life);
  if (set !== undefined) return { moment: set, reason: `${facts.renewBeforeHours} hours before its end, as set` };
  const { start, end, behind } = life;
  const window = usableWindow(facts.window, life);
  if (window) {
    // A window that reaches over the floor is narrowed rather than cut: many certificates would be due at the same
    // moment.
    const from = Math.max(window.start, Math.min(life.floor + behind, window.end));
    const moment = from + Math.floor((window.end - from) * fraction(facts.fingerprintSha256)) - behind;
    return { moment, reason: `within the CA's window ${told(facts.window)}` };
  }
  const moment = start + Math.floor(((end - start) * 2) / 3) - behind;
  return { moment, reason: `two thirds of its lifetime of ${span(life)}` };
}

/** The moment that is set, by our clock; undefined if none is. */
function setMoment({ renewBeforeHours: hours }: RenewalFacts, { end, behind }: Life): number | undefined {
  return hours !== undefined && hours > 0 ? end - hours * HOUR - behind : undefined;
}

function recallOf(facts: RenewalFacts, life: Life): Choice | undefined {
  const window = facts.recalled ? parsed(facts.window) : undefined;
  if (!window) return undefined;
  const inside = window.start + Math.floor((window.end - window.start) * fraction(facts.fingerprintSha256));
  const moment = Math.max(inside - life.behind, life.issued + patience(facts.recalls ?? 0, life));
  return { moment, reason: `the CA has called it back, with a window ${told(facts.window)}` };
}

/**
 * How long after its issuance a certificate may be called back: two in a row at once, then after 1, 2, 4 ... days, at
 * most until the floor. Otherwise a CA that calls back each new certificate would get an order at every run.
 */
function patience(recalls: number, { issued, floor }: Life): number {
  return recalls < 2 ? 0 : Math.min(DAY * 2 ** (recalls - 2), floor - issued);
}

/** How early the last moment of a window is taken at most, so that a run a day does not miss it. */
const MARGIN = 30 * HOUR;

/**
 * A window that ends before it starts is none (RFC 9773 section 4.2), nor is one of the last twentieth of the lifetime
 * or later. Of one that reaches up to the end the last hours are not used.
 */
function usableWindow(window: RenewalWindow | undefined, life: Life): Span | undefined {
  const found = parsed(window);
  const lifetime = life.end - life.start;
  if (!found || found.start >= life.end - lifetime / 20) return undefined;
  const latest = life.end - Math.min(lifetime / 4, MARGIN);
  return { start: found.start, end: Math.min(found.end, Math.max(latest, found.start)) };
}

function parsed(window: RenewalWindow | undefined): Span | undefined {
  if (!window) return undefined;
  const span = { start: Date.parse(window.start), end: Date.parse(window.end) };
  return span.start < span.end ? span : undefined;
}

/** "from ... to ...; see <page>". */
function told(window: RenewalWindow | undefined): string {
  const found = parsed(window);
  if (!found) return "";
  const page = window?.explanationUrl ? `; see ${window.explanationUrl}` : "";
  return `from ${iso(found.start)} to ${iso(found.end)}${page}`;
}

const span = ({ start, end }: Life): string => duration(end - start);

/** A number in [0, 1) that looks random and depends only on the text. */
function fraction(text: string): number {
  return createHash("sha256").update(text).digest().readUIntBE(0, 6) / 2 ** 48;
}
