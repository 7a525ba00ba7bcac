import { once } from "node:events";
import { createServer } from "node:net";
import { gatewayInput } from "../../../rig/gateway/fixture";
import { behind, putBehind } from "../../../rig/gateway/before-registry";
import { freePorts } from "../../../rig/hosts/nginx-host";
import { median, type Row, spread } from "../figure";
import type { Stage } from "../stage";

/** How long a release takes on the host: applied, refused by nginx -t, and rolled back after the reload. */
export async function releases(stage: Stage): Promise<Row[]> {
  const { host, registry, effort } = stage;
  const [taken = 0] = await freePorts(1);
  const thief = createServer().listen(taken, "0.0.0.0");
  await once(thief, "listening");
  const failing = async (changes: Parameters<typeof gatewayInput>[0]): Promise<number> => {
    const base = { httpsPort: host.httpsPort, ...behind(registry) };
    const done = await host.activate("update", await gatewayInput({ ...base, ...changes }));
    if (done.code !== 1) throw new Error(`a release that can't be served ended with ${done.code}: ${done.stderr}`);
    return done.seconds;
  };
  const times = { applied: [] as number[], refused: [] as number[], rolledBack: [] as number[] };
  try {
    for (let round = 0; round < effort.rounds; round++) {
      times.applied.push(await putBehind(host, registry, { realm: `Applied ${round}` }));
      times.refused.push(await failing({ extraRegistryDirectives: "no_such 1;" }));
    }
    for (let round = 0; round < Math.ceil(effort.rounds / 3); round++)
      times.rolledBack.push(await failing({ httpsPort: taken }));
  } finally {
    thief.close();
  }
  const row = (what: string, seconds: number[], atMost: number): Row => ({
    what: `a release ${what}`,
    value: median(seconds),
    unit: "s",
    atMost,
    detail: `${spread(seconds, 2)} s`,
  });
  return [
    row("applied", times.applied, 1),
    row("refused by nginx -t", times.refused, 0.2),
    row("rolled back after the reload", times.rolledBack, 6),
  ];
}
