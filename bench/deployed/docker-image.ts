import { startDocker, stopDocker } from "../../lab/hosts";
import { labOf } from "../../lab/lab";
import { docker } from "../../rig/stack/clients";
import { credentials, makeImage, reference } from "../../rig/stack/images";
import { succeeded } from "../../rig/stack/lab";
import type { Measured, Stage } from "./stage";

const ROUNDS = 3;
const LAYERS = 20;
const BYTES = 1 << 20;

/**
 * An image of 20 layers of 1 MiB, pushed and pulled by docker. Its daemon finds the registry by its name, so only
 * through the gateway.
 */
export async function dockerImage({ byName }: Stage): Promise<Measured[]> {
  if (!byName) return [];
  await startDocker(labOf());
  const client = docker();
  const pushes: number[] = [];
  const pulls: number[] = [];
  try {
    succeeded(await client.login(credentials("push")));
    for (let round = 0; round < ROUNDS; round++) {
      const target = reference(`bench/docker-${Date.now()}`);
      const loaded = succeeded(await client.run("load", "--input", (await makeImage("docker", LAYERS, BYTES)).file));
      const id = /Loaded image(?: ID)?: (\S+)/.exec(loaded.stdout)?.[1] ?? "";
      succeeded(await client.run("tag", id, target));
      pushes.push(await seconds(async () => succeeded(await client.run("push", target))));
      succeeded(await client.run("rmi", "--force", target, id));
      pulls.push(await seconds(async () => succeeded(await client.run("pull", target))));
      succeeded(await client.run("rmi", "--force", target));
    }
  } finally {
    await stopDocker(labOf());
  }
  return [
    { what: `${LAYERS} layers, docker push`, unit: "s", values: pushes },
    { what: `${LAYERS} layers, docker pull`, unit: "s", values: pulls },
  ];
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
