import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa, type ResultPromise } from "execa";
import { which } from "../../lab/programs/path";
import { digestOf, RegistryProcess, type RegistryVersion, version2 } from "../../rig/registry/process";

const SCRIPTS = path.join(__dirname, "../../components/registry/backup");
const NAMES = /^\d{8}T\d{6}Z$/;

/** How a script ended, and all that it printed. */
export interface Ended {
  exitCode?: number | undefined;
  all: string;
}

/**
 * The scripts of backup and restore, run by the shell and the tools of the registry's images, and registries of whose
 * stores they make snapshots.
 */
export class BackupScripts {
  private folder = "";
  private readonly running: RegistryProcess[] = [];

  async prepare(): Promise<void> {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), "backup-"));
    fs.mkdirSync(this.bin);
    await execa("busybox", ["--install", "-s", this.bin]);
    const flock = path.join(this.bin, "flock"); // Debian's BusyBox has none, Alpine's has
    if (!fs.existsSync(flock)) fs.symlinkSync(which("flock") ?? "/usr/bin/flock", flock);
  }

  /** The folder with the tools. */
  get bin(): string {
    return path.join(this.folder, "bin");
  }

  remove(): void {
    fs.rmSync(this.folder, { recursive: true });
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.splice(0).map((registry) => registry.remove()));
  }

  async start(version: RegistryVersion = version2): Promise<RegistryProcess> {
    const registry = await RegistryProcess.prepare(version, { registry: { deleteEnabled: true } });
    this.running.push(registry);
    await registry.start();
    return registry;
  }

  /** An empty folder, for images or for snapshots. */
  empty(): string {
    return fs.mkdtempSync(path.join(this.folder, "volume-"));
  }

  backup(from: string, into: string, more: Record<string, string> = {}): Promise<Ended> {
    return this.run("backup.sh", { IMAGES: from, BACKUPS: into, KEEP: "7", ...more });
  }

  restore(from: string, into: string, snapshot = "latest", more: Record<string, string> = {}): Promise<Ended> {
    return this.run("restore.sh", { IMAGES: into, BACKUPS: from, SNAPSHOT: snapshot, ...more });
  }

  /** A drill of the newest snapshot, which leaves nothing in its scratch. */
  async drill(from: string, more: Record<string, string> = {}): Promise<Ended> {
    const { SCRATCH = this.empty() } = more;
    const ended = await this.run("drill.sh", { BACKUPS: from, SPARE: "0", ...more, SCRATCH });
    assert.deepEqual(fs.readdirSync(SCRATCH), [], ended.all);
    return ended;
  }

  async run(file: string, env: Record<string, string>): Promise<Ended> {
    const { exitCode, all } = await this.begin(file, env);
    return { exitCode, all: String(all) };
  }

  /** The same, still running. */
  begin(file: string, env: Record<string, string>): ResultPromise {
    const options = { env: { PATH: this.bin, ...env }, extendEnv: false, reject: false, all: true } as const;
    return execa("sh", [path.join(SCRIPTS, file)], { ...options, preferLocal: false }) as ResultPromise;
  }

  /** A snapshot, which has to be a good one; the next one is at least a second later. */
  async good(from: string, into: string, more: Record<string, string> = {}): Promise<string> {
    const { exitCode, all } = await this.backup(from, into, more);
    assert.equal(exitCode, 0, all);
    return nextSecond(into);
  }

  /** A snapshot that has to be marked, for this reason. */
  async suspect(from: string, into: string, why: RegExp, more: Record<string, string> = {}): Promise<string> {
    const { exitCode, all } = await this.backup(from, into, more);
    assert.equal(exitCode, 1, all);
    assert.match(all, why);
    assert.doesNotMatch(all, /removed snapshot/);
    return nextSecond(into);
  }
}

async function nextSecond(into: string): Promise<string> {
  await new Promise((next) => setTimeout(next, 1100)); // a snapshot is named by its second
  return snapshots(into).at(-1) ?? "";
}

export function snapshots(into: string): string[] {
  return fs
    .readdirSync(into)
    .filter((name) => NAMES.test(name))
    .sort();
}

/** Where a registry has its images. */
export const images = (registry: RegistryProcess): string => path.join(registry.folder, "images");

/** The store in a folder of images, or in a snapshot. */
export const storeOf = (folder: string): string => path.join(folder, "docker/registry/v2");

/** The file of a blob. */
export function blobFile(folder: string, digest: string): string {
  const hex = digest.replace(/^sha256:/, "");
  return path.join(storeOf(folder), "blobs/sha256", hex.slice(0, 2), hex, "data");
}

/** The link of a tag. */
export function tagLink(folder: string, repository: string, tag: string): string {
  return path.join(storeOf(folder), "repositories", repository, "_manifests/tags", tag, "current/link");
}

/**
 * A blob (kind `_layers`) or manifest (`_manifests/revisions`), written as the registry would have: for what it does
 * not take.
 */
export function putByHand(folder: string, repository: string, body: Buffer, kind: string): string {
  const digest = digestOf(body);
  const link = path.join(storeOf(folder), "repositories", repository, kind, digest.replace(":", "/"), "link");
  for (const [file, content] of [
    [blobFile(folder, digest), body],
    [link, digest],
  ] as const) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  }
  return digest;
}

/** A tag, likewise. */
export function tagByHand(folder: string, repository: string, tag: string, digest: string): void {
  const link = tagLink(folder, repository, tag);
  fs.mkdirSync(path.dirname(link), { recursive: true });
  fs.writeFileSync(link, digest);
}
