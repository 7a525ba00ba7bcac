import { chainFaults, ChainWish } from "./chain";
import { Order, PlacedOrder } from "./order";
import { AcmeError } from "./problem";
import { Session } from "./session";

/** What an order of before must be for, to be followed instead of making another. */
export interface BegunWish extends ChainWish {
  profile?: string | undefined;
  /** Says of a certificate that an order of before has led to whether it is the one to have now. */
  isFresh(chainPem: string): boolean;
}

const PAGES = 10;

/**
 * Looks among the account's orders for one that an interrupted run has left: the same names, and open, or issued for the same
 * key without having reached the state. Not every CA lists orders (RFC 8555 section 7.1.2.1); those that don't, such as Let's
 * Encrypt, hand an open order out again when the same names are asked for.
 */
export async function findBegun(
  session: Session,
  ordersUrl: string | undefined,
  wish: BegunWish,
): Promise<PlacedOrder | undefined> {
  try {
    return await lookFor(session, ordersUrl, wish);
  } catch (error) {
    // Another order costs little; an issuance that fails because of an old one would cost more.
    if (error instanceof AcmeError) return undefined;
    throw error;
  }
}

async function lookFor(
  session: Session,
  ordersUrl: string | undefined,
  wish: BegunWish,
): Promise<PlacedOrder | undefined> {
  const urls = await orderUrls(session, ordersUrl);
  const read = async (url: string): Promise<PlacedOrder> => ({
    url,
    order: (await session.post<Order>("reading an earlier order", url)).data,
  });
  const placed = (await Promise.all(urls.map(read))).filter(({ order }) => isFor(order, wish)).reverse();
  const open = placed.find(({ order }) => order.status === "pending" || order.status === "ready");
  return open ?? (await firstFresh(session, placed, wish));
}

async function orderUrls(session: Session, first: string | undefined): Promise<string[]> {
  const urls: string[] = [];
  let next = first;
  for (let page = 0; next !== undefined && page < PAGES; page += 1) {
    const { data, headers } = await session.post<{ orders?: unknown }>("listing earlier orders", next);
    if (Array.isArray(data.orders)) urls.push(...data.orders.filter((url) => typeof url === "string"));
    next = linkOf(headers["link"], "next")[0];
  }
  return urls;
}

async function firstFresh(
  session: Session,
  placed: readonly PlacedOrder[],
  wish: BegunWish,
): Promise<PlacedOrder | undefined> {
  for (const each of placed.filter(({ order }) => order.status === "valid").slice(0, 3)) {
    const { certificate } = each.order;
    if (certificate === undefined) continue;
    const { data } = await session.post<string>("fetching an earlier certificate", certificate);
    if (isWanted(data, wish)) return each;
  }
  return undefined;
}

function isWanted(chainPem: string, wish: BegunWish): boolean {
  try {
    return chainFaults(chainPem, wish).length === 0 && wish.isFresh(chainPem);
  } catch {
    return false;
  }
}

function isFor(order: Order, wish: BegunWish): boolean {
  const names = (order.identifiers ?? []).map(({ value }) => value).sort();
  const sameNames = JSON.stringify(names) === JSON.stringify([...wish.names].sort());
  const sameProfile = (order.profile ?? wish.profile) === wish.profile || wish.profile === undefined;
  return sameNames && sameProfile && !(Date.parse(order.expires ?? "") < Date.now());
}

/** The targets of a Link header's links of one kind (RFC 8288). */
export function linkOf(header: string | undefined, relation: string): string[] {
  const links = (header ?? "").split(/,\s*(?=<)/).map((link) => /^<([^>]*)>(.*)$/.exec(link.trim()));
  return links.flatMap((match) => (match?.[1] && hasRelation(match[2] ?? "", relation) ? [match[1]] : []));
}

function hasRelation(parameters: string, relation: string): boolean {
  return new RegExp(`;\\s*rel="?([^";]*\\s)?${relation}(\\s[^";]*)?"?\\s*(;|$)`, "i").test(parameters);
}

/** Throws an `AcmeError` if the CA names its profiles and this is none of them. */
export function checkProfile(profile: string | undefined, offered: Record<string, string> | undefined): void {
  if (profile === undefined || offered === undefined || profile in offered) return;
  const names = Object.keys(offered).join(", ") || "none";
  throw new AcmeError(`profile must be one of the CA's (${names}), got "${profile}"; leave it out to use the CA's own`);
}
