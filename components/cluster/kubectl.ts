import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { oneLine } from "./last-lines";

/** By which cluster kubectl is asked. What is left out is kubectl's own. */
export interface ClusterAccess {
  /** A kubeconfig: its path, or what it holds. A secret. */
  kubeconfig?: string | undefined;
  /** Name of the context in it. */
  context?: string | undefined;
  /** Name of the cluster in it. */
  cluster?: string | undefined;
}

/** Why kubectl gave no answer. */
export class KubectlError extends Error {
  /**
   * @param kind `missing`: there is no kubectl; `not-found`: no such object; `refused`: the cluster does not let this
   *   user do it, which it will not in a moment either; `failed`: anything else, which may pass.
   */
  constructor(
    readonly kind: "missing" | "not-found" | "refused" | "failed",
    message: string,
  ) {
    super(message);
  }
}

/** Asks a cluster, and changes nothing. */
export interface Kubectl {
  /** The object that `kubectl get ... -o json` prints. Rejects with a `KubectlError`. */
  get<T>(...args: string[]): Promise<T>;
  /** What kubectl prints. Rejects with a `KubectlError`. */
  text(...args: string[]): Promise<string>;
}

/**
 * Gives a kubectl for a cluster to `work`. A kubeconfig that is no file is in one for that time, which only this user
 * may read.
 */
export async function withKubectl<T>(access: ClusterAccess, work: (kubectl: Kubectl) => Promise<T>): Promise<T> {
  const { kubeconfig, ...rest } = access;
  if (isContent(kubeconfig)) return withKubeconfigFile(kubeconfig, (file) => asked(file, dirname(file)));
  return asked(kubeconfig && expanded(kubeconfig));

  function asked(file: string | undefined, folder?: string): Promise<T> {
    const flags = kubectlFlags({ ...rest, kubeconfig: file });
    const text = (...args: string[]) => run([...flags, ...args, "--request-timeout=15s"], folder);
    return work({ text, get: async (...args) => JSON.parse(await text("get", ...args, "-o", "json")) as never });
  }
}

/** kubectl's flags for a cluster; its kubeconfig has to be a file. */
export function kubectlFlags({ kubeconfig, context, cluster }: ClusterAccess): string[] {
  const where = Object.entries({ kubeconfig, context, cluster });
  return where.flatMap(([name, value]) => (value ? [`--${name}`, value] : []));
}

/** Has a kubeconfig in a file while `work` runs, which only this user may read. */
export async function withKubeconfigFile<T>(content: string, work: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "private-registry-kubeconfig-"));
  try {
    const file = join(folder, "kubeconfig");
    writeFileSync(file, content, { mode: 0o600 });
    return await work(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As the provider tells one from the other. kubectl itself reads KUBECONFIG, which may be a list of files. */
function isContent(kubeconfig: string | undefined): kubeconfig is string {
  return kubeconfig !== undefined && kubeconfig !== "" && !existsSync(expanded(kubeconfig));
}

function expanded(path: string): string {
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
}

async function run(args: string[], folder: string | undefined): Promise<string> {
  try {
    const options = { maxBuffer: 64 << 20, timeout: 30_000 };
    return (await promisify(execFile)("kubectl", args, options)).stdout;
  } catch (error) {
    throw explained(error as { code?: unknown; killed?: boolean; stderr?: string }, folder);
  }
}

/** Only what kubectl says of an error is told, and not what it printed otherwise. */
function explained(
  { code, killed, stderr = "" }: { code?: unknown; killed?: boolean; stderr?: string },
  folder: string | undefined,
): KubectlError {
  if (code === "ENOENT") return new KubectlError("missing", "there is no program kubectl here");
  const last = oneLine(stderr.trim().split("\n").at(-1) ?? "");
  const words = folder === undefined ? last : last.replaceAll(folder, "");
  const said = words || (killed ? "it gave no answer within 30 s" : `it ended with ${String(code)}`);
  if (/\(NotFound\)/.test(stderr)) return new KubectlError("not-found", said);
  const refused = /\((Forbidden|Unauthorized)\)|must be logged in|Error in configuration|error loading config/i;
  return new KubectlError(refused.test(stderr) ? "refused" : "failed", said);
}
