import { cpuCost, medianRatio, type Row, spread } from "../figure";
import { makeBlob, push, requestsPerSecond, type Server } from "../load";
import { nginxUse, type Stage } from "../stage";

const REPOSITORY = "bench/small";

/** Small requests: GETs of an image's config, 500 bytes, as every pull asks for; 16 connections, kept. */
export async function smallRequests(stage: Stage): Promise<Row[]> {
  const { gateway, open, recipe, recipeNginx, recipeDirect, least, direct, effort } = stage;
  const blob = makeBlob(stage.folder, "config", 500);
  for (const server of [gateway, direct]) await push(server, REPOSITORY, blob);
  const target = `/v2/${REPOSITORY}/blobs/${blob.digest}`;
  const servers = [gateway, open, recipe, recipeNginx, recipeDirect, least, direct];
  const rates = new Map<Server, number[]>(servers.map((server) => [server, []]));
  const cpu: number[] = [];
  for (let round = 0; round < effort.rounds; round++) {
    for (const [server, measured] of rates) {
      const before = await nginxUse(stage.host);
      const rate = await requestsPerSecond(server, target, effort.seconds);
      measured.push(rate);
      if (server === gateway) cpu.push(((await nginxUse(stage.host)).cpu - before.cpu) / (rate * effort.seconds));
    }
  }
  const of = (server: Server): number[] => rates.get(server) ?? [];
  const against = (one: Server, other: Server): string => `${spread(of(one))} and ${spread(of(other))} a second`;
  return [
    {
      what: "small requests, with passwords (bcrypt 10) against without",
      value: medianRatio(of(gateway), of(open)),
      atLeast: 0.95,
      detail: against(gateway, open),
    },
    {
      what: "small requests, gateway against direct",
      value: medianRatio(of(gateway), of(direct)),
      atLeast: 0.88,
      detail: `${against(gateway, direct)}; ${cpuCost(cpu, "each")}`,
    },
    {
      what: "small requests, gateway against the recipe",
      value: medianRatio(of(gateway), of(recipe)),
      atLeast: 1.6,
      detail: against(gateway, recipe),
    },
    {
      what: "small requests, the least that nginx can do against direct",
      value: medianRatio(of(least), of(direct)),
      detail: against(least, direct),
    },
    {
      what: "small requests, gateway against the recipe's nginx before the same registry",
      value: medianRatio(of(gateway), of(recipeNginx)),
      detail: against(gateway, recipeNginx),
    },
    {
      what: "small requests, gateway against the recipe's registry directly",
      value: medianRatio(of(gateway), of(recipeDirect)),
      detail: against(gateway, recipeDirect),
    },
  ];
}
