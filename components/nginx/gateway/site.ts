import type { BlobCache } from "../cache";
import { LogFormat } from "./logs";
import type { CryptKind } from "../users/crypt-hashes";
import type { Identity } from "../users/identities";
import { PlainUser } from "../users/users";

/** Everything that the gateway's sites are made from, known and checked. */
export interface GatewaySite {
  site: string;
  registryHost: string;
  /** Undefined if there is no UI. */
  uiHost: string | undefined;
  /** Where the UI's page is, with a slash at both ends. */
  uiPath: string;
  /** IP addresses. */
  nodeAddresses: string[];
  registryNodePort: number;
  uiNodePort: number;
  httpsPort: number;
  chainPem: string;
  keyPem: string;
  upstreamTls: UpstreamTls;
  /** Those with passwords, and the identities: their rights. */
  users: Omit<PlainUser, "password">[];
  /** Whose passwords are tokens. */
  identities: Identity[];
  /** Where their tokens are verified. */
  verifiers: VerifierPort[];
  /** Who comes to the UI by a browser's login; undefined if nobody does. */
  sso: SsoSite | undefined;
  /** For how long a good token is remembered. */
  tokenMinutes: number;
  /** The htpasswd text for the users with passwords. */
  userFile: string;
  /** True if some of its hashes are quick ones. */
  quickHashes: boolean;
  /** bcrypt's cost of the others, or that which takes as long as the slowest of them; undefined if there are none. */
  slowCost: number | undefined;
  /** The kinds of hashes among them that the host's crypt(3) has to be proven to know. */
  cryptKinds: CryptKind[];
  /** Patterns of the repositories that everybody may pull from. */
  anonymousPull: string[];
  realm: string;
  readTimeoutSeconds: number;
  accessLog: string;
  errorLog: string;
  logFormat: LogFormat;
  /** Comparisons of passwords in a minute, for one address. */
  guessesPerMinute: number;
  /** max-age of Strict-Transport-Security; 0: the header is not sent. */
  hstsSeconds: number;
  /** Undefined for no cache. */
  blobCache: BlobCache | undefined;
  /** nginx directives for the registry's server, as they are; or empty. */
  extraRegistryDirectives: string;
}

/** The port of a verifier on every node. */
export interface VerifierPort {
  /** Of which issuer and audience: see `verifierKey`. */
  key: string;
  nodePort: number;
}

/** How the gateway and the registry know each other. */
export interface UpstreamTls {
  /** Roots for the registry's certificate; undefined: the host's own. */
  caPem: string | undefined;
  /** The name that the registry's certificate must have. */
  serverName: string;
  /** What the gateway shows the registry, both or none. */
  clientCertificatePem: string | undefined;
  clientKeyPem: string | undefined;
}

/** A browser's login, as a gateway knows it; where it is, is one of `verifiers`. */
export interface SsoSite {
  /** Groups, as the login names them, and the identity whose rights they have. */
  groups: { group: string; identity: string }[];
  /** Where a browser goes after its logout; undefined: to a page of the gateway's own. */
  logoutUrl: string | undefined;
}
