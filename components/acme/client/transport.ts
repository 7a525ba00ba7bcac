import * as https from "node:https";
import * as tls from "node:tls";
import { AcmeError, ProblemDocument, refusal, retryAfter } from "./problem";

/** An answer of the CA. Header names are lower case. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  /** Parsed JSON, or the text as it is. */
  data: unknown;
}

/** How the CA is reached. */
export interface TransportSettings {
  /** Certificates, PEM, that the directory's own HTTPS may be verified with, beside the system's. */
  caPem?: string | undefined;
  /** The moment after which nothing is begun any more. */
  deadline: Deadline;
  /** Pauses before each further try of a request that got no proper answer, milliseconds. Default 0.3, 1 and 3 s. */
  pauses?: readonly number[] | undefined;
}

/** A bound on the time that an exchange may take. */
export interface Deadline {
  /** Milliseconds that are left; never below 0. */
  left(): number;
  /** The whole span, for the message: seconds. */
  seconds: number;
}

/** Starts a deadline now. */
export function deadlineIn(seconds: number): Deadline {
  const end = Date.now() + seconds * 1000;
  return { seconds, left: () => Math.max(0, end - Date.now()) };
}

/** One request as the transport takes it. */
export interface Request {
  method: "GET" | "HEAD" | "POST";
  url: string;
  body?: unknown;
  /** What is being done, as the start of an error: "asking for an order". */
  doing: string;
}

const REQUEST_SECONDS = 30;
const PATIENCE_SECONDS = 10;
const PAUSES = [300, 1000, 3000];
const BODY_LIMIT = 1 << 20;
const BAD_NONCE = "urn:ietf:params:acme:error:badNonce";

/**
 * Sends a request and hands back the CA's answer; a refusal becomes an `AcmeError`. Dropped connections, 5xx answers
 * and a short Retry-After are tried again, a bounded number of times, within the deadline. A bad nonce is handed back:
 * only who signed the request can sign it again.
 */
export async function send(request: Request, settings: TransportSettings): Promise<Answer> {
  const pauses = settings.pauses ?? PAUSES;
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await attemptOnce(request, settings);
    if ("answer" in outcome) return outcome.answer;
    const pause = pauseAfter(outcome, pauses[attempt]);
    if (pause === undefined) throw outcome.error;
    if (pause >= settings.deadline.left()) throw outOfTime(outcome.error, settings.deadline);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

type Outcome = { answer: Answer } | { error: AcmeError; again: boolean };

async function attemptOnce(request: Request, settings: TransportSettings): Promise<Outcome> {
  const left = settings.deadline.left();
  if (left === 0) return { error: outOfTime(new AcmeError(request.doing), settings.deadline), again: false };
  let raw: Answer;
  try {
    raw = await exchange(request, settings.caPem, Math.min(left, REQUEST_SECONDS * 1000));
  } catch (error) {
    return { error: unreachable(request, error), again: !isCertificateFault(error) };
  }
  return classifyAnswer(request, raw);
}

function classifyAnswer(request: Request, raw: Answer): Outcome {
  const text = raw.data as string;
  const isJson = /[/+]json/.test(raw.headers["content-type"] ?? "") || /^\s*\{/.test(text);
  const parsed = isJson ? parseJson(text) : { value: text };
  if (raw.status >= 400) return classifyRefusal(request, raw, parsed?.value);
  if (parsed) return { answer: { ...raw, data: parsed.value } };
  const error = new AcmeError(`${request.doing}: ${request.url} answered with something that is not JSON`);
  return { error, again: true };
}

function classifyRefusal(request: Request, { status, headers }: Answer, said: unknown): Outcome {
  const problem = isDocument(said) ? said : undefined;
  if (status === 400 && problem?.type === BAD_NONCE) return { answer: { status, headers, data: problem } };
  const now = new Date();
  const error = refusal(request.doing, { status, problem, retryAt: retryAfter(headers["retry-after"], now) }, now);
  return { error, again: status >= 500 || status === 429 };
}

/** Milliseconds to wait before the next try; undefined if there is to be none. */
function pauseAfter(outcome: { error: AcmeError; again: boolean }, pause: number | undefined): number | undefined {
  if (!outcome.again || pause === undefined) return undefined;
  const { retryAt, status } = outcome.error;
  if (!retryAt) return status === 429 ? undefined : pause;
  const wait = retryAt.getTime() - Date.now();
  return wait > PATIENCE_SECONDS * 1000 ? undefined : Math.max(wait, pause);
}

function exchange(request: Request, caPem: string | undefined, timeout: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const sent = https.request(
      request.url,
      {
        method: request.method,
        headers: {
          "User-Agent": "private-registry acme-client",
          ...(body ? { "Content-Type": "application/jose+json" } : {}),
        },
        agent: agentFor(caPem),
      },
      (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on("data", (part: Buffer) => {
          size += part.length;
          if (size > BODY_LIMIT) sent.destroy(new Error("the answer is longer than 1 MiB"));
          parts.push(part);
        });
        response.on("error", reject);
        response.on("end", () => {
          if (!response.complete) return reject(new Error("the connection was cut in the middle of the answer"));
          const headers = Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join(", ")]);
          const data = Buffer.concat(parts).toString("utf8");
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(headers) as Record<string, string>,
            data,
          });
        });
      },
    );
    const timer = setTimeout(() => sent.destroy(new Error(`no answer within ${Math.ceil(timeout / 1000)} s`)), timeout);
    sent.on("close", () => clearTimeout(timer));
    sent.on("error", reject);
    sent.end(body);
  });
}

const agents = new Map<string, https.Agent>();

/** One agent for each set of roots, so that connections are kept; they don't keep the process alive. */
function agentFor(caPem: string | undefined): https.Agent {
  const key = caPem ?? "";
  const known = agents.get(key);
  if (known) return known;
  const agent = new https.Agent({
    keepAlive: true,
    maxSockets: 8,
    ...(caPem ? { ca: [...tls.rootCertificates, caPem] } : {}),
  });
  agents.set(key, agent);
  return agent;
}

function unreachable(request: Request, error: unknown): AcmeError {
  const { message, code } = error as NodeJS.ErrnoException;
  const host = new URL(request.url).host;
  const advice = isCertificateFault(error)
    ? "give the CA bundle of the directory in directoryCaPem if it is a private one"
    : "check that the directory's URL is right and that this machine can reach it";
  return new AcmeError(
    `${request.doing}: can't talk to the CA at ${host}: ${message || (code ?? "no reason given")}; ${advice}`,
  );
}

function isCertificateFault(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return /CERT|SIGNATURE|ISSUER|ALTNAME/.test(code);
}

function outOfTime(error: AcmeError, deadline: Deadline): AcmeError {
  return new AcmeError(`${error.message}; gave up after ${deadline.seconds} s in all`, error);
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: text === "" ? undefined : JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function isDocument(value: unknown): value is ProblemDocument {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
