import { setTimeout as sleep } from "node:timers/promises";
import { medianRatio, type Row, spread } from "../figure";
import { beside, makeBlob, pull, push, startUpload } from "../load";
import type { Stage } from "../stage";

const PULLS = 50;
/** 1 Mbit/s. */
const SLOWLY = 125_000;

/** 50 pulls at once, with a push beside them on a line of 1 Mbit/s and without it. */
export async function slowClient(stage: Stage): Promise<Row[]> {
  const { gateway, effort } = stage;
  const fast = makeBlob(stage.folder, "fast", 8 << 20);
  const slow = makeBlob(stage.folder, "slow", 64 << 20);
  await push(gateway, "bench/fast", fast);
  const speed = async (): Promise<number> => (PULLS * 8) / (await pull(gateway, "bench/fast", fast.digest, PULLS));
  const [alone, crowded]: [number[], number[]] = [[], []];
  for (let round = 0; round < effort.rounds; round++) {
    alone.push(await speed());
    const place = `${await startUpload(gateway, "bench/slow")}&digest=${slow.digest}`;
    const slowly = ["--limit-rate", `${SLOWLY}`, "-H", "Expect:", "-T", slow.file, place];
    crowded.push(
      await beside(gateway, slowly, async () => {
        await sleep(500);
        return speed();
      }),
    );
  }
  return [
    {
      what: `${PULLS} fast pulls beside a push of 1 Mbit/s, against without it`,
      value: medianRatio(crowded, alone),
      atLeast: 0.9,
      detail: `${spread(crowded)} and ${spread(alone)} MiB/s`,
    },
  ];
}
