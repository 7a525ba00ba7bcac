import { DEBIAN_GROUPS, ensureDebianPackages } from "../../lab/programs/debian";
import { chosen } from "../chosen";
import { isKept, type Row, table } from "../gateway/figure";
import { makeBlob, push } from "../gateway/load";
import { FULL, QUICK } from "../gateway/stage";
import { first, FROM, repeated } from "./pulls";
import { type CacheStage, type Side, startCacheStage } from "./stage";
import { lastPart, together, underReloads } from "./together";

type Figure = (stage: CacheStage, side: Side, quick: boolean) => Promise<Row[]>;

const large: (measure: typeof repeated) => Figure = (measure) => async (stage, side) =>
  measure(stage, side, await pushed(stage, side, stage.effort.largeMiB));

const huge: (measure: typeof together) => Figure = (measure) => async (stage, side, quick) => {
  const gib = quick ? 0.125 : 1;
  return measure(stage, side, await pushed(stage, side, gib * 1024), gib);
};

/** Every figure by its name for `--only`. */
export const CACHE_FIGURES: Readonly<Record<string, Figure>> = {
  repeated: large(repeated),
  first: large(first),
  together: huge(together),
  part: huge(lastPart),
  reloads: async (stage, side) => underReloads(stage, side, await pushed(stage, side, 6)),
};

/** Prints what a gateway's cache of blobs is worth; sets exit code 1 if a figure does not keep its bound. */
export async function benchBlobCache(options: { only?: string[]; quick?: boolean }): Promise<void> {
  const figures = chosen(CACHE_FIGURES, options.only);
  if (process.getuid?.() !== 0) throw new Error("a host of its own for nginx needs root; run this as root");
  await ensureDebianPackages(DEBIAN_GROUPS.bench, (now) => console.error(now));
  const stage = await startCacheStage(options.quick ? QUICK : FULL);
  const rows: Row[] = [];
  try {
    for (const side of stage.sides) {
      for (const [name, measure] of figures) {
        console.error(`measuring ${name} on ${side.nginx} ...`);
        rows.push(...(await measure(stage, side, options.quick ?? false)));
      }
    }
  } finally {
    await stage.stop();
  }
  console.log(table(rows));
  process.exitCode = rows.every(isKept) ? 0 : 1;
}

/** A new blob in the registry behind the gateways, and in the one without. */
async function pushed({ folder, direct }: CacheStage, { plain }: Side, mib: number) {
  const blob = makeBlob(folder, "blob", mib * 2 ** 20);
  for (const server of [plain, direct]) await push(server, FROM, blob);
  return blob;
}
