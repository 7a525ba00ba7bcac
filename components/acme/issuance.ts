import { accountByKey, ensureAccount, rollOver } from "./account";
import { ChainFacts, chainFacts, chainFaults, renewalId } from "./chain";
import { ChainInputs, ChainState, Host, subject } from "./data";
import { issue, Solver } from "./order";
import { AcmeError } from "./problem";
import { planRenewal } from "./renewal";
import { Session } from "./session";
import { deadlineIn, TransportSettings } from "./transport";
import { askRenewalInfo, RenewalInfo } from "./window";

/** HTTP-01 without state: the gateways answer every token already (`thumbprint.ts`), so there is nothing to do. */
const stateless: Solver = {
  type: "http-01",
  present: () => Promise.resolve(),
  cleanUp: () => Promise.resolve(),
};

/** A session of the inputs' account whose URL is known, made or found by key, with the wished contacts. */
export async function openSession(inputs: ChainInputs, olds?: ChainState): Promise<Session> {
  const session = new Session({
    ...transportOf(inputs),
    directoryUrl: inputs.directory,
    accountKeyPem: inputs.accountKeyPem,
  });
  const sameCa = olds?.directory === inputs.directory;
  const sameKey = olds?.accountKeyPem === inputs.accountKeyPem;
  if (olds && sameCa && !sameKey) await takeOver(olds, session);
  const accountUrl = sameCa && sameKey ? olds.accountUrl : session.accountUrl;
  await ensureAccount(session, { ...inputs, accountUrl });
  return session;
}

/** The account of the old key gets the new one, unless the new key has an account, or the old key has none any more. */
async function takeOver(olds: ChainState, renewed: Session): Promise<void> {
  if (await accountByKey(renewed)) return;
  const old = new Session({ ...transportOf(olds), directoryUrl: olds.directory, accountKeyPem: olds.accountKeyPem });
  if (await accountByKey(old)) await rollOver(old, renewed);
}

/** Orders a certificate, checks what came, and asks when it is to be renewed. */
export async function obtain(
  session: Session,
  inputs: ChainInputs,
  host: Host,
  replaced?: ChainFacts,
): Promise<ChainState> {
  const { names, csrPem, profile } = inputs;
  const { renewalInfo } = await session.directory();
  const replaces = renewalInfo && replaced ? renewalId(replaced.leafPem) : undefined;
  const url = await issue(session, { names, csrPem, profile, replaces, solver: stateless });
  const { data } = await session.post<string>("fetching the certificate", url);
  const facts = checkedFacts(data, inputs);
  const info = await infoOf(session, facts, inputs, host);
  return planned({ ...inputs, ...facts, ...info, accountUrl: session.accountUrl ?? "" });
}

/** The state with the renewal planned anew from what it holds. */
export function planned(state: Omit<ChainState, "renewAt" | "renewReason">): ChainState {
  return { ...state, ...planRenewal({ ...state, window: state.renewalWindow }) };
}

/** How the CA of these inputs is reached. */
export function transportOf(inputs: ChainInputs): TransportSettings {
  return { caPem: inputs.directoryCaPem, deadline: deadlineIn(inputs.timeoutSeconds) };
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
async function infoOf(session: Session, facts: ChainFacts, inputs: ChainInputs, host: Host): Promise<RenewalInfo> {
  try {
    return await askRenewalInfo(await session.directory(), facts.leafPem, {
      caPem: inputs.directoryCaPem,
      deadline: deadlineIn(20),
      pauses: [300],
    });
  } catch (error) {
    host.say(`${subject(inputs.names)}: renewed at two thirds of its lifetime, since ${(error as Error).message}`);
    return {};
  }
}
