import type { ChainFacts } from "../chain/chain";
import type { ChainInputs, ChainState } from "./data";
import { callsBack, planRenewal, type RenewalPlan } from "../chain/renewal";
import type { RenewalInfo } from "./client/renewal-info";

type Unplanned = Omit<ChainState, keyof RenewalPlan>;
type Account = Pick<ChainState, "accountUrl">;

/** The state after an issuance, in the place of another certificate if there was one. */
export function issued(
  known: ChainInputs & Account & ChainFacts,
  info: RenewalInfo,
  now: Date,
  replaced?: ChainState,
): ChainState {
  const recalls = replaced?.recalled ? (replaced.recalls ?? 0) + 1 : undefined;
  return planned({ ...known, ...info, issuedAt: now.toISOString(), recalls });
}

/** The state after the CA has said anew when to renew. */
export function refreshed(state: ChainState, info: RenewalInfo, now: Date): ChainState {
  const recalled = callsBack({ ...state, window: state.renewalWindow }, info.renewalWindow, now) || undefined;
  return planned({ ...state, ...NOT_ASKED, ...info, recalled });
}

const NOT_ASKED = { renewalWindow: undefined, askAgainAt: undefined, askNotBefore: undefined };

/** New inputs with the present certificate, the renewal planned anew. */
export function kept(olds: ChainState, news: ChainInputs & Partial<Account>): ChainState {
  const { chainPem, leafPem, issuerPem, notBefore, notAfter, serialNumber, fingerprintSha256 } = olds;
  const { accountUrl, renewalWindow, askAgainAt, askNotBefore, issuedAt, recalled, recalls } = olds;
  const facts = { chainPem, leafPem, issuerPem, notBefore, notAfter, serialNumber, fingerprintSha256 };
  const known = { renewalWindow, askAgainAt, askNotBefore, issuedAt, recalled, recalls };
  return planned({ accountUrl, ...news, ...facts, ...known });
}

/** Without members that are undefined: the state can't hold them. */
export function plain<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}

/** The state with the renewal planned anew from what it holds. */
function planned(state: Unplanned): ChainState {
  return { ...state, ...planRenewal({ ...state, window: state.renewalWindow }) };
}
