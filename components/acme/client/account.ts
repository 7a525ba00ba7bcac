import { AcmeError } from "./problem";
import type { Account } from "./resources";
import { Session } from "./session";
import * as shapes from "./read-resources";

/** What the user says of the account. */
export interface AccountOptions {
  /** Mail addresses, without "mailto:". */
  contacts: readonly string[];
  termsAgreed: boolean;
  /** The URL that is known from before; looked up by the key without it. */
  accountUrl?: string | undefined;
}

/**
 * Makes sure that the session's key has an account with the contacts that are wanted: the known one, else the one that
 * the CA finds by the key, else a new one. Sets the session's account URL. Throws an `AcmeError` if a new one is needed
 * and the user has not agreed to the CA's terms, or the account is no longer valid.
 */
export async function ensureAccount(session: Session, options: AccountOptions): Promise<Account> {
  const found = (await knownAccount(session, options.accountUrl)) ?? (await accountByKey(session));
  const account = found ?? (await newAccount(session, options));
  if (account.status !== "valid") {
    throw new AcmeError(`the account ${session.accountUrl} is ${account.status}; use another account key`);
  }
  return found ? withContacts(session, found, options.contacts) : account;
}

const LOOK_UP = { doing: "looking up the account", as: shapes.account };

async function knownAccount(session: Session, url: string | undefined): Promise<Account | undefined> {
  if (url === undefined) return undefined;
  session.accountUrl = url;
  try {
    return (await session.post({ ...LOOK_UP, url })).data;
  } catch (error) {
    session.accountUrl = undefined;
    return absent(error);
  }
}

/** Looks the account up without making one (RFC 8555 section 7.3.1). */
export async function accountByKey(session: Session): Promise<Account | undefined> {
  const { newAccount: url } = await session.directory();
  try {
    const search = { doing: LOOK_UP.doing, url, payload: { onlyReturnExisting: true }, as: shapes.anything };
    const response = await session.postByKey(search, false);
    session.accountUrl = response.location;
    if (session.accountUrl === undefined) return undefined;
    return (await session.post({ ...LOOK_UP, url: session.accountUrl })).data;
  } catch (error) {
    return absent(error);
  }
}

async function newAccount(session: Session, options: AccountOptions): Promise<Account> {
  const { newAccount: url, meta } = await session.directory();
  if (meta?.termsOfService && !options.termsAgreed) {
    throw new AcmeError(
      `making an account: termsAgreed must be true, got false; read ${meta.termsOfService} and say that you agree`,
    );
  }
  if (meta?.externalAccountRequired && !session.bindsAccount) {
    throw new AcmeError("making an account: externalAccount must be given, got nothing; this CA makes none without it");
  }
  const payload = { termsOfServiceAgreed: options.termsAgreed, contact: options.contacts.map(mailto) };
  const response = await session.postByKey({ doing: "making an account", url, payload, as: shapes.account }, true);
  session.accountUrl = response.location;
  if (session.accountUrl === undefined) throw new AcmeError("making an account: the CA did not say its URL");
  return response.data;
}

/** Some CAs don't say an account's contacts; they are then set on every issuance, which changes nothing there. */
async function withContacts(session: Session, account: Account, contacts: readonly string[]): Promise<Account> {
  const wanted = contacts.map(mailto);
  const same = JSON.stringify([...(account.contact ?? [])].sort()) === JSON.stringify([...wanted].sort());
  if (same || session.accountUrl === undefined) return account;
  const change = { doing: "updating the account's contacts", payload: { contact: wanted }, as: shapes.account };
  return (await session.post({ ...change, url: session.accountUrl })).data;
}

/**
 * Gives the account another key (RFC 8555 section 7.3.5). Afterwards the new session speaks for the account.
 * @param old A session whose account URL is known.
 */
export async function rollOver(old: Session, renewed: Session): Promise<void> {
  const { accountUrl } = old;
  if (accountUrl === undefined) throw new Error("the account whose key changes is not known");
  const { keyChange } = await old.directory();
  const payload = renewed.rolloverBody(keyChange, accountUrl, old.publicJwk());
  await old.post({ doing: "changing the account's key", url: keyChange, payload, as: shapes.anything });
  renewed.accountUrl = accountUrl;
}

function absent(error: unknown): undefined {
  if (error instanceof AcmeError && error.kind === "accountDoesNotExist") return undefined;
  throw error;
}

function mailto(address: string): string {
  return `mailto:${address}`;
}
