import net from "node:net";
import { Duplex } from "node:stream";
import { AnyAuthMethod, AuthHandlerMiddleware, Client } from "ssh2";
import { Call } from "../protocol/resource";
import { Connection, Endpoint } from "./connection";
import { dialError, HandshakeReport } from "./dial-errors";
import { dialWithRetry } from "./retry";

/** A connected client, and how to close it and what it goes through (the real plugin leaves that to its own end). */
export interface Dialed {
  client: Client;
  close(): void;
}

/** Connects and logs in, through the proxy if there is one, as often as `dialErrorLimit` allows. */
export async function dial(connection: Connection, call: Call): Promise<Dialed> {
  const { proxy } = connection;
  if (!proxy) {
    const client = await dialWithRetry("Dial", connection.dialErrorLimit, call, async () =>
      handshake(await openSocket(connection), connection),
    );
    return { client, close: () => client.end() };
  }
  try {
    return await dialThrough(proxy, connection, call);
  } catch (error) {
    throw new Error(`proxy: ${(error as Error).message}`, { cause: error });
  }
}

async function dialThrough(proxy: Endpoint, connection: Connection, call: Call): Promise<Dialed> {
  const outer = await dialWithRetry("Dial proxy", proxy.dialErrorLimit, call, async () =>
    handshake(await openSocket(proxy), proxy),
  );
  try {
    const stream = await dialWithRetry("Dial from proxy", connection.dialErrorLimit, call, () =>
      forward(outer, connection),
    );
    const client = await dialWithRetry("Dial", connection.dialErrorLimit, call, () => handshake(stream, connection));
    return {
      client,
      close: () => {
        client.once("close", () => outer.end());
        client.end();
      },
    };
  } catch (error) {
    outer.end();
    throw error;
  }
}

function forward(outer: Client, to: Endpoint): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    outer.forwardOut("0.0.0.0", 0, to.host, to.port, (error, stream) => {
      if (error) reject(new Error(`ssh: rejected: ${error.message.replace(/^\(SSH\) Channel open failure: /, "")}`));
      else resolve(stream);
    });
  });
}

function openSocket({ host, port, perDialTimeout }: Endpoint): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, noDelay: true });
    const timer =
      perDialTimeout > 0 &&
      setTimeout(() => {
        socket.destroy();
        reject(new Error(`dial tcp ${net.isIPv6(host) ? `[${host}]` : host}:${port}: i/o timeout`));
      }, perDialTimeout * 1000);
    const settle = (): void => {
      if (timer) clearTimeout(timer);
    };
    socket.once("connect", () => {
      settle();
      resolve(socket);
    });
    socket.once("error", (error) => {
      settle();
      reject(new Error(dialError(error, host)));
    });
  });
}

/** The SSH handshake and the login. As in the real plugin, no time limit applies to it. */
function handshake(stream: Duplex, endpoint: Endpoint): Promise<Client> {
  const client = new Client();
  const report = new HandshakeReport(endpoint, stream);
  const { hostKey } = endpoint;
  return new Promise((resolve, reject) => {
    const fail = (error?: Error): void => {
      client.destroy();
      reject(new Error(report.explain(error)));
    };
    client.on("error", fail);
    client.on("close", () => fail());
    client.on("ready", () => {
      client.removeAllListeners("close");
      client.removeAllListeners("error");
      client.on("error", () => undefined);
      resolve(client);
    });
    client.connect({
      sock: stream,
      username: endpoint.user,
      readyTimeout: 0,
      authHandler: authentication(endpoint, report),
      debug: (line) => report.notice(line),
      hostVerifier: (key: Buffer) => report.verified(hostKey === undefined || key.equals(hostKey.blob)),
      ...(hostKey === undefined ? {} : { algorithms: { serverHostKey: [hostKey.type as "ssh-ed25519"] } }),
    });
  });
}

/**
 * Which logins to try: none first, then the key, the password (also when asked for at a prompt) and the agent, in this
 * order, each kind once and only if the server names it.
 */
function authentication(endpoint: Endpoint, report: HandshakeReport): AuthHandlerMiddleware {
  const methods = configured(endpoint);
  return (left, _partial, next) => {
    const method =
      left === null ? undefined : methods.find(({ name }) => left.includes(name) && !report.tried.has(name));
    if (left !== null && !method) return next(false as unknown as AnyAuthMethod);
    report.tried.add(method?.name ?? "none");
    next(method?.attempt ?? { type: "none", username: endpoint.user });
  };
}

interface Login {
  name: "publickey" | "password" | "keyboard-interactive";
  attempt: AnyAuthMethod;
}

function configured({ user, privateKey, password, agentSocketPath }: Endpoint): Login[] {
  const username = user;
  const logins: Login[] = [];
  if (privateKey) logins.push({ name: "publickey", attempt: { type: "publickey", username, key: privateKey } });
  if (password !== undefined) {
    logins.push({ name: "password", attempt: { type: "password", username, password } });
    logins.push({
      name: "keyboard-interactive",
      attempt: {
        type: "keyboard-interactive",
        username,
        prompt: (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => password)),
      },
    });
  }
  if (agentSocketPath) logins.push({ name: "publickey", attempt: { type: "agent", username, agent: agentSocketPath } });
  return logins;
}
