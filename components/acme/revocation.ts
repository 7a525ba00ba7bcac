/** When a certificate is revoked, and with which reason. */
export const Revocation = {
  /** Not at all: it ends by itself. */
  Never: "never",
  /** When it goes, without a reason. */
  Unspecified: "unspecified",
  /** When it goes: somebody else may have its key. */
  KeyCompromise: "key-compromise",
  /** When it goes: another one has taken its place. */
  Superseded: "superseded",
  /** When it goes: the sites are no longer run. */
  CessationOfOperation: "cessation-of-operation",
} as const;
export type Revocation = (typeof Revocation)[keyof typeof Revocation];

/** Reason codes (RFC 5280 section 5.3.1). */
const CODES: Record<string, number> = {
  [Revocation.Unspecified]: 0,
  [Revocation.KeyCompromise]: 1,
  [Revocation.Superseded]: 4,
  [Revocation.CessationOfOperation]: 5,
};

/** The code of a wish; undefined if nothing is to be revoked. */
export function revocationCode(revocation: string | undefined): number | undefined {
  return CODES[revocation ?? Revocation.Never];
}
