import { Account } from "./client/resources";
import { accountByKey, ensureAccount, rollOver } from "./client/account";
import { checkProfile, findEarlierOrder, linkOf } from "./client/earlier-order";
import { ChainFacts, chainFacts, chainFaults, renewalId, topIssuer } from "../chain/chain";
import { ChainInputs, ChainState, Runtime, subject } from "./data";
import { dns01Solver } from "./dns/solver";
import { issue, PlacedOrder, Solver } from "./client/order";
import { AcmeError } from "./client/problem";
import { isDue, planRenewal } from "../chain/renewal";
import { Session } from "./client/session";
import * as shapes from "./client/read-resources";
import { issued, refreshed } from "./state";
import { accountThumbprint } from "./thumbprint";
import { Deadline, deadlineIn } from "./client/transport";
import { askRenewalInfo, refusedInfo, RenewalInfo } from "./client/renewal-info";

/** HTTP-01 without state: the gateways answer every token already (`thumbprint.ts`), so there is nothing to do. */
const stateless: Solver = {
  type: "http-01",
  present: () => Promise.resolve(),
  settle: () => Promise.resolve(),
  cleanUp: () => Promise.resolve(),
};

function solverFor({ dns01, tsigSecret, accountKeyPem }: ChainInputs, runtime: Runtime, deadline: Deadline): Solver {
  const say = (message: string): void => runtime.say(message);
  return dns01 ? dns01Solver(dns01, tsigSecret, accountThumbprint(accountKeyPem), say, deadline) : stateless;
}

/** An account at the CA, and a session that speaks for it. */
export interface OpenAccount {
  session: Session;
  account: Account;
}

/** The inputs' account, known, found by key or made, with the wished contacts. */
export async function openAccount(inputs: ChainInputs, runtime: Runtime, olds?: ChainState): Promise<OpenAccount> {
  const session = newSession(inputs, runtime);
  const sameCa = olds?.directory === inputs.directory;
  const sameKey = olds?.accountKeyPem === inputs.accountKeyPem;
  if (olds && sameCa && !sameKey) await takeOver(olds, session, runtime);
  const accountUrl = sameCa && sameKey ? olds.accountUrl : session.accountUrl;
  return { session, account: await ensureAccount(session, { ...inputs, accountUrl }) };
}

/** A session of the inputs' account key whose account is not known yet. */
export function newSession(inputs: ChainInputs, runtime: Runtime): Session {
  const { directory, accountKeyPem, externalKeyId, externalHmacKey, directoryCaPem, timeoutSeconds } = inputs;
  const bound = externalKeyId !== undefined && externalHmacKey !== undefined;
  return new Session({
    directoryUrl: directory,
    accountKeyPem,
    ...(bound ? { externalAccount: { keyId: externalKeyId, hmacKey: externalHmacKey } } : {}),
    caPem: directoryCaPem,
    deadline: deadlineIn(timeoutSeconds),
    pauses: runtime.pauses,
  });
}

/** The account of the old key gets the new one, unless the new key has an account, or the old key has none any more. */
async function takeOver(olds: ChainState, renewed: Session, runtime: Runtime): Promise<void> {
  if (await accountByKey(renewed)) return;
  const old = newSession(olds, runtime);
  if (await accountByKey(old)) await rollOver(old, renewed);
}

/** Orders a certificate, or finishes an earlier order, checks what came, and asks when it is to be renewed. */
export async function obtain(
  { session, account }: OpenAccount,
  inputs: ChainInputs,
  runtime: Runtime,
  replaced?: ChainState,
): Promise<ChainState> {
  const { names, csrPem, publicKeyPem, profile } = inputs;
  const { renewalInfo, meta } = await session.directory();
  checkProfile(profile, meta?.profiles);
  const isFresh = (chainPem: string): boolean => takesThePlaceOf(chainPem, inputs, replaced, runtime.now());
  const earlier = await findEarlierOrder(session, account.orders, { names, publicKeyPem, profile, isFresh });
  const replaces = renewalInfo && replaced ? renewalId(replaced.leafPem) : undefined;
  const follow = async (order: PlacedOrder | undefined): Promise<ChainState> => {
    const solver = solverFor(inputs, runtime, session.deadline);
    const url = await issue(session, { names, csrPem, profile, replaces, earlierOrder: order, solver });
    const facts = await fetchChain(session, url, inputs, runtime);
    const info = await infoOf(session, facts, inputs, runtime);
    const known = { ...inputs, accountUrl: session.accountUrl ?? "", ...facts };
    // What an earlier order has led to may have been revoked since: then the CA's window is past.
    if (order?.order.status === "valid")
      return refreshed(issued(known, {}, runtime.now(), replaced), info, runtime.now());
    return issued(known, info, runtime.now(), replaced);
  };
  const state = await follow(earlier);
  return earlier?.order.status === "valid" && isDue(state.renewAt, runtime.now()) ? follow(undefined) : state;
}

/** True if the certificate is newer than the present one, and not due for renewal itself. */
function takesThePlaceOf(chainPem: string, inputs: ChainInputs, present: ChainFacts | undefined, now: Date): boolean {
  const found = chainFacts(chainPem);
  if (present && Date.parse(found.notBefore) <= Date.parse(present.notBefore)) return false;
  return !isDue(planRenewal({ ...found, renewBeforeHours: inputs.renewBeforeHours }).renewAt, now);
}

/** The chain at a URL, or of its alternates the one with the preferred issuer at the top (RFC 8555 section 7.4.2). */
async function fetchChain(session: Session, url: string, inputs: ChainInputs, runtime: Runtime): Promise<ChainFacts> {
  const doing = "fetching the certificate";
  const first = await session.post({ doing, url, as: shapes.anything });
  const facts = checkedFacts(first.data, inputs);
  const { preferredChain } = inputs;
  if (preferredChain === undefined || topIssuer(facts.chainPem) === preferredChain) return facts;
  const offered = [topIssuer(facts.chainPem)];
  for (const alternate of linkOf(first.headers["link"], "alternate", url)) {
    const other = checkedFacts((await session.post({ doing, url: alternate, as: shapes.anything })).data, inputs);
    if (topIssuer(other.chainPem) === preferredChain) return other;
    offered.push(topIssuer(other.chainPem));
  }
  const list = offered.map((each) => `"${each}"`).join(", ");
  runtime.say(
    `${subject(inputs.names)}: the CA has no chain up to "${preferredChain}", only ${list}; its own choice is used`,
  );
  return facts;
}

function checkedFacts(pem: unknown, inputs: ChainInputs): ChainFacts {
  const faults = typeof pem === "string" ? faultsOf(pem, inputs) : ["it is not text"];
  if (faults.length > 0) {
    throw new AcmeError(`fetching the certificate: the chain that the CA sent is not used: ${faults.join("; ")}`);
  }
  return chainFacts(pem as string);
}

function faultsOf(pem: string, inputs: ChainInputs): string[] {
  try {
    return chainFaults(pem, inputs);
  } catch (error) {
    return [`it can't be read (${(error as Error).message})`];
  }
}

/** The certificate is there, and without the CA's window its lifetime decides: a failure here is only told. */
async function infoOf(
  session: Session,
  facts: ChainFacts,
  inputs: ChainInputs,
  runtime: Runtime,
): Promise<RenewalInfo> {
  try {
    return await askRenewalInfo(await session.directory(), facts.leafPem, {
      caPem: inputs.directoryCaPem,
      deadline: deadlineIn(20),
      pauses: [300],
    });
  } catch (error) {
    runtime.say(`${subject(inputs.names)}: renewed at two thirds of its lifetime, since ${(error as Error).message}`);
    return refusedInfo(error, runtime.now());
  }
}
