import { AcmeError, describeProblem, retryAfter } from "./problem";
import type { Authorization, Challenge, Order } from "./resources";
import { type AcmeRequest, type AcmeResponse, Session } from "./session";
import * as shapes from "./read-resources";

/** How the CA is shown that a name is ours. */
export interface Solver {
  /** The challenge that it answers: "http-01". */
  type: string;
  /** Makes the answer visible; called for every name before the CA is told to look. */
  present(name: string, token: string): Promise<void>;
  /** Comes back when the CA will see all that was made visible. */
  settle(): Promise<void>;
  /** Takes the answers away again; called in every outcome. */
  cleanUp(): Promise<void>;
}

/** What is ordered. */
export interface OrderOptions {
  /** DNS names in ASCII form. */
  names: readonly string[];
  csrPem: string;
  profile?: string | undefined;
  /** An earlier order that is not finished yet: it is followed instead of placing a new one. */
  earlierOrder?: PlacedOrder | undefined;
  /** Id of the certificate that this one takes the place of (RFC 9773 section 5). */
  replaces?: string | undefined;
  solver: Solver;
}

/** Orders a certificate and follows the order to its end. Returns the URL of the issued certificate. */
export async function issue(session: Session, options: OrderOptions): Promise<string> {
  const placed = options.earlierOrder ?? (await placeOrder(session, options));
  let order = placed.order;
  if (order.status === "pending") {
    await authorizeAll(session, order.authorizations, options.solver);
    order = await settled(session, placed.url, ["pending"]);
  }
  if (order.status === "ready") order = await finalize(session, placed.url, order, options.csrPem);
  if (order.status === "processing") order = await settled(session, placed.url, ["processing"]);
  if (order.status !== "valid" || order.certificate === undefined) throw orderFailure(order);
  return order.certificate;
}

/** An order that is at the CA. */
export interface PlacedOrder {
  url: string;
  order: Order;
}

async function placeOrder(session: Session, options: OrderOptions): Promise<PlacedOrder> {
  const { newOrder } = await session.directory();
  const payload = {
    identifiers: options.names.map((value) => ({ type: "dns", value })),
    ...(options.profile === undefined ? {} : { profile: options.profile }),
  };
  const { replaces } = options;
  const place = (extra: object): Promise<AcmeResponse<Order>> =>
    session.post({ doing: "asking for an order", url: newOrder, payload: { ...payload, ...extra }, as: shapes.order });
  const response =
    replaces === undefined ? await place({}) : await place({ replaces }).catch(withoutIt(() => place({})));
  const { location: url, data: order } = response;
  if (url !== undefined) return { url, order };
  throw new AcmeError("asking for an order: the CA did not say the order's URL; try again later");
}

/** A CA that does not know the replaced certificate any more still issues: the link is a courtesy, limits are not. */
function withoutIt<T>(again: () => Promise<T>): (error: unknown) => Promise<T> {
  return (error) => {
    const linkIsWrong = error instanceof AcmeError && error.status !== undefined && error.status !== 429;
    if (!linkIsWrong || error.kind === "rateLimited") throw error;
    return again();
  };
}

/** Answers one challenge of each pending authorization, and waits until the CA has accepted them all. */
async function authorizeAll(session: Session, urls: readonly string[], solver: Solver): Promise<void> {
  try {
    const authorizations = await Promise.all(
      urls.map(async (url) => ({
        url,
        data: (await session.post({ doing: "reading an authorization", url, as: shapes.authorization })).data,
      })),
    );
    const open = authorizations.filter(({ data }) => data.status === "pending");
    const chosen = open.map(({ url, data }) => ({ url, name: nameOf(data), challenge: choose(data, solver.type) }));
    for (const { name, challenge } of chosen) await solver.present(name, challenge.token);
    await solver.settle();
    const outcomes = await Promise.all(chosen.map(({ url, name, challenge }) => answer(session, url, name, challenge)));
    const failures = outcomes.filter((outcome) => outcome !== undefined);
    if (failures.length > 0) throw new AcmeError(`the CA did not accept every name:\n${failures.join("\n")}`);
  } finally {
    await solver.cleanUp();
  }
}

function choose(authorization: Authorization, type: string): Challenge {
  const challenge = authorization.challenges.find((each) => each.type === type);
  if (challenge) return challenge;
  const offered = authorization.challenges.map((each) => each.type).join(", ") || "none";
  throw new AcmeError(`${nameOf(authorization)}: the CA does not offer the challenge ${type} for it, only ${offered}`);
}

/** Undefined if the CA accepted the name, else a line that says why not. */
async function answer(session: Session, url: string, name: string, challenge: Challenge): Promise<string | undefined> {
  const doing = `${name}: answering the ${challenge.type} challenge`;
  await session.post({ doing, url: challenge.url, payload: {}, as: shapes.anything });
  const read = { doing: `${name}: reading its authorization`, url, as: shapes.authorization };
  const last = await poll(session, read, ({ status }) => status !== "pending");
  if (last.status === "valid") return undefined;
  const error = last.challenges.find((each) => each.error)?.error;
  return `  - ${name}: ${error ? describeProblem(error) : `its authorization is ${last.status}`}`;
}

async function finalize(session: Session, url: string, order: Order, csrPem: string): Promise<Order> {
  const csr = Buffer.from(csrPem.replace(/-----[^-]+-----|\s/g, ""), "base64").toString("base64url");
  try {
    const finalization = { doing: "finalizing the order", url: order.finalize, payload: { csr }, as: shapes.order };
    return (await session.post(finalization)).data;
  } catch (error) {
    // A finalization whose answer was lost has happened all the same; its repetition is refused.
    if (!(error instanceof AcmeError) || error.kind !== "orderNotReady") throw error;
    return settled(session, url, ["processing"]);
  }
}

/** The order when it is in none of the passing states any more. */
export function settled(
  session: Session,
  url: string,
  passing: readonly Order["status"][],
  deadline = session.deadline,
): Promise<Order> {
  const read = { doing: "reading the order", url, as: shapes.order };
  return poll(session, read, ({ status }) => !passing.includes(status), deadline);
}

const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 5000;
const LONGEST_RETRY_AFTER = 60_000;

/** Reads a resource until it is as wanted: at growing intervals, or when the CA says so, within the deadline. */
async function poll<T>(
  session: Session,
  request: AcmeRequest<T>,
  done: (value: T) => boolean,
  deadline = session.deadline,
): Promise<T> {
  const { doing } = request;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 1.6, LONGEST_PAUSE)) {
    const { data, headers } = await session.post(request);
    if (done(data)) return data;
    const now = new Date();
    const asked = (retryAfter(headers["retry-after"], now)?.getTime() ?? 0) - now.getTime();
    const wait = Math.max(pause, Math.min(asked, LONGEST_RETRY_AFTER));
    if (wait >= deadline.left()) {
      const { seconds } = deadline;
      throw new AcmeError(`${doing}: the CA has not come to an end; gave up after ${seconds} s; try again later`);
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

function nameOf({ identifier, wildcard }: Authorization): string {
  return wildcard ? `*.${identifier.value}` : identifier.value;
}

function orderFailure(order: Order): AcmeError {
  const said = order.error ? describeProblem(order.error) : "without a reason";
  return new AcmeError(`the order ended as ${order.status}: ${said}`, { problem: order.error });
}
