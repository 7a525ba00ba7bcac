import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, type Question } from "./https";
import { labVariable, onGateway, succeeded } from "./lab";
import { credentials } from "./images";

/** What a stream of requests met. */
export interface Steady {
  /** Requests that were answered as they should. */
  answered: number;
  /**
   * Of those, how many were sent again since nginx had just closed the idle connection (RFC 9110 section 9.2.2), as
   * docker does.
   */
  repeated: number;
  /** Everything else, a line each. */
  failures: string[];
  /** The same requests as the gateway's access log has them: how many by status. */
  logged: Map<number, number>;
  /** Answers of 500 and more in the log, whoever asked, a line each. */
  serverErrors: string[];
}

interface Kind {
  host: string;
  path: string;
  question: Question;
}

const PAUSE = 20;
const LOG = "/var/log/nginx/docker.access.log";
let streams = 0;

/** How a stream differs from the usual one. */
export interface SteadyOptions {
  /** True if the gateway's certificate may be of any CA. */
  anyCertificate?: boolean;
  /** True if the UI is not asked. */
  registryAlone?: boolean;
}

/**
 * Small authenticated requests to both names until told to stop: two clients on new connections, two that keep theirs.
 * @param image Repository and tag of an image that is there: "renewal/fixed:1".
 */
export async function askSteadily(
  image: string,
  options: SteadyOptions = {},
): Promise<{ stop: () => Promise<Steady> }> {
  const agentName = `steady-${process.pid}-${(streams += 1)}`;
  const before = (await logLines(0)).length;
  const state = { stopped: false };
  const found: Steady = { answered: 0, repeated: 0, failures: [], logged: new Map(), serverErrors: [] };
  const clients = [false, false, true, true].map((kept) =>
    client(kinds(image, agentName, options), kept, state, found),
  );
  return {
    stop: async () => {
      state.stopped = true;
      await Promise.all(clients);
      for (const line of await logLines(before)) {
        const [, code = "", agent] = /" (\d{3}) \d+ "-" "(.*)"$/.exec(line) ?? [];
        const status = Number(code);
        if (agent === agentName) found.logged.set(status, (found.logged.get(status) ?? 0) + 1);
        if (status >= 500) found.serverErrors.push(line);
      }
      return found;
    },
  };
}

/** The stream's figures on one line. */
export function figures({ answered, repeated, failures, logged, serverErrors }: Steady): string {
  const log = [...logged].map(([status, count]) => `${count} x ${status}`).join(", ");
  return `${answered} small requests answered (${repeated} sent again), ${failures.length} failed; in the gateway's log: ${log}, and ${serverErrors.length} answers of 5xx`;
}

function kinds(image: string, agentName: string, options: SteadyOptions): Kind[] {
  const [registry, ui] = [labVariable("LAB_REGISTRY_HOST"), labVariable("LAB_UI_HOST")];
  const headers = {
    "User-Agent": agentName,
    Accept: "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json",
  };
  const common = { headers, anyCertificate: options.anyCertificate === true, auth: credentials("push").auth };
  const manifest = `/v2/${image.replace(":", "/manifests/")}`;
  return [
    { host: registry, path: "/v2/", question: common },
    { host: registry, path: manifest, question: { ...common, method: "HEAD" } },
    ...(options.registryAlone
      ? []
      : [{ host: ui, path: "/", question: { ...common, auth: credentials("pull").auth } }]),
  ];
}

async function client(all: Kind[], kept: boolean, state: { stopped: boolean }, found: Steady): Promise<void> {
  const agent = kept ? new https.Agent({ keepAlive: true, maxSockets: 1 }) : undefined;
  for (let turn = 0; !state.stopped; turn += 1) {
    const kind = all[turn % all.length];
    if (kind) await one(kind, agent, found);
    await sleep(PAUSE);
  }
  agent?.destroy();
}

async function one({ host, path, question }: Kind, agent: https.Agent | undefined, found: Steady): Promise<void> {
  const what = `${new Date().toISOString()} ${question.method ?? "GET"} ${host}${path}`;
  const send = (over: Question): Promise<void> =>
    ask(host, path, { ...question, ...over }).then(({ status, body }) => {
      if (status === 200) found.answered += 1;
      else found.failures.push(`${what}: ${status} ${body.slice(0, 200)}`);
    });
  try {
    await send(agent ? { agent } : {});
  } catch (error) {
    const { message, reusedSocket } = error as Error & { reusedSocket?: boolean };
    if (!reusedSocket) return void found.failures.push(`${what}: ${message}`);
    found.repeated += 1;
    await send({}).catch((again: Error) => void found.failures.push(`${what}: ${again.message}`));
  }
}

/** The registry's access log on the gateway, without its first lines. */
export async function logLines(from: number): Promise<string[]> {
  const { stdout } = succeeded(await onGateway(`sudo -n tail -n +${from + 1} ${LOG}`));
  return stdout.split("\n").filter(Boolean);
}
