import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CronJob } from "@pulumi/kubernetes/batch/v1/cronJob";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import * as pulumi from "@pulumi/pulumi";
import type { BackupParts } from "./check";
import { type BackedUpPod, type JobParts, jobSpec, type Place, podSpec } from "./job";
import { jobMetadata } from "../identity";

/** A schedule for what only a person starts. Nothing runs by it: its job is suspended. */
const NEVER = "0 0 1 1 *";
/** A drill that takes longer has been forgotten by its storage, and would keep the next ones from running. */
const DRILL_SECONDS = 86_400;

/**
 * The job that makes snapshots on a schedule, and two more. One puts a snapshot back and is there to be started by
 * hand, so it is suspended. The other, the drill, proves that the newest snapshot can be put back.
 */
export function createBackup(name: string, input: BackedUpPod, backup: BackupParts, parent: pulumi.Resource): void {
  const { namespace } = input;
  const title = (of: string) => ({ name: pulumi.interpolate`${input.name}-${of}`, namespace });
  const scripts = new ConfigMap(`${name}-backup`, { metadata: title("backup"), data: files() }, { parent });
  const metadata = jobMetadata(input.scheduling);
  const pod = (parts: Omit<JobParts, "scripts">) => ({
    metadata,
    spec: podSpec(input, backup, { ...parts, scripts: scripts.metadata.name }),
  });
  const making = jobSpec(backup.schedule, pod(backingUp(input, backup)));
  new CronJob(`${name}-backup`, { metadata: title("backup"), spec: making }, { parent });
  const restoring = { ...jobSpec(NEVER, pod(puttingBack(input, backup))), suspend: true };
  new CronJob(`${name}-restore`, { metadata: title("restore"), spec: restoring }, { parent });
  const { schedule } = backup.drill;
  const drilling = jobSpec(schedule ?? NEVER, pod(proving(backup)), DRILL_SECONDS);
  const spec = { ...drilling, suspend: schedule === undefined };
  new CronJob(`${name}-drill`, { metadata: title("drill"), spec }, { parent });
}

function backingUp(input: BackedUpPod, backup: BackupParts): Omit<JobParts, "scripts"> {
  return {
    file: "backup.sh",
    variables: { KEEP: pulumi.interpolate`${backup.keep}`, LOSSES: "refused" },
    places: [...images(input, true), snapshots(backup, false)],
    asRoot: backup.onNode,
  };
}

function puttingBack(input: BackedUpPod, backup: BackupParts): Omit<JobParts, "scripts"> {
  const places = [...images(input, false), snapshots(backup, true)];
  return { file: "restore.sh", variables: { SNAPSHOT: "latest" }, places, asRoot: false };
}

/** It has no volume of the registry's: nothing that it does wrong can reach an image. */
function proving(backup: BackupParts): Omit<JobParts, "scripts"> {
  const { volume, claimed, sparePercent } = backup.drill;
  const scratch = { variable: "SCRATCH", path: "/scratch", volume, readOnly: false, claimed };
  const variables = { SPARE: String(sparePercent) };
  return { file: "drill.sh", variables, places: [snapshots(backup, true), scratch], asRoot: false };
}

function images({ storage }: BackedUpPod, readOnly: boolean): Place[] {
  const { volume, claimed } = storage;
  return volume ? [{ variable: "IMAGES", path: "/images", volume, readOnly, claimed }] : [];
}

function snapshots({ volume, onNode }: BackupParts, readOnly: boolean): Place {
  return { variable: "BACKUPS", path: "/backups", volume, readOnly, claimed: !onNode };
}

/** The scripts and what they read, by name. */
function files(): Record<string, string> {
  const scripts = readdirSync(__dirname).filter((file) => /\.(sh|awk)$/.test(file));
  return Object.fromEntries(scripts.map((file) => [file, readFileSync(join(__dirname, file), "utf8")]));
}
