import { AcmeError } from "./problem";
import { send, TransportSettings } from "./transport";

/** What the directory of a CA names (RFC 8555 section 7.1.1, RFC 9773 section 4). */
export interface Directory {
  newNonce: string;
  newAccount: string;
  newOrder: string;
  revokeCert: string;
  keyChange: string;
  /** Where renewal information is, if the CA gives any. */
  renewalInfo?: string;
  meta?: {
    termsOfService?: string;
    externalAccountRequired?: boolean;
    /** Names of the profiles, each with a description. */
    profiles?: Record<string, string>;
  };
}

const NAMED: Record<string, string> = {
  staging: "https://acme-staging-v02.api.letsencrypt.org/directory",
  production: "https://acme-v02.api.letsencrypt.org/directory",
};

/** The URL of a directory that is given as "staging" or "production" (Let's Encrypt's), or as a URL. */
export function directoryUrl(directory: string): string {
  return NAMED[directory] ?? directory;
}

/** Reads a directory. Throws an `AcmeError` if what is there is none. */
export async function readDirectory(url: string, transport: TransportSettings): Promise<Directory> {
  const { data } = await send({ method: "GET", url, doing: "reading the directory" }, transport);
  return asDirectory(data, url);
}

/** The value as a directory. Throws an `AcmeError` if it is none. */
export function asDirectory(value: unknown, url: string): Directory {
  const found = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const complete = ["newNonce", "newAccount", "newOrder"].every((key) => typeof found[key] === "string");
  if (complete) return found as unknown as Directory;
  throw new AcmeError(`reading the directory: ${url} is not an ACME directory; check the directory's URL`);
}
