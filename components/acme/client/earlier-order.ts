import { chainFaults, ChainRequirements } from "../../chain/chain";
import { Order } from "./resources";
import { PlacedOrder, settled } from "./order";
import { AcmeError, isTable } from "./problem";
import { absolute, Session } from "./session";
import * as shapes from "./read-resources";
import { deadlineIn } from "./transport";

/** What an earlier order must be for, to be followed instead of placing a new one. */
export interface EarlierOrderOptions extends ChainRequirements {
  profile?: string | undefined;
  /** Whether a certificate that an earlier order has led to is the one to have now. */
  isFresh(chainPem: string): boolean;
}

const PAGES = 100;
/** How many orders of a long list are looked at: those at its end, where CAs put the newest, and some at its start. */
const NEWEST = 20;
const FIRST = 10;
/**
 * How long an earlier order that the CA is still at is waited for, if there is time: at most a third of what is left.
 */
const PATIENCE_SECONDS = 30;

/**
 * Looks among the account's orders for one that an interrupted run has left: the same names, and open, or issued for
 * the same key without having reached the state. Not every CA lists orders (RFC 8555 section 7.1.2.1); those that
 * don't, such as Let's Encrypt, hand an open order out again when the same names are asked for.
 */
export async function findEarlierOrder(
  session: Session,
  ordersUrl: string | undefined,
  options: EarlierOrderOptions,
): Promise<PlacedOrder | undefined> {
  try {
    return await lookFor(session, ordersUrl, options);
  } catch (error) {
    // Another order costs little; an issuance that fails because of an old one would cost more.
    if (error instanceof AcmeError) return undefined;
    throw error;
  }
}

async function lookFor(
  session: Session,
  ordersUrl: string | undefined,
  options: EarlierOrderOptions,
): Promise<PlacedOrder | undefined> {
  const urls = await orderUrls(session, ordersUrl);
  const read = async (url: string): Promise<PlacedOrder> => ({
    url,
    order: (await session.post({ doing: "reading an earlier order", url, as: shapes.order })).data,
  });
  const placed = (await Promise.all(urls.map(read))).filter(({ order }) => isFor(order, options)).reverse();
  const open = placed.find(({ order }) => order.status === "pending" || order.status === "ready");
  return open ?? (await firstFresh(session, placed, options));
}

async function orderUrls(session: Session, first: string | undefined): Promise<string[]> {
  const urls: string[] = [];
  let next = first;
  for (let page = 0; next !== undefined && page < PAGES; page += 1) {
    const list = { doing: "listing earlier orders", url: next, as: shapes.anything };
    const { data, headers, url } = await session.post(list);
    const found: unknown[] = isTable(data) && Array.isArray(data["orders"]) ? data["orders"] : [];
    urls.push(...found.filter((each) => typeof each === "string"));
    next = linkOf(headers["link"], "next", url)[0];
  }
  return [...new Set([...urls.slice(0, FIRST), ...urls.slice(-NEWEST)])];
}

/**
 * An order that was finalized may be for another key: that shows in its certificate, for which an unfinished one is
 * waited.
 */
async function firstFresh(
  session: Session,
  placed: readonly PlacedOrder[],
  options: EarlierOrderOptions,
): Promise<PlacedOrder | undefined> {
  const patience = deadlineIn(Math.min(PATIENCE_SECONDS, session.deadline.left() / 3000));
  const finalized = placed.filter(({ order }) => order.status === "valid" || order.status === "processing");
  for (const { url, order } of finalized.slice(0, 3)) {
    const ended = order.status === "processing" ? await settled(session, url, ["processing"], patience) : order;
    if (ended.certificate === undefined) continue;
    const fetching = { doing: "fetching an earlier certificate", url: ended.certificate, as: shapes.anything };
    const { data } = await session.post(fetching);
    if (isWanted(data, options)) return { url, order: ended };
  }
  return undefined;
}

function isWanted(chainPem: unknown, options: EarlierOrderOptions): boolean {
  if (typeof chainPem !== "string") return false;
  try {
    return chainFaults(chainPem, options).length === 0 && options.isFresh(chainPem);
  } catch {
    return false;
  }
}

function isFor(order: Order, options: EarlierOrderOptions): boolean {
  const names = shapes
    .identifiersOf(order)
    .map((name) => name.toLowerCase())
    .sort();
  const sameNames = JSON.stringify(names) === JSON.stringify([...options.names].sort());
  const sameProfile = (order.profile ?? options.profile) === options.profile || options.profile === undefined;
  return sameNames && sameProfile && !(Date.parse(order.expires ?? "") < Date.now());
}

/** The targets of a Link header's links of one kind (RFC 8288), as absolute URLs; `base` is the one that was asked. */
export function linkOf(header: string | undefined, relation: string, base: string): string[] {
  const links = (header ?? "").split(/,\s*(?=<)/).map((link) => /^<([^>]*)>(.*)$/.exec(link.trim()));
  const targets = links.map((match) => (hasRelation(match?.[2] ?? "", relation) ? match?.[1] : undefined));
  return targets.flatMap((target) => absolute(target, base) ?? []);
}

function hasRelation(parameters: string, relation: string): boolean {
  return new RegExp(`;\\s*rel="?([^";]*\\s)?${relation}(\\s[^";]*)?"?\\s*(;|$)`, "i").test(parameters);
}

/** Throws an `AcmeError` if the CA names its profiles and this is none of them. */
export function checkProfile(profile: string | undefined, offered: Record<string, string> | undefined): void {
  if (profile === undefined || !isTable(offered) || Object.hasOwn(offered, profile)) return;
  const names = Object.keys(offered).join(", ") || "none";
  throw new AcmeError(`profile must be one of the CA's (${names}), got "${profile}"; leave it out to use the CA's own`);
}
