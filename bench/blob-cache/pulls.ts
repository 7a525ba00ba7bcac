import { medianRatio, type Row, spread } from "../gateway/figure";
import { type Blob, pull, type Server } from "../gateway/load";
import { type CacheStage, cold, mount, type Side } from "./stage";

/** Where a bench's blob is first. */
export const FROM = "bench/blob";

/** A blob asked for again: warm and cold, by one client and by eight. */
export async function repeated(stage: CacheStage, side: Side, blob: Blob): Promise<Row[]> {
  await pull(side.cached, FROM, blob.digest);
  const rows: Row[] = [];
  for (const clients of [1, 8]) {
    for (const isCold of [false, true]) rows.push(...(await again(stage, side, blob, clients, isCold)));
  }
  return rows;
}

async function again(stage: CacheStage, side: Side, blob: Blob, clients: number, isCold: boolean): Promise<Row[]> {
  const { plain, cached } = side;
  const speeds = new Map<Server, number[]>([cached, plain, stage.direct].map((server) => [server, []]));
  for (let round = 0; round < stage.effort.rounds; round++) {
    for (const [server, measured] of speeds) {
      if (isCold) cold();
      measured.push((clients * stage.effort.largeMiB) / (await pull(server, FROM, blob.digest, clients)));
    }
  }
  const of = (server: Server): number[] => speeds.get(server) ?? [];
  const who = `${clients === 1 ? "1 client" : `${clients} clients`}, ${isCold ? "cold" : "warm"}`;
  const what = `${side.nginx}: ${stage.effort.largeMiB} MiB again, ${who}`;
  const against = (other: Server): Pick<Row, "value" | "detail"> => ({
    value: medianRatio(of(cached), of(other)),
    detail: `${spread(of(cached))} and ${spread(of(other))} MiB/s`,
  });
  return [
    { what: `${what}: against no cache`, atLeast: 1.8, ...against(plain) },
    { what: `${what}: against the registry itself`, atLeast: 1.2, ...against(stage.direct) },
  ];
}

/** The first pull of a blob, which the gateway stores meanwhile. */
export async function first(stage: CacheStage, side: Side, blob: Blob): Promise<Row[]> {
  const rows: Row[] = [];
  for (const clients of [1, 8]) {
    const [stored, passed]: [number[], number[]] = [[], []];
    for (let round = 0; round < stage.effort.rounds; round++) {
      const to = `bench/first-${clients}-${round}`;
      await mount(side.plain, blob.digest, FROM, to);
      passed.push(await pull(side.plain, to, blob.digest, clients));
      stored.push(await pull(side.cached, to, blob.digest, clients));
    }
    rows.push({
      what: `${side.nginx}: ${stage.effort.largeMiB} MiB for the first time, ${clients} at once: time against no cache`,
      value: medianRatio(stored, passed),
      atMost: 1.1,
      detail: `${spread(stored, 2)} and ${spread(passed, 2)} s`,
    });
  }
  return rows;
}
