import type { ProblemDocument } from "./problem";

/** The account resource (RFC 8555 section 7.1.2). */
export interface Account {
  status: string;
  contact?: string[];
  /** Where the account's orders are listed; not every CA has it. */
  orders?: string;
}

/** The order resource (RFC 8555 section 7.1.3). */
export interface Order {
  status: "pending" | "ready" | "processing" | "valid" | "invalid";
  authorizations: string[];
  finalize: string;
  certificate?: string;
  expires?: string;
  profile?: string;
  identifiers?: Identifier[];
  error?: ProblemDocument;
}

/** A name that is asked for (RFC 8555 section 7.1.4); a wildcard's authorization has it without the "*.". */
export interface Identifier {
  type: string;
  value: string;
}

/** The authorization resource (RFC 8555 section 7.1.4). */
export interface Authorization {
  status: "pending" | "valid" | "invalid" | "deactivated" | "expired" | "revoked";
  identifier: Identifier;
  wildcard?: boolean;
  challenges: Challenge[];
}

/** A challenge of an authorization (RFC 8555 section 8). */
export interface Challenge {
  type: string;
  url: string;
  token: string;
  status: "pending" | "processing" | "valid" | "invalid";
  error?: ProblemDocument;
}
