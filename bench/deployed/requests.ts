import { makeBlob, pull, push, requestsPerSecond } from "../gateway/load";
import type { Measured, Stage } from "./stage";

const ROUNDS = 5;
const SECONDS = 3;
const MIB = 200;
const REPOSITORY = "bench/deployed";

/** One blob of 200 MiB, pushed and pulled by curl. */
export async function transfers({ server, folder }: Stage): Promise<Measured[]> {
  const pushes: number[] = [];
  const pulls: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const blob = makeBlob(folder, "layer", MIB << 20);
    pushes.push(MIB / (await push(server, REPOSITORY, blob)));
    pulls.push(MIB / (await pull(server, REPOSITORY, blob.digest)));
  }
  return [
    { what: `${MIB} MiB push`, unit: "MiB/s", values: pushes },
    { what: `${MIB} MiB pull`, unit: "MiB/s", values: pulls },
  ];
}

/** GETs of an image's config, 500 bytes, on 16 kept connections. */
export async function smallRequests({ server, folder }: Stage): Promise<Measured[]> {
  const blob = makeBlob(folder, "config", 500);
  await push(server, REPOSITORY, blob);
  const values: number[] = [];
  for (let round = 0; round < ROUNDS; round++)
    values.push(await requestsPerSecond(server, `/v2/${REPOSITORY}/blobs/${blob.digest}`, SECONDS));
  return [{ what: "small requests", unit: "a second", values }];
}
