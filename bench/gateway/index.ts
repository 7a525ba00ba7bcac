import { version2, version3 } from "../../rig/registry/process";
import { DEBIAN_GROUPS, ensureDebianPackages } from "../../lab/programs/debian";
import { chosen } from "../chosen";
import { isKept, type Row, table } from "./figure";
import { layers } from "./figures/layers";
import { releases } from "./figures/releases";
import { reloads } from "./figures/reloads";
import { slowClient } from "./figures/slow-client";
import { smallRequests } from "./figures/small";
import { tokens } from "./figures/tokens";
import { largePull, largePush } from "./figures/transfers";
import { FULL, QUICK, type Stage, startStage } from "./stage";

/** Every figure by its name for `--only`. */
export const FIGURES: Readonly<Record<string, (stage: Stage) => Promise<Row[]>>> = {
  small: smallRequests,
  push: largePush,
  pull: largePull,
  reloads,
  layers,
  releases,
  slow: slowClient,
  tokens,
};

/** Options of `npm run bench -- gateway`. */
export interface GatewayBenchOptions {
  only?: string[];
  quick?: boolean;
  registry: string;
}

/** Prints the figures of the gateway's speed; sets exit code 1 if one does not keep its bound. */
export async function benchGateway(options: GatewayBenchOptions): Promise<void> {
  const figures = wanted(options);
  await ensureDebianPackages(DEBIAN_GROUPS.bench, (now) => console.error(now));
  const stage = await startStage(options.quick ? QUICK : FULL, options.registry === "2" ? version2 : version3);
  const rows: Row[] = [];
  try {
    for (const [name, measure] of figures) {
      console.error(`measuring ${name} ...`);
      rows.push(...(await measure(stage)));
    }
  } finally {
    await stage.stop();
  }
  console.log(table(rows));
  process.exitCode = rows.every(isKept) ? 0 : 1;
}

function wanted({ only, registry }: GatewayBenchOptions): [string, (stage: Stage) => Promise<Row[]>][] {
  const figures = chosen(FIGURES, only);
  if (registry !== "2" && registry !== "3") throw new Error(`--registry must be 2 or 3, got ${registry}`);
  if (process.getuid?.() !== 0) throw new Error("a host of its own for nginx needs root; run this as root");
  return figures;
}
