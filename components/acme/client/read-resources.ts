import { AcmeError, isTable } from "./problem";
import type { Account, Authorization, Challenge, Order } from "./resources";

/** Reads what a CA answered as one kind of resource; a member that must be there and isn't becomes an `AcmeError`. */
export type Shape<T> = (value: unknown, doing: string) => T;

/** Whatever it is, as it is. */
export const anything: Shape<unknown> = (value) => value;

/** The account resource; all that is needed of it is its status. */
export const account: Shape<Account> = (value, doing) => {
  const found = table(value, doing);
  const lists = { contact: found["contact"], orders: found["orders"] };
  return {
    status: text(found, "status", doing),
    ...(isTexts(lists.contact) ? { contact: lists.contact } : {}),
    ...(typeof lists.orders === "string" ? { orders: lists.orders } : {}),
  };
};

/** The order resource. */
export const order: Shape<Order> = (value, doing) => {
  const found = table(value, doing);
  text(found, "status", doing);
  text(found, "finalize", doing);
  if (!isTexts(found["authorizations"])) throw wrong(doing, "authorizations");
  return found as unknown as Order;
};

/** The authorization resource; of its challenges those that can be answered. */
export const authorization: Shape<Authorization> = (value, doing) => {
  const found = table(value, doing);
  text(found, "status", doing);
  text(table(found["identifier"], doing), "value", doing);
  const { challenges } = found;
  if (!Array.isArray(challenges)) throw wrong(doing, "challenges");
  return { ...found, challenges: challenges.filter(isChallenge) } as unknown as Authorization;
};

/** The identifiers of an order, as far as they can be read. */
export function identifiersOf({ identifiers }: Order): string[] {
  const all: unknown[] = Array.isArray(identifiers) ? identifiers : [];
  return all.flatMap((each) => (isTable(each) && typeof each["value"] === "string" ? [each["value"]] : []));
}

function isChallenge(value: unknown): value is Challenge {
  return isTable(value) && ["type", "url", "token"].every((key) => typeof value[key] === "string");
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function table(value: unknown, doing: string): Record<string, unknown> {
  if (isTable(value)) return value;
  throw new AcmeError(`${doing}: the CA answered with something else; check the directory's URL, or try again later`);
}

function text(found: Record<string, unknown>, key: string, doing: string): string {
  const value = found[key];
  if (typeof value === "string") return value;
  throw wrong(doing, key);
}

function wrong(doing: string, key: string): AcmeError {
  return new AcmeError(`${doing}: the CA's answer has no "${key}" that can be read; try again later`);
}
