/*
 * The path of this file lies in users' states: a serialized resource requires it by `components/acme/lifecycle`, in a
 * destroy and a refresh too, and in states that older versions wrote. It must never move
 * (test/golden/state-paths.json).
 */
import { ChainInputs, ChainState, Runtime, standardRuntime, subject } from "./data";
import { decide } from "./diff";
import { readDirectory } from "./client/directory";
import { newSession, obtain, openAccount } from "./issuance";
import { AcmeError } from "./client/problem";
import { clockFault, unkeptHours } from "../chain/renewal";
import { revocationCode } from "./revocation";
import { revoke } from "./client/revoke";
import { kept, plain, refreshed } from "./state";
import { deadlineIn } from "./client/transport";
import { askRenewalInfo, refusedInfo } from "./client/renewal-info";

export { diff } from "./diff";

/** Issues the first certificate. Throws an `AcmeError` in plain words; nothing is kept then. */
export async function create(
  inputs: ChainInputs,
  runtime: Runtime = standardRuntime,
): Promise<{ id: string; outs: ChainState }> {
  const outs = await explained(inputs, "issued", async () =>
    obtain(await openAccount(inputs, runtime), inputs, runtime),
  );
  return { id: outs.fingerprintSha256, outs: plain(warned(outs, runtime)) };
}

/**
 * Brings the account up to date, and renews if that is due. Only these two contact the CA. If it can't be done now, the
 * present certificate stays in service, the user is told, and the next update tries again; it is an error only once
 * that certificate has expired, or if the user asked for another one.
 */
export async function update(
  _id: string,
  olds: ChainState,
  news: ChainInputs,
  runtime: Runtime = standardRuntime,
): Promise<{ outs: ChainState }> {
  const { reissue, asked, account } = decide(olds, news, runtime.now());
  if (reissue === undefined && !account) return { outs: plain(warned(kept(olds, news), runtime)) };
  try {
    const outs = await explained(news, reissue === undefined ? "brought up to date" : "renewed", async () => {
      const open = await openAccount(news, runtime, olds);
      if (reissue !== undefined) return obtain(open, news, runtime, olds);
      return kept(olds, { ...news, accountUrl: open.session.accountUrl ?? olds.accountUrl });
    });
    return { outs: plain(warned(outs, runtime)) };
  } catch (error) {
    if (asked || Date.parse(olds.notAfter) <= runtime.now().getTime()) throw error;
    const renewalProblem = (error as Error).message;
    runtime.say(`warning: ${renewalProblem}; the present one stays in service until ${olds.notAfter}`);
    const { accountKeyPem, contacts } = olds;
    return { outs: plain({ ...kept(olds, { ...news, accountKeyPem, contacts }), renewalProblem }) };
  }
}

/**
 * Refreshes what the CA says about renewal, so that a certificate that was revoked meanwhile is due at once. A CA that
 * can't be asked changes nothing; one that refused with a Retry-After is left alone until then, a day at most.
 */
export async function read(
  id: string,
  state: ChainState,
  runtime: Runtime = standardRuntime,
): Promise<{ id: string; props: ChainState }> {
  if (Date.parse(state.notAfter) <= runtime.now().getTime()) return { id, props: state };
  if (Date.parse(state.askNotBefore ?? "") > runtime.now().getTime()) {
    runtime.say(
      `${subject(state.names)}: its renewal time is not refreshed, the CA allows it from ${state.askNotBefore}`,
    );
    return { id, props: state };
  }
  const transport = { caPem: state.directoryCaPem, deadline: deadlineIn(20), pauses: [300] };
  try {
    const directory = await readDirectory(state.directory, transport);
    const info = await askRenewalInfo(directory, state.leafPem, transport);
    return { id, props: plain(refreshed(state, info, runtime.now())) };
  } catch (error) {
    runtime.say(`${subject(state.names)}: its renewal time is not refreshed: ${(error as Error).message}`);
    return { id, props: { ...state, ...refusedInfo(error, runtime.now()) } };
  }
}

/** Revokes the certificate if that is wished and it has not ended; the resource goes when that is done. */
export async function remove(_id: string, state: ChainState, runtime: Runtime = standardRuntime): Promise<void> {
  const reason = revocationCode(state.revocation);
  const ended = Date.parse(state.notAfter) <= runtime.now().getTime();
  if (reason === undefined || ended) return;
  await explained(state, "revoked", () => revoke(newSession(state, runtime), state.leafPem, reason)).catch(orElse);
}

/** A certificate that can't be revoked stays in the stack; how to let it go all the same is part of the error. */
function orElse(error: unknown): never {
  if (!(error instanceof AcmeError)) throw error;
  const advice = 'to let it go unrevoked, set revocation to "never" and run up before';
  throw new AcmeError(`${error.message}; ${advice}`, error);
}

/** Tells what can't be as it is set, once for each time that the plan is made; hands the state on. */
function warned(state: ChainState, runtime: Runtime): ChainState {
  const facts = { ...state, window: state.renewalWindow };
  for (const fault of [unkeptHours(facts), clockFault(facts)]) {
    if (fault !== undefined) runtime.say(`warning: ${subject(state.names)}: ${fault}`);
  }
  return state;
}

async function explained<T>(inputs: ChainInputs, verb: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AcmeError)) throw error;
    throw new AcmeError(`${subject(inputs.names)} could not be ${verb} (${inputs.directory}): ${error.message}`, error);
  }
}
