/**
 * The registry as it comes up: figures of the lab's stack through its gateway, beside the same with the recipe's
 * resources, and beside the registry without a gateway: `npm run bench -- deployed`.
 *
 * The other gateway bench has a registry without limits on the same host; this one shows what users get. Everything
 * runs in the lab (it is brought up, and stays, with the resources that its stack has at the end).
 */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { DEBIAN_GROUPS, ensureDebianPackages } from "../../lab/programs/debian";
import { labUp, labVariable } from "../../rig/stack/lab";
import { settle, type Settings, withConfig } from "../../rig/stack/stack";
import { chosen } from "../chosen";
import { isKept, median, type Row, spread, table } from "../gateway/figure";
import { dockerImage } from "./docker-image";
import { memoryLimits } from "./memory";
import { smallRequests, transfers } from "./requests";
import { gateway, type Measure, type Measured, type Stage } from "./stage";

const FIGURES: Readonly<Record<string, Measure>> = { transfers, small: smallRequests, docker: dockerImage };
const RECIPE = { cpu: "100m", memory: "100Mi" };
const SIDES = ["requests", "limits"] as const;

/** Prints the figures; sets exit code 1 if the default is not better than the recipe's resources. */
export async function benchDeployed({ only }: { only?: string[] }): Promise<void> {
  const wanted = new Set(chosen({ ...FIGURES, memory: memoryLimits }, only).map(([name]) => name));
  const measures = Object.entries(FIGURES).flatMap(([name, measure]) => (wanted.has(name) ? [measure] : []));
  await ensureDebianPackages(DEBIAN_GROUPS.bench, (now) => console.error(now));
  await labUp();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "bench-"));
  try {
    const rows = await compare(measures, folder);
    if (rows.length > 0) console.log(table(rows));
    if (wanted.has("memory")) await memoryLimits();
    process.exitCode = rows.every(isKept) ? 0 : 1;
  } finally {
    fs.rmSync(folder, { recursive: true });
    await settle();
  }
}

async function compare(measures: readonly Measure[], folder: string): Promise<Row[]> {
  if (measures.length === 0) return [];
  const through = { server: gateway(), folder, byName: true };
  const node = { url: `https://${labVariable("LAB_NODE_IP")}:30299`, host: labVariable("LAB_REGISTRY_HOST") };
  const recipe = Object.fromEntries(
    SIDES.flatMap((side) => Object.entries(RECIPE).map(([of, amount]) => [`registry.resources.${side}.${of}`, amount])),
  );
  const all = async (settings: Settings, stage: Stage): Promise<Measured[]> =>
    withConfig(settings, async () => {
      await settle();
      const found: Measured[] = [];
      for (const measure of measures) found.push(...(await measure(stage)));
      return found;
    });
  const now = await all({}, through);
  const before = await all(recipe, through);
  const direct = await all({ "backend.requireClientCertificate": false }, { server: node, folder, byName: false });
  return now.map((figure) => rowOf(figure, find(before, figure), find(direct, figure)));
}

const find = (all: readonly Measured[], { what }: Measured): Measured | undefined =>
  all.find((each) => each.what === what);

function rowOf({ what, unit, values }: Measured, recipe: Measured | undefined, direct: Measured | undefined): Row {
  const digits = unit === "s" ? 2 : 0;
  const beside = [
    recipe && `with the recipe's resources ${spread(recipe.values, digits)} ${unit}`,
    direct && `without the gateway ${spread(direct.values, digits)} ${unit}`,
  ];
  const detail = [`${spread(values, digits)} ${unit}`, ...beside.filter(Boolean)].join("; ");
  const bound = recipe && (unit === "s" ? { atMost: median(recipe.values) } : { atLeast: median(recipe.values) });
  return { what, value: median(values), unit, ...bound, detail };
}
