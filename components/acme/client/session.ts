import type * as acmeClient from "acme-client";
import { asDirectory, Directory } from "./directory";
import { AcmeError } from "./problem";
import type { Shape } from "./read-resources";
import { Answer, send, TransportSettings } from "./transport";

/** The signing half of `acme-client`, as far as it is used here. */
interface Signer {
  request(url: string, method: string, options?: { data?: unknown }): Promise<Answer>;
  getNonce(): Promise<string>;
  getDirectory(): Promise<unknown>;
  signedRequest(url: string, payload: unknown, options: SignOptions): Promise<Answer>;
  createSignedBody(url: string, payload: unknown): object;
  getJwk(): object;
}

interface SignOptions {
  kid?: string | null;
  includeExternalAccountBinding?: boolean;
}

/** An external account at the CA that a new account is bound to (RFC 8555 section 7.3.4). */
export interface ExternalAccount {
  keyId: string;
  /** The HMAC key, base64url. Secret. */
  hmacKey: string;
}

/** Whom to talk to, and as whom. */
export interface SessionSettings extends TransportSettings {
  directoryUrl: string;
  /** The account's private key, PEM. Secret. */
  accountKeyPem: string;
  externalAccount?: ExternalAccount | undefined;
}

/**
 * Talks to one CA with one account key. Signing, nonces and their renewal, and the external account binding are
 * `acme-client`'s; what goes over the wire goes through `transport.ts`, which knows the CA's roots, retries and
 * problems.
 */
export class Session {
  /** The account's URL, once it is known. */
  accountUrl: string | undefined;
  private readonly signer: Signer;
  private readonly nonces: string[] = [];
  private readonly doing = new Map<string, string>();

  constructor(private readonly settings: SessionSettings) {
    const { directoryUrl, accountKeyPem, externalAccount } = settings;
    // Most runs of Pulumi order nothing, and it is nine tenths of what there is to load.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { Client } = require("acme-client") as typeof acmeClient;
    const client = new Client({
      directoryUrl,
      accountKey: accountKeyPem,
      ...(externalAccount
        ? { externalAccountBinding: { kid: externalAccount.keyId, hmacKey: externalAccount.hmacKey } }
        : {}),
    });
    this.signer = (client as unknown as { http: Signer }).http;
    this.signer.request = (url, method, options) => this.transmit(url, method, options?.data);
    const freshNonce = this.signer.getNonce.bind(this.signer);
    this.signer.getNonce = () => {
      const kept = this.nonces.shift();
      return kept === undefined ? freshNonce() : Promise.resolve(kept);
    };
  }

  /** True if a new account would be bound to an external one. */
  get bindsAccount(): boolean {
    return this.settings.externalAccount !== undefined;
  }

  get deadline(): TransportSettings["deadline"] {
    return this.settings.deadline;
  }

  /** The CA's directory; asked for once. Throws an `AcmeError` if what is there is none. */
  async directory(): Promise<Directory> {
    const found = await this.signer.getDirectory().catch(inPlainWords("reading the directory"));
    return asDirectory(found, this.settings.directoryUrl);
  }

  /** A signed POST by the account; without a payload a POST-as-GET (RFC 8555 section 6.3). */
  async post<T>(request: AcmeRequest<T>): Promise<AcmeResponse<T>> {
    if (this.accountUrl === undefined) throw new Error(`${request.doing}: the account is not known yet`);
    return this.signed<T>(request, { kid: this.accountUrl });
  }

  /** A POST signed by the account's key without naming the account, as for a new one (RFC 8555 section 6.2). */
  async postByKey<T>(request: AcmeRequest<T>, bind: boolean): Promise<AcmeResponse<T>> {
    return this.signed<T>(request, { kid: null, includeExternalAccountBinding: bind });
  }

  /** The inner request of a key rollover, signed by this session's key (RFC 8555 section 7.3.5). */
  rolloverBody(url: string, accountUrl: string, oldKey: object): object {
    return this.signer.createSignedBody(url, { account: accountUrl, oldKey });
  }

  /** The account's public key as a JWK. */
  publicJwk(): object {
    return this.signer.getJwk();
  }

  private async signed<T>({ doing, url, payload, as }: AcmeRequest<T>, options: SignOptions): Promise<AcmeResponse<T>> {
    if (typeof url !== "string" || !URL.canParse(url)) throw new AcmeError(`${doing}: the CA gives no URL for it`);
    this.doing.set(url, doing);
    const answer = await this.signer.signedRequest(url, payload ?? null, options).catch(inPlainWords(doing));
    if (answer.status >= 400)
      throw new AcmeError(`${doing}: the CA refused every nonce it had just given; try again later`);
    const location = absolute(answer.headers["location"], url);
    return { ...answer, ...(location ? { location } : {}), url, data: as(answer.data, doing) };
  }

  private async transmit(url: string, method: string, body: unknown): Promise<Answer> {
    const upper = method.toUpperCase() as "GET" | "HEAD" | "POST";
    const doing = upper === "POST" ? this.doing.get(url) : undefined;
    const request = { method: upper, url, body, doing: doing ?? "reading the directory" };
    const answer = await send(request, this.settings);
    const nonce = answer.headers["replay-nonce"];
    if (nonce && upper === "POST" && answer.status < 400) this.nonces.push(nonce);
    return answer;
  }
}

/** What is asked of the CA. */
export interface AcmeRequest<T> {
  /** The start of an error: "asking for an order". */
  doing: string;
  url: string;
  /** Default none: a POST-as-GET. */
  payload?: object;
  /** Reads the answer. */
  as: Shape<T>;
}

/** An answer whose data is of a known kind. */
export interface AcmeResponse<T> extends Answer {
  data: T;
  /** The URL that was asked. */
  url: string;
  /** What the Location header names, as an absolute URL. */
  location?: string;
}

/** A URL as the one who was asked at `base` means it; undefined if it is none. */
export function absolute(reference: string | undefined, base: string): string | undefined {
  return reference !== undefined && URL.canParse(reference, base) ? new URL(reference, base).href : undefined;
}

/** `acme-client` has errors of its own for a directory without what is needed, or an answer without a nonce. */
function inPlainWords(doing: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof AcmeError) throw error;
    throw new AcmeError(`${doing}: ${(error as Error).message}; check that the directory is an ACME directory`);
  };
}
