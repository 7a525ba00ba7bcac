import { randomBytes, createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";

/** A server that is put under load, by its address on this machine. */
export interface Server {
  /** "https://127.0.0.1:20001". */
  url: string;
  /** The name that it serves. */
  host: string;
  /** "name:password". */
  auth?: string;
}

/** A file, and the digest by which a registry knows it. */
export interface Blob {
  file: string;
  digest: string;
}

/** Writes a file of random bytes. */
export function makeBlob(folder: string, name: string, bytes: number): Blob {
  const file = path.join(folder, name);
  const hash = createHash("sha256");
  const output = fs.openSync(file, "w");
  for (let left = bytes; left > 0; left -= 1 << 20) {
    const part = randomBytes(Math.min(left, 1 << 20));
    fs.writeSync(output, part);
    hash.update(part);
  }
  fs.closeSync(output);
  return { file, digest: `sha256:${hash.digest("hex")}` };
}

const CONNECTIONS = 16;

/**
 * GETs of one path by `wrk`, on 16 connections, which are kept unless that is said: how many a second. Fails if one is
 * not answered with 200.
 */
export async function requestsPerSecond(
  server: Server,
  target: string,
  seconds: number,
  { kept = true } = {},
): Promise<number> {
  const size = ["-t", "1", "-c", `${CONNECTIONS}`, "-d", `${seconds}s`, "--timeout", "20s"];
  const headers = [...headersOf(server), ...(kept ? [] : ["Connection: close"])];
  // By a script, which wrk reads once for each thread and once more: a password is in no argument list.
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "wrk-"));
  const script = path.join(folder, "headers.lua");
  const lines = headers.map((header) => `wrk.headers[${luaText(header, 0)}] = ${luaText(header, 1)}\n`);
  fs.writeFileSync(script, lines.join(""), { mode: 0o600 });
  const { stdout } = await execa("wrk", [...size, "-s", script, `${server.url}${target}`]).finally(() =>
    fs.rmSync(folder, { recursive: true }),
  );
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${server.url}${target} does not serve:\n${stdout}`);
  return Number(/Requests\/sec:\s*([\d.]+)/.exec(stdout)?.[1]);
}

/** Pulls a blob by curl, `times` of it at once, and says how long all took, in seconds. */
export async function pull(server: Server, repository: string, digest: string, times = 1): Promise<number> {
  const url = `${server.url}/v2/${repository}/blobs/${digest}`;
  const started = performance.now();
  await curl(server, atOnce(url, times));
  return (performance.now() - started) / 1000;
}

/** curl's arguments for as many GETs of an address at once, whose bodies are thrown away. */
export function atOnce(url: string, times: number): string[] {
  const targets = Array.from({ length: times }, () => ["-o", "/dev/null", url]).flat();
  return ["--parallel", "--parallel-immediate", "--parallel-max", `${times}`, ...targets];
}

/** Pulls a blob and checks its digest, as every client does; says how long that took, in seconds. */
export async function pullAndCheck(server: Server, repository: string, digest: string): Promise<number> {
  const started = performance.now();
  const words = [...CURL, `${server.url}/v2/${repository}/blobs/${digest}`];
  const script = ["-o", "pipefail", "-c", 'curl "$@" | openssl dgst -sha256 -r', "bash", ...words];
  const { stdout } = await execa("bash", script, { input: configOf(server) });
  if (!digest.endsWith(stdout.split(" ")[0] ?? "-"))
    throw new Error(`${server.url} served a blob other than ${digest}`);
  return (performance.now() - started) / 1000;
}

/**
 * Pushes a blob by curl, in one piece, and says how long that took, in seconds.
 * @param bytesPerSecond What the client's line takes; no limit by default.
 */
export async function push(server: Server, repository: string, blob: Blob, bytesPerSecond?: number): Promise<number> {
  const place = await startUpload(server, repository);
  const limit = bytesPerSecond === undefined ? [] : ["--limit-rate", `${bytesPerSecond}`];
  const type = ["-H", "Content-Type: application/octet-stream"];
  const started = performance.now();
  await curl(server, [...limit, ...type, "-H", "Expect:", "-T", blob.file, `${place}&digest=${blob.digest}`]);
  return (performance.now() - started) / 1000;
}

/** The place of a new upload, with its query; at the same server, whatever name and port the answer says. */
export async function startUpload(server: Server, repository: string): Promise<string> {
  const url = `${server.url}/v2/${repository}/blobs/uploads/`;
  const said = await curl(server, ["-X", "POST", "-d", "", "-o", "/dev/null", "-w", "%header{location}", url]);
  const { pathname, search } = new URL(said, server.url);
  return `${server.url}${pathname}${search}`;
}

/**
 * The suite that docker, containerd and crane ask for first, as all of Go; curl's own would be AES-256, which nginx
 * follows and the registry does not.
 */
const SUITE = ["--tls13-ciphers", "TLS_AES_128_GCM_SHA256", "--ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256"];
const CURL = ["-sSk", "--http1.1", "--fail", "--noproxy", "*", ...SUITE, "-K", "-"];

/** curl against a server; what it prints. Fails on every answer that is an error. */
export async function curl(server: Server, args: readonly string[], signal?: AbortSignal): Promise<string> {
  const options = { input: configOf(server), ...(signal ? { cancelSignal: signal } : {}) };
  return (await execa("curl", [...CURL, ...args], options)).stdout;
}

/** Does something while curl runs, which is then cut off. Fails if curl ended before by itself, whether well or not. */
export async function beside<T>(server: Server, args: readonly string[], work: () => Promise<T>): Promise<T> {
  const end = new AbortController();
  const through = (): never => {
    throw new Error("curl was through before that beside which it was to run");
  };
  const cutOff = (error: Error & { isCanceled?: boolean }): void => {
    if (error.isCanceled !== true) throw error;
  };
  const [done] = await Promise.all([
    work().finally(() => end.abort()),
    curl(server, args, end.signal).then(through, cutOff),
  ]);
  return done;
}

/** What curl reads on stdin: a password is in no argument list. */
function configOf(server: Server): string {
  return headersOf(server)
    .map((header) => `header = "${header.replace(/[\\"]/g, "\\$&")}"\n`)
    .join("");
}

/** Name or value of a header, as a text of Lua. */
function luaText(header: string, part: 0 | 1): string {
  const at = header.indexOf(": ");
  return JSON.stringify(part === 0 ? header.slice(0, at) : header.slice(at + 2));
}

function headersOf({ host, auth }: Server): string[] {
  const login = auth === undefined ? [] : [`Authorization: Basic ${Buffer.from(auth).toString("base64")}`];
  return [`Host: ${host}`, "Accept: */*", ...login];
}
