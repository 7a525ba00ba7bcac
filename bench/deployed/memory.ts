import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { registryPods, settle, withConfig } from "../../rig/stack/stack";
import { curl, makeBlob, push, type Server } from "../gateway/load";
import { gateway } from "./stage";

const PULLS = 64;
const LAYERS = 4;
const LAYER_MIB = 50;
const ROUNDS = 3;
const LIMITS = ["256Mi", "512Mi", "768Mi", "1Gi", "1280Mi", "1536Mi", "2Gi"];
const REPOSITORY = "bench/memory";

/**
 * Prints under which limits of memory the registry lives through 64 pulls at once of an image of 200 MiB in 4 layers,
 * all layers of all pulls at one time, three times: by this the default limit was found.
 */
export async function memoryLimits(): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "bench-"));
  const server = gateway();
  try {
    const layers: string[] = [];
    for (let each = 0; each < LAYERS; each++) {
      const blob = makeBlob(folder, `layer-${each}`, LAYER_MIB << 20);
      await push(server, REPOSITORY, blob);
      layers.push(`${server.url}/v2/${REPOSITORY}/blobs/${blob.digest}`);
    }
    console.log(`${PULLS} pulls at once of ${LAYERS} layers of ${LAYER_MIB} MiB, ${ROUNDS} times, by limit of memory:`);
    for (const limit of LIMITS)
      await withConfig({ "registry.resources.limits.memory": limit }, async () => {
        await settle();
        console.log(`  ${limit.padStart(7)}  ${await outcome(server, layers)}`);
      });
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

async function outcome(server: Server, layers: readonly string[]): Promise<string> {
  const before = await restarts();
  const targets = Array.from({ length: PULLS }, () => layers.flatMap((url) => ["-o", "/dev/null", url])).flat();
  const atOnce = ["--parallel", "--parallel-immediate", "--parallel-max", `${PULLS * LAYERS}`];
  // At a pace at which all of them are still running while the last ones begin.
  const pace = ["--limit-rate", "3M", "--max-time", "120"];
  let failed = 0;
  for (let round = 0; round < ROUNDS; round++)
    await curl(server, [...atOnce, ...pace, ...targets]).catch(() => failed++);
  const killed = (await restarts()) - before;
  return killed > 0 ? `killed ${killed} times, ${failed} rounds failed` : `not killed, ${failed} rounds failed`;
}

async function restarts(): Promise<number> {
  const all = (await registryPods()).flatMap(({ status }) => status.containerStatuses ?? []);
  return all.reduce((sum, { restartCount }) => sum + restartCount, 0);
}
