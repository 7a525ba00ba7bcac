import net from "node:net";
import { Duplex } from "node:stream";
import { Endpoint } from "./connection";

/** What the real plugin (Go) calls an error of the operating system. */
const SYSTEM_ERRORS: Record<string, string> = {
  ECONNREFUSED: "connection refused",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network is unreachable",
  ETIMEDOUT: "connection timed out",
  ECONNRESET: "connection reset by peer",
  EACCES: "permission denied",
};

/** A failed TCP connection in the real plugin's words: "dial tcp 10.0.0.1:22: connect: connection refused". */
export function dialError(error: NodeJS.ErrnoException, host: string): string {
  if (error.code === "ENOTFOUND") return `dial tcp: lookup ${host}: no such host`;
  if (error.code === "EAI_AGAIN") return `dial tcp: lookup ${host}: server misbehaving`;
  const single = (error instanceof AggregateError ? error.errors[0] : error) as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  return `dial tcp ${address(single.address, single.port)}: connect: ${systemError(single)}`;
}

function systemError(error: NodeJS.ErrnoException): string {
  return SYSTEM_ERRORS[error.code ?? ""] ?? error.message;
}

function address(host: string | undefined, port: number | undefined): string {
  return `${host && net.isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** Watches one handshake, and says in the real plugin's words why it failed. */
export class HandshakeReport {
  /** Logins that were tried, "none" included, in order. */
  readonly tried = new Set<string>();
  private mismatch = false;
  private offered = "";

  constructor(
    private readonly endpoint: Endpoint,
    private readonly stream: Duplex,
  ) {}

  /** Takes a line of `ssh2`'s own log: the one place where it tells which host key types the server has. */
  notice(line: string): void {
    this.offered = /\(remote\) Host key format: (.*)/.exec(line)?.[1] ?? this.offered;
  }

  /** Notes whether the host key was the pinned one, and hands that on. */
  verified(right: boolean): boolean {
    this.mismatch = !right;
    return right;
  }

  /** @param error What `ssh2` said, or nothing if the connection just ended. */
  explain(error?: Error & { code?: string; level?: string }): string {
    return `ssh: handshake failed: ${this.reason(error)}`;
  }

  private reason(error?: Error & { code?: string; level?: string }): string {
    if (this.mismatch) return "ssh: host key mismatch";
    if (error === undefined || error.message === "Connection lost before handshake") return "EOF";
    if (error.message.includes("no matching host key format")) return this.noCommonHostKey();
    if (error.level === "client-authentication") {
      const tried = [...this.tried].join(" ");
      return `ssh: unable to authenticate, attempted methods [${tried}], no supported methods remain`;
    }
    return error.code === undefined ? error.message : `${this.route()}${systemError(error)}`;
  }

  private noCommonHostKey(): string {
    const theirs = this.offered.split(",").join(" ");
    const ours = this.endpoint.hostKey?.type ?? "";
    return `ssh: no common algorithm for host key; we offered: [${ours}], peer offered: [${theirs}]`;
  }

  private route(): string {
    if (!(this.stream instanceof net.Socket)) return "";
    const { localAddress, localPort, remoteAddress, remotePort } = this.stream;
    if (remoteAddress === undefined) return "read: ";
    return `read tcp ${address(localAddress, localPort)}->${address(remoteAddress, remotePort)}: read: `;
  }
}
