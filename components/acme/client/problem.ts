import { duration } from "../../chain/time";

/** A problem document (RFC 7807) as an ACME server sends it (RFC 8555 section 6.7). */
export interface ProblemDocument {
  type?: string;
  detail?: string;
  status?: number;
  identifier?: { type?: string; value?: string };
  subproblems?: ProblemDocument[];
  /** A page for the user: the changed terms, or what is to be done there (RFC 8555 sections 6.7.1 and 7.3.3). */
  instance?: string;
}

/** True for a JSON object. */
export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const NAMESPACE = "urn:ietf:params:acme:error:";

/** What a person can do about each kind of problem (RFC 8555 section 6.7, RFC 9773 section 7.4). */
const ADVICE: Record<string, string> = {
  accountDoesNotExist: "the account key has no account there; check that the directory is the one the account is of",
  alreadyRevoked: "nothing to do: it is revoked",
  badCSR: "the CA does not take this request; check the names and the key type",
  badPublicKey: "the CA does not take this key; choose another key type",
  caa: "a CAA record of the domain forbids this CA; add one that names it",
  connection: "the CA could not connect; check that the name points to a gateway and that port 80 is open to all",
  dns: "the CA could not look the name up; check its A, AAAA and CAA records, and DNSSEC",
  externalAccountRequired: "this CA wants an external account; set its key id and key",
  incorrectResponse: "something other than this stack's responder answers on port 80; check where the name points to",
  invalidContact: "check the contacts: they must be mail addresses that exist",
  invalidProfile: "the CA has no such profile; leave it out to use the CA's default",
  malformed: "the CA did not understand the request; check that the directory is an ACME directory",
  rateLimited: "wait, and use the staging directory for trials",
  rejectedIdentifier: "the CA does not issue for this name",
  serverInternal: "the fault is the CA's; try again later",
  tls: "the CA met a TLS error on the way; check what the name points to",
  unauthorized:
    "the CA got an answer that it did not expect; check that the name points to this stack's gateway or DNS zone",
  unsupportedContact: "the CA takes only mail addresses as contacts",
  unsupportedIdentifier: "the CA does not issue for this kind of name",
  userActionRequired: "visit the page that the CA names, with a browser",
};

/** The last part of a problem's type: "rateLimited"; empty if it is none of ACME's own. */
export function problemKind(problem: ProblemDocument | undefined): string {
  const type: unknown = problem?.type;
  const kind = typeof type === "string" && type.startsWith(NAMESPACE) ? type.slice(NAMESPACE.length) : "";
  return /^[A-Za-z]{1,64}$/.test(kind) ? kind : "";
}

const MOST_SUBPROBLEMS = 100;
const DEEPEST = 3;

/**
 * A problem document and its subproblems as one plain text: what the CA saw, for which name, and what to do. Whatever a
 * CA sends gives a text; members of the wrong kind are left out.
 */
export function describeProblem(problem: ProblemDocument, depth = 0): string {
  if (!isTable(problem)) return "no reason given";
  const { subproblems } = problem as { subproblems?: unknown };
  const list = Array.isArray(subproblems) && depth < DEEPEST ? subproblems.slice(0, MOST_SUBPROBLEMS) : [];
  const below = list.filter(isTable).map((each) => describeProblem(each, depth + 1).replaceAll("\n", "\n  "));
  return oneProblem(problem) + below.map((each) => `\n  - ${each}`).join("");
}

function oneProblem(problem: ProblemDocument): string {
  const kind = problemKind(problem);
  const identifier = clean(problem.identifier?.value);
  const name = identifier ? `${identifier}: ` : "";
  const said =
    clean(problem.detail) ||
    (typeof problem.status === "number" ? `status ${problem.status}, without a reason` : "no reason given");
  const advice = Object.hasOwn(ADVICE, kind) ? ADVICE[kind] : undefined;
  const page = /^https?:\/\/[\x21-\x7e]+$/.test(clean(problem.instance)) ? ` (see ${clean(problem.instance)})` : "";
  return `${name}${said}${kind ? ` (${kind})` : ""}${advice ? `; ${advice}` : ""}${page}`;
}

/** Text from outside, made fit for a line of a terminal, and not endless. */
function clean(text: unknown): string {
  const printable = (typeof text === "string" ? text : "").replace(/[^\P{C}]+/gu, " ").trim();
  return printable.length > 600 ? `${printable.slice(0, 597)}...` : printable;
}

/** What is known of a failed exchange with the CA. */
export interface AcmeErrorDetails {
  problem?: ProblemDocument | undefined;
  status?: number | undefined;
  /** Not before this moment, says the CA. */
  retryAt?: Date | undefined;
}

/** A failure that is told to the user as it is: `message` is plain words and holds no secret. */
export class AcmeError extends Error {
  readonly problem: ProblemDocument | undefined;
  readonly status: number | undefined;
  readonly retryAt: Date | undefined;

  constructor(message: string, details: AcmeErrorDetails = {}) {
    super(message);
    this.name = "AcmeError";
    this.problem = details.problem;
    this.status = details.status;
    this.retryAt = details.retryAt;
  }

  /** The kind of the problem document, "" without one. */
  get kind(): string {
    return problemKind(this.problem);
  }
}

/** The error for an answer of the CA that says no. */
export function refusal(
  doing: string,
  answer: { status: number; problem?: ProblemDocument | undefined; retryAt?: Date | undefined },
  now: Date,
): AcmeError {
  const { status, problem, retryAt } = answer;
  const said = problem ? describeProblem({ status, ...problem }) : `status ${status}, without a problem document`;
  const again = retryAt ? `; it may be tried again ${whenText(retryAt, now)}` : "";
  return new AcmeError(`${doing}: the CA says ${said}${again}`, { status, problem, retryAt });
}

function whenText(moment: Date, now: Date): string {
  const wait = moment.getTime() - now.getTime();
  const text = `from ${moment.toISOString().slice(0, 19)}Z`;
  return wait > 0 ? `${text} (in ${wait < 60_000 ? `${Math.ceil(wait / 1000)} s` : duration(wait)})` : text;
}

/** `Retry-After` as a moment: seconds or an HTTP date (RFC 9110 section 10.2.3); undefined if it is neither. */
export function retryAfter(header: string | undefined, now: Date): Date | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return new Date(now.getTime() + Number(header) * 1000);
  const moment = /^[A-Z][a-z]+,? .*\d\d:\d\d:\d\d/.test(header.trim()) ? Date.parse(header) : NaN;
  return Number.isNaN(moment) ? undefined : new Date(moment);
}
