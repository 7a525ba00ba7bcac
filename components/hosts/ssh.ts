import type { ConnectConfig } from "ssh2";
import { remoteCommand, type Verb } from "./release";

/** How a host is reached. */
export interface SshTarget {
  /** What the host is called in errors. */
  name: string;
  host: string;
  port: number;
  user: string;
  privateKey: string;
  /** The only key that is taken: "ssh-ed25519 AAAA...". */
  hostKey: string;
}

/** How a command on a host ended. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs the host's program over SSH, as Pulumi does. Rejects if the host can't be reached within 15 s, is not the one
 * whose key is pinned, or stops answering.
 */
export async function onHost(to: SshTarget, verb: Verb, input: string): Promise<Ended> {
  // Only where it is needed: it takes a while to load, and every program of a stack imports this file.
  const { Client } = await import("ssh2");
  const pinned = Buffer.from(to.hostKey.split(" ")[1] ?? "", "base64");
  const algorithm = (to.hostKey.split(" ")[0] ?? "") as "ssh-ed25519";
  const options: ConnectConfig = {
    host: to.host,
    port: to.port,
    username: to.user,
    privateKey: to.privateKey,
    readyTimeout: 15_000,
    keepaliveInterval: 5000,
    keepaliveCountMax: 4,
    algorithms: { serverHostKey: [algorithm] },
    hostVerifier: (key: Buffer) => pinned.length > 0 && key.equals(pinned),
  };
  return new Promise((resolve, reject) => {
    const client = new Client();
    const fail = (error: Error): void => reject(new Error(`${to.name}: ${to.host}:${to.port}: ${error.message}`));
    client.on("error", fail);
    client.on("ready", () =>
      client.exec(remoteCommand(verb), (error, channel) => {
        if (error) return fail(error);
        let [stdout, stderr] = ["", ""];
        channel.on("data", (text: Buffer) => (stdout += text.toString()));
        channel.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
        channel.on("close", (code: number | null) => {
          client.end();
          resolve({ code: code ?? 128, stdout, stderr });
        });
        channel.end(input);
      }),
    );
    client.connect(options);
  });
}

/** What to say of a command that ended without the word that it has done its work, and without a reason. */
export function notDone(code: number, where: "host" | "node"): string {
  return (
    `the SSH command ended with ${code} without having done its work; see the SSH user's login shell (getent passwd) ` +
    `and a command= in its authorized_keys on the ${where}`
  );
}
