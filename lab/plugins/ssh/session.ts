import { constants } from "node:os";
import { Client, ClientChannel } from "ssh2";
import { Log } from "../protocol/resource";
import { LineLog } from "./line-log";

/** One command to run. */
export interface Run {
  command: string;
  /** Variables that the server must accept. */
  environment: Record<string, string>;
  /** Variables that the server may refuse: that is a warning. */
  optionalEnvironment: Record<string, string>;
  stdin: string;
  /** Which of the streams the log shows, line by line. */
  logStdout: boolean;
  logStderr: boolean;
}

/** What a command printed, without the last line break. */
export interface Printed {
  stdout: string;
  stderr: string;
}

/** The parts of `ssh2` behind its public face that setting a variable with an answer needs. */
interface Internals {
  _protocol: {
    env(channel: number, name: string, value: string, wantReply: boolean): void;
    exec(channel: number, command: string, wantReply: boolean): void;
  };
  _chanMgr: { _channels: Record<string, Channel | (() => void)> };
}
interface Channel {
  outgoing: { id: number };
  _callbacks: ((refused: boolean) => void)[];
}

/** Runs a command. Throws with the real plugin's message, which holds the command and everything that it printed. */
export async function run(client: Client, task: Run, log: Log): Promise<Printed> {
  const channel = await start(client, task, log);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const both: Buffer[] = [];
  const lines = new LineLog(log);
  const collect = (into: Buffer[], shown: boolean) => (chunk: Buffer) => {
    into.push(chunk);
    both.push(chunk);
    if (shown) lines.write(chunk);
  };
  channel.on("data", collect(stdout, task.logStdout));
  channel.stderr.on("data", collect(stderr, task.logStderr));
  const problem = await finish(channel, task.stdin);
  lines.end();
  if (problem !== undefined) {
    throw new Error(`${problem}: running ${quote(task.command)}:\n${Buffer.concat(both).toString()}`);
  }
  return { stdout: trimmed(stdout), stderr: trimmed(stderr) };
}

/**
 * Starts the command once the server has said yes to its variables, one after the other. The public `exec` sends them
 * without waiting for an answer, so that a refused variable would go unnoticed.
 */
async function start(client: Client, task: Run, log: Log): Promise<ClientChannel> {
  const { _protocol: protocol, _chanMgr: channels } = client as unknown as Internals;
  const send = protocol.exec.bind(protocol);
  return new Promise((resolve, reject) => {
    protocol.exec = (id, command, wantReply) => {
      const channel = Object.values(channels._channels).find(
        (each): each is Channel => typeof each === "object" && each.outgoing.id === id,
      );
      if (!channel) return send(id, command, wantReply);
      const waiting = channel._callbacks.splice(0);
      const set = (name: string, value: string): Promise<boolean> =>
        new Promise((answer) => {
          channel._callbacks.push((refused) => answer(!refused));
          protocol.env(id, name, value, true);
        });
      setVariables(task, set, log).then(() => {
        channel._callbacks.push(...waiting);
        send(id, command, wantReply);
      }, reject);
    };
    client.exec(task.command, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

async function setVariables(
  { environment, optionalEnvironment }: Run,
  set: (name: string, value: string) => Promise<boolean>,
  log: Log,
): Promise<void> {
  for (const [name, value] of Object.entries(environment)) {
    if (await set(name, value)) continue;
    log.error(refusal(name));
    throw new Error(`could not set environment variable "${name}": ssh: setenv failed`);
  }
  for (const [name, value] of Object.entries(optionalEnvironment)) {
    if (!(await set(name, value))) log.warning(refusal(name));
  }
}

function refusal(name: string): string {
  return (
    `Unable to set '${name}'. This only works if your SSH server is configured to accept\n` +
    "\tthese variables via AcceptEnv. Alternatively, if a Bash-like shell runs the command on the remote host, you could\n" +
    "\tprefix the command itself with the variables in the form 'VAR=value command'"
  );
}

/** Feeds the command and waits for its end; gives what went wrong, if anything did. */
function finish(channel: ClientChannel, stdin: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let ending = "wait: remote command exited without exit status or exit signal";
    let fed = false;
    channel.on("exit", (code: number | null, signal?: string, _dump?: string, reason?: string) => {
      ending = exitText(code, signal, reason);
    });
    channel.on("finish", () => (fed = true));
    channel.on("error", () => undefined);
    // Input that was never read fails a command that succeeded: the real plugin reports the end of its copying.
    channel.on("close", () => resolve(ending !== "" ? ending : fed ? undefined : "EOF"));
    channel.end(stdin);
  });
}

/** "" for success. A signal counts as 128 and its number, as in a shell. */
function exitText(code: number | null, signal?: string, reason?: string): string {
  if (code === 0) return "";
  if (code !== null) return `Process exited with status ${code}`;
  const status = 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
  const why = reason ? `. Reason was: ${reason}` : "";
  return `Process exited with status ${status} from signal ${signal?.replace(/^SIG/, "")}${why}`;
}

function trimmed(chunks: Buffer[]): string {
  return Buffer.concat(chunks).toString().replace(/\n$/, "");
}

/** A text in double quotes as Go writes it. */
export function quote(text: string): string {
  const short: Record<string, string> = { "\u0007": "\\a", "\u000b": "\\v" };
  return JSON.stringify(text).replace(/\\u00([0-9a-f]{2})/g, (_match, hex: string) => {
    return short[String.fromCharCode(parseInt(hex, 16))] ?? `\\x${hex}`;
  });
}
