import { medianRatio, type Row, spread } from "../figure";
import { makeBlob, pull, push, type Server } from "../load";
import { nginxUse, type Stage } from "../stage";

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
  const cost = `${spread(
    cpu.map((seconds) => seconds * 1000),
    2,
  )} ms of nginx's CPU for a MiB`;
  return [
    {
      what: `${size}, gateway against direct`,
      value: medianRatio(of(gateway), of(direct)),
      atLeast: 0.88,
      detail: `${spread(of(gateway))} and ${spread(of(direct))} MiB/s (recipe ${spread(of(recipe))}); ${cost}`,
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

/** The same blob, pulled. */
export async function largePull(stage: Stage): Promise<Row[]> {
  const { gateway, recipe, least, direct, effort } = stage;
  const blob = makeBlob(stage.folder, "large", effort.largeMiB << 20);
  for (const server of [gateway, direct]) await push(server, "bench/pull", blob);
  const speeds = new Map<Server, number[]>([gateway, recipe, least, direct].map((server) => [server, []]));
  const cpu: number[] = [];
  for (let round = 0; round < effort.rounds; round++) {
    for (const [server, measured] of speeds) {
      const before = await nginxUse(stage.host);
      measured.push(effort.largeMiB / (await pull(server, "bench/pull", blob.digest)));
      if (server === gateway) cpu.push(((await nginxUse(stage.host)).cpu - before.cpu) / effort.largeMiB);
    }
  }
  const of = (server: Server): number[] => speeds.get(server) ?? [];
  const size = `${effort.largeMiB} MiB pull`;
  const against = (other: Server): string => `${spread(of(gateway))} and ${spread(of(other))} MiB/s`;
  const cost = `${spread(
    cpu.map((seconds) => seconds * 1000),
    2,
  )} ms of nginx's CPU for a MiB`;
  return [
    {
      what: `${size}, gateway against direct`,
      value: medianRatio(of(gateway), of(direct)),
      atLeast: 0.6,
      detail: `${against(direct)}; ${cost}`,
    },
    {
      what: `${size}, gateway against the recipe`,
      value: medianRatio(of(gateway), of(recipe)),
      atLeast: 1.1,
      detail: against(recipe),
    },
    {
      what: `${size}, the least that nginx can do against direct`,
      value: medianRatio(of(least), of(direct)),
      detail: `${spread(of(least))} and ${spread(of(direct))} MiB/s`,
    },
  ];
}
