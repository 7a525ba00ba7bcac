import { reveal, Value } from "../protocol/values";
import { HostKey, parseHostKey, readPrivateKey } from "./keys";

/** How to reach one SSH server, read and checked. */
export interface Endpoint {
  host: string;
  port: number;
  user: string;
  /** In the form that `ssh2` takes. */
  privateKey?: string;
  password?: string;
  agentSocketPath?: string;
  /** Without it any host is accepted. */
  hostKey?: HostKey;
  /** How many dials may fail before it is an error; -1 for any number. */
  dialErrorLimit: number;
  /** Seconds for one TCP connection; 0 for no limit. */
  perDialTimeout: number;
}

/** The whole way to a host. */
export interface Connection extends Endpoint {
  proxy?: Endpoint;
}

/** Reads the input `connection`. Throws with the real plugin's messages. */
export function readConnection(value: Value | undefined): Connection {
  const plain = reveal(value) as Record<string, Value>;
  const endpoint = readEndpoint(plain);
  if (plain["proxy"] === undefined) return endpoint;
  try {
    return { ...endpoint, proxy: readEndpoint(plain["proxy"] as Record<string, Value>) };
  } catch (error) {
    throw new Error(`proxy: ${(error as Error).message}`, { cause: error });
  }
}

function readEndpoint(plain: Record<string, Value>): Endpoint {
  const text = (name: string): string | undefined => plain[name] as string | undefined;
  const hostKey = text("hostKey");
  const privateKey = text("privateKey");
  const password = text("password");
  const agentSocketPath = text("agentSocketPath") ?? (process.env["SSH_AUTH_SOCK"] || undefined);
  return {
    host: text("host") ?? "",
    port: Math.trunc((plain["port"] as number | undefined) ?? 22),
    user: text("user") ?? "root",
    ...(hostKey === undefined ? {} : { hostKey: parseHostKey(hostKey) }),
    ...(privateKey === undefined ? {} : { privateKey: readPrivateKey(privateKey, text("privateKeyPassword")) }),
    ...(password === undefined ? {} : { password }),
    ...(agentSocketPath === undefined ? {} : { agentSocketPath }),
    dialErrorLimit: (plain["dialErrorLimit"] as number | undefined) ?? 10,
    perDialTimeout: (plain["perDialTimeout"] as number | undefined) ?? 15,
  };
}
