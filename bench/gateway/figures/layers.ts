import * as path from "node:path";
import { execa } from "execa";
import { ensurePrograms } from "../../../lab/programs";
import { makeRandomImage } from "../../../lab/start/random-image";
import * as fs from "node:fs";
import { certificates, REGISTRY } from "../../../rig/gateway/fixture";
import { apr1File, bcryptFile, PUSHER, putBehind } from "../../../rig/gateway/before-registry";
import { medianRatio, type Row, spread } from "../figure";
import { curl } from "../load";
import type { Stage } from "../stage";

const LAYERS = 20;

/**
 * A push of 20 layers by crane. The gateway's memory is empty each time, since its users have just changed; a login
 * comes before the push, as docker's does, and then the push finds its password remembered. A push without one is shown
 * beside.
 */
export async function layers(stage: Stage): Promise<Row[]> {
  const { crane } = await ensurePrograms(["crane"], (now) => console.error(now));
  const folder = path.join(stage.folder, "image");
  const image = await makeRandomImage({ crane, folder, name: "bench/layers", layers: LAYERS, bytesPerLayer: 1 << 18 });
  fs.writeFileSync(path.join(stage.folder, "ca.pem"), certificates().ca.cert);
  const files = { apr1: await apr1File(), bcrypt: await bcryptFile(10) };
  const times = { apr1: [] as number[], bcrypt: [] as number[], cold: [] as number[] };
  for (let round = 0; round < stage.effort.rounds; round++) {
    for (const kind of ["apr1", "bcrypt", "cold"] as const) {
      const userFile = files[kind === "apr1" ? "apr1" : "bcrypt"];
      await putBehind(stage.host, stage.registry, { userFile, realm: `${kind}, round ${round}` });
      if (kind !== "cold") await curl(stage.gateway, ["-o", "/dev/null", `${stage.gateway.url}/v2/`]);
      times[kind].push(await pushImage(stage, crane, image, `bench/layers-${kind}-${round}`));
    }
  }
  await putBehind(stage.host, stage.registry, { userFile: files.bcrypt });
  return [
    {
      what: `${LAYERS}-layer push, bcrypt 10 against apr1`,
      value: medianRatio(times.bcrypt, times.apr1),
      atMost: 1.1,
      detail: `${spread(times.bcrypt, 2)} and ${spread(times.apr1, 2)} s; without a login before it ${spread(times.cold, 2)} s`,
    },
  ];
}

/** Seconds of one push, on the gateway's host, where the registry's name is this machine. */
async function pushImage(stage: Stage, crane: string, image: string, repository: string): Promise<number> {
  const config = fs.mkdtempSync(path.join(stage.folder, "docker-"));
  const registry = `${REGISTRY}:${stage.host.httpsPort}`;
  const auth = Buffer.from(PUSHER ?? "").toString("base64");
  fs.writeFileSync(path.join(config, "config.json"), JSON.stringify({ auths: { [registry]: { auth } } }));
  const [program = "", ...prefix] = stage.host.prefix();
  const env = { DOCKER_CONFIG: config, SSL_CERT_FILE: path.join(stage.folder, "ca.pem"), NO_PROXY: "*" };
  const started = performance.now();
  await execa(program, [...prefix, crane, "push", image, `${registry}/${repository}:1`], { env });
  return (performance.now() - started) / 1000;
}
