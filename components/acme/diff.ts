import { isDeepStrictEqual } from "node:util";
import { ChainInputs, ChainState, Runtime, standardRuntime, subject } from "./data";
import { isDue, planRenewal } from "../chain/renewal";

/** What is to be done. */
export interface Decision {
  changes: boolean;
  /** Inputs whose change makes a new certificate beside the old one, which stays until nothing uses it any more. */
  replaces: string[];
  /** Why a certificate is to be issued in place of the present one; undefined if it is not. */
  reissue?: string;
  /** True if the user asked for another certificate: then the present one will not do. */
  asked: boolean;
  /** True if the account at the CA is to be changed. */
  account: boolean;
}

/** What a change of an input is. */
enum Effect {
  /** A new certificate, and the old one is deleted when all that used it has the new one. */
  Replace,
  /** A new certificate in the same resource. */
  Reissue,
  /** A change of the account at the CA. */
  Account,
  /** Nothing that the CA would see. */
  Local,
}

/** The effect of every input: one that is missing here doesn't compile. */
const EFFECTS = {
  names: Effect.Replace,
  csrPem: Effect.Replace,
  publicKeyPem: Effect.Replace,
  directory: Effect.Replace,
  profile: Effect.Reissue,
  preferredChain: Effect.Reissue,
  contacts: Effect.Account,
  accountKeyPem: Effect.Account,
  directoryCaPem: Effect.Local,
  termsAgreed: Effect.Local,
  renewBeforeHours: Effect.Local,
  timeoutSeconds: Effect.Local,
  externalKeyId: Effect.Local,
  externalHmacKey: Effect.Local,
  revocation: Effect.Local,
  dns01: Effect.Local,
  tsigSecret: Effect.Local,
} as const satisfies Record<keyof ChainInputs, Effect>;
const INPUTS = Object.keys(EFFECTS) as (keyof ChainInputs)[];

/**
 * Decides what an update would do from nothing but the state and the clock: no network, so that a CA that is down never
 * stops a run that has nothing to renew.
 */
export function decide(olds: ChainState, news: ChainInputs, now: Date): Decision {
  const changed = INPUTS.filter((key) => !isDeepStrictEqual(olds[key], news[key]));
  const having = (effect: Effect) => changed.filter((key) => EFFECTS[key] === effect);
  const [reissue] = having(Effect.Reissue);
  const why = reissue ? `${reissue} has changed` : dueReason(olds, news, now);
  return {
    changes: changed.length > 0 || why !== undefined,
    account: having(Effect.Account).length > 0,
    replaces: having(Effect.Replace),
    asked: reissue !== undefined,
    ...(why === undefined ? {} : { reissue: why }),
  };
}

/** The decision as the dynamic provider's `diff`, told to the user: this is what a preview shows. */
export function diff(
  _id: string,
  olds: ChainState,
  news: ChainInputs,
  runtime: Runtime = standardRuntime,
): { changes: boolean; replaces: string[] } {
  const { changes, replaces, reissue } = decide(olds, news, runtime.now());
  if (replaces.length === 0 && reissue !== undefined) {
    runtime.say(
      `${subject(olds.names)}: renewed by the next update, ${reissue}; the present one ends at ${olds.notAfter}`,
    );
  }
  return { changes, replaces };
}

function dueReason(olds: ChainState, news: ChainInputs, now: Date): string | undefined {
  const hours = typeof news.renewBeforeHours === "string" ? olds.renewBeforeHours : news.renewBeforeHours;
  // A clock that has been set back since was wrong when the certificate came: then the certificate's own times count.
  const issuedAt = now.getTime() < Date.parse(olds.issuedAt ?? "") ? undefined : olds.issuedAt;
  const facts = { ...olds, issuedAt, window: olds.renewalWindow, renewBeforeHours: hours };
  const { renewAt, renewReason } = planRenewal(facts);
  return isDue(renewAt, now) ? `due since ${renewAt} (${renewReason})` : undefined;
}
