import * as fs from "node:fs";
import * as path from "node:path";
import { login, makeImage, push, reference } from "../../rig/stack/images";
import { labUp, labVariable, onClient, succeeded } from "../../rig/stack/lab";
import { settle, withConfig } from "../../rig/stack/stack";
import { logLines } from "../../rig/stack/steady";
import { cpuOf } from "./processes";
import { type Constants, plan, requestsOf } from "./model";

const IMAGE = { layers: 8, mib: 64 };
const NODES = 24;
const AT_ONCE = 4;
/** The limits of the recipe, which the lab's node enforces. */
const REGISTRY_CORES = 0.1;
const REGISTRY_MIB = 100;
/** A prediction is good enough to plan by if it is not off by more than this factor. */
const FACTOR = 1.6;

/**
 * Pulls an image as so many nodes would, in the lab, and prints what the model says of it beside what was. False if a
 * figure is off by too much.
 */
export async function checkInLab(constants: Constants): Promise<boolean> {
  await labUp();
  await settle();
  try {
    const image = await makeImage("capacity", IMAGE.layers, (IMAGE.mib << 20) / IMAGE.layers);
    succeeded(await push(image, reference("bench/capacity"), await login("push")));
    return await withConfig({ "registry.resources.limits.cpu": String(REGISTRY_CORES) }, async () => {
      await settle();
      return report(await pulls(), constants);
    });
  } finally {
    await settle();
  }
}

interface Seen {
  seconds: number;
  gatewayCpu: number;
  registryCpu: number;
  requests: number;
}

async function pulls(): Promise<Seen> {
  const variables = await login("pull");
  const folder = fs.mkdtempSync(path.join(labVariable("LAB_DIR"), "capacity-"));
  const before = { nginx: cpuOf("nginx"), registry: cpuOf("registry"), lines: (await logLines(0)).length };
  const started = performance.now();
  let next = 0;
  const node = async (): Promise<void> => {
    for (let index = next++; index < NODES; index = next++) {
      const file = path.join(folder, String(index));
      succeeded(await onClient("crane", ["pull", reference("bench/capacity"), file], { env: variables }));
      fs.rmSync(file);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, node));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  return {
    seconds: (performance.now() - started) / 1000,
    gatewayCpu: cpuOf("nginx") - before.nginx,
    registryCpu: cpuOf("registry") - before.registry,
    requests: (await logLines(before.lines)).length,
  };
}

function report(seen: Seen, constants: Constants): boolean {
  const pulled = { nodes: NODES, atOnce: AT_ONCE, layers: IMAGE.layers, gib: IMAGE.mib / 1024, users: 1 };
  const lines = { gatewayGbit: 100, registryGbit: 100, redirect: false };
  const limits = { gatewayCores: 1, registryCores: REGISTRY_CORES, registryMib: REGISTRY_MIB };
  const predicted = plan({ ...pulled, ...lines, ...limits, minutes: seen.seconds / 60 }, constants);
  const wanted = (what: string): number => predicted.loads.find((load) => load.what === what)?.wanted ?? NaN;
  const rows: [string, number, number][] = [
    ["requests", NODES * requestsOf(IMAGE.layers), seen.requests],
    ["gateway CPU, s", wanted("gateway CPU"), seen.gatewayCpu],
    ["registry CPU, s", wanted("registry CPU"), seen.registryCpu],
    ["time, s", predicted.seconds, seen.seconds],
  ];
  console.log(
    `${NODES} pulls of ${IMAGE.layers} layers, ${IMAGE.mib} MiB, ${AT_ONCE} at once; registry limited to ${REGISTRY_CORES} CPU`,
  );
  console.log(`  the first to break, by the model: ${predicted.first.what}`);
  for (const [what, model, real] of rows) {
    const ratio = `ratio ${(real / model).toFixed(2)}`;
    console.log(
      `  ${what.padEnd(16)} model ${model.toFixed(2).padStart(8)}   real ${real.toFixed(2).padStart(8)}   ${ratio}`,
    );
  }
  console.log(`  (at most ${FACTOR} times more or less is wished)`);
  return rows.every(([, model, real]) => real / model <= FACTOR && real / model >= 1 / FACTOR);
}
