import type { ChainFacts } from "../chain/chain";
import type { Dns01Settings } from "./dns/solver";
import { RenewalPlan, RenewalWindow } from "../chain/renewal";

/** Everything that the certificate's resource is given: plain data, as it lies in the stack's state. */
export interface ChainInputs {
  /** DNS names in ASCII form; the first stands for the certificate in messages. */
  names: string[];
  /** URL of the ACME directory. */
  directory: string;
  /** Roots, PEM, for the directory's own HTTPS, beside the system's. */
  directoryCaPem?: string;
  /** Mail addresses. */
  contacts: string[];
  termsAgreed: boolean;
  /** Secret. */
  accountKeyPem: string;
  csrPem: string;
  /** Public key of the CSR, PEM. */
  publicKeyPem: string;
  profile?: string;
  /** Common name of the issuer at the top of the wished chain. */
  preferredChain?: string;
  renewBeforeHours?: number;
  /** The external account that a new account is bound to. */
  externalKeyId?: string;
  /** Its HMAC key, base64url. Secret. */
  externalHmacKey?: string;
  /** How names are shown to be ours by DNS-01; by stateless HTTP-01 if absent. */
  dns01?: Dns01Settings;
  /** Secret of the key for dynamic updates, base64. Secret. */
  tsigSecret?: string;
  /** What happens at the CA when the resource goes; "never" or absent for nothing. */
  revocation?: string;
  /** For one issuance in all. */
  timeoutSeconds: number;
}

/** What the resource knows once there is a certificate. Times are ISO 8601. */
export interface ChainState extends ChainInputs, ChainFacts, RenewalPlan {
  accountUrl: string;
  /** The CA's window as it was when it was last asked (RFC 9773). */
  renewalWindow?: RenewalWindow | undefined;
  /**
   * When the CA wishes to be asked for the window again; a refresh, being somebody's wish to know now, may ask before.
   */
  askAgainAt?: string | undefined;
  /** Before this moment the CA, which refused to say the window, is not asked again. */
  askNotBefore?: string | undefined;
  /** When the certificate came, by the clock of the machine that ordered it; absent in states older than this field. */
  issuedAt?: string | undefined;
  /**
   * True if the CA has moved its window since to before the time at which it may be renewed otherwise, as after a
   * revocation.
   */
  recalled?: boolean | undefined;
  /** How many certificates in a row before this one went because they were called back. */
  recalls?: number | undefined;
  /** Why the last renewal failed; absent after one that went well. */
  renewalProblem?: string;
}

/** What the resource gets from where it runs: a clock, and a way to tell the user something. */
export interface Runtime {
  now(): Date;
  say(message: string): void;
  /** Pauses before further tries of a request, milliseconds. Default the transport's own. */
  pauses?: readonly number[];
}

/** That of a running provider: the engine shows what a provider prints. */
export const standardRuntime: Runtime = { now: () => new Date(), say: (message) => console.error(message) };

/** The inputs that are secret, in the state too. */
export const SECRETS = ["accountKeyPem", "externalHmacKey", "tsigSecret"] as const satisfies (keyof ChainInputs)[];

/** "certificate of registry.example.com and 1 more". */
export function subject(names: readonly string[]): string {
  const [first = "no name", ...rest] = names;
  return `certificate of ${first}${rest.length > 0 ? ` and ${rest.length} more` : ""}`;
}
