import {
  constants,
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign as signBytes,
  type SignKeyObjectInput,
} from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import * as https from "node:https";
import type { AddressInfo } from "node:net";

/** A key of an issuer: RSA or of a curve. */
export interface IssuerKey {
  kid: string;
  alg: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

/** Makes a key of an algorithm's kind. */
export function issuerKey(alg = "RS256", kid = randomBytes(6).toString("hex")): IssuerKey {
  const pair = alg.startsWith("ES")
    ? generateKeyPairSync("ec", { namedCurve: "P-256" })
    : generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { kid, alg, ...pair };
}

type Claims = Record<string, unknown>;

const encoded = (part: unknown): string =>
  Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");

/** What a forger may do to a token. */
export interface Forgery {
  /** Members of the header, over those that are right. */
  header?: Claims;
  /** Signs instead of the key; gets the part that is signed. */
  signature?: (signed: string) => string;
}

/** A token (RFC 7519), signed by a key as its algorithm says. */
export function tokenOf(key: IssuerKey, claims: Claims, { header = {}, signature }: Forgery = {}): string {
  const signed = `${encoded({ alg: key.alg, kid: key.kid, typ: "JWT", ...header })}.${encoded(claims)}`;
  return `${signed}.${signature ? signature(signed) : signedBy(key, signed)}`;
}

function signedBy({ alg, privateKey: key }: IssuerKey, text: string): string {
  const how: SignKeyObjectInput = alg.startsWith("ES")
    ? { key, dsaEncoding: "ieee-p1363" }
    : { key, padding: constants.RSA_PKCS1_PADDING };
  return signBytes("sha256", Buffer.from(text), how).toString("base64url");
}

/** Signs as somebody does who takes a public key for a shared secret. */
export function hmacWith(secret: string): (signed: string) => string {
  return (signed) => createHmac("sha256", secret).update(signed).digest("base64url");
}

/** The moment, as claims have it. */
export const now = (): number => Math.floor(Date.now() / 1000);

/** An issuer of tokens with a server for its keys, which answers over https only. */
export class Issuer {
  /** How often the keys were asked for. */
  asked = 0;
  /** Keys that are published. */
  keys: IssuerKey[] = [issuerKey()];
  /** What it answers instead of its keys: a status; undefined for the keys. */
  failing: number | undefined;
  private server: https.Server | undefined;
  port = 0;

  private constructor(
    readonly host: string,
    private readonly pair: { cert: string; key: string },
    private readonly address: string,
  ) {}

  /**
   * Starts one.
   * @param host Its name, which the certificate has.
   * @param address Where it listens.
   */
  static async start(host: string, pair: { cert: string; key: string }, address = "127.0.0.1"): Promise<Issuer> {
    const issuer = new Issuer(host, pair, address);
    await issuer.listen();
    return issuer;
  }

  /** Lets it answer again, on the same port. */
  async listen(): Promise<void> {
    this.server = https.createServer(this.pair, (request, response) => {
      this.asked++;
      response.writeHead(this.failing ?? (request.url === "/keys" ? 200 : 404), { "Content-Type": "application/json" });
      response.end(this.failing === undefined ? this.published() : "{}");
    });
    this.server.listen(this.port, this.address);
    await once(this.server, "listening");
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Its keys as a JWK set. */
  published(): string {
    const keys = this.keys.map(({ kid, alg, publicKey }) => ({
      ...publicKey.export({ format: "jwk" }),
      ...{ kid, alg, use: "sig" },
    }));
    return JSON.stringify({ keys });
  }

  /** The claim `iss`. */
  get url(): string {
    return `https://${this.host}:${this.port}`;
  }

  get keysUrl(): string {
    return `${this.url}/keys`;
  }

  /** A token of this issuer, of its first key and good for five minutes, unless claims say something else. */
  token(claims: Claims, forgery: Forgery = {}, key = this.keys[0] as IssuerKey): string {
    return tokenOf(
      key,
      { iss: this.url, jti: randomBytes(6).toString("hex"), iat: now(), nbf: now(), exp: now() + 300, ...claims },
      forgery,
    );
  }

  /** Ends it; connections are refused from then on. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

/** A name server that knows one address for every name: this machine's. */
export async function startNames(): Promise<{ port: number; stop(): void }> {
  const socket: Socket = createSocket("udp4");
  socket.on("message", (question, from) => socket.send(answered(question), from.port, from.address));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return { port: socket.address().port, stop: () => void socket.close() };
}

/** An answer (RFC 1035): 127.0.0.1 for a question of type A, nothing for all others. */
function answered(question: Buffer): Buffer {
  let end = 12;
  while ((question[end] ?? 0) !== 0) end += (question[end] ?? 0) + 1;
  const asked = question.subarray(12, end + 5);
  const isAddress = question.readUInt16BE(end + 1) === 1;
  const head = Buffer.from(question.subarray(0, 12));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(isAddress ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  const address = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 127, 0, 0, 1]);
  return Buffer.concat([head, asked, ...(isAddress ? [address] : [])]);
}
