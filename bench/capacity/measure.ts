import * as os from "node:os";
import { DEBIAN_GROUPS, ensureDebianPackages } from "../../lab/programs/debian";
import { version2 } from "../../rig/registry/process";
import { bcryptFile, putBehind } from "../../rig/gateway/before-registry";
import { median } from "../gateway/figure";
import { curl, makeBlob, pull, push, requestsPerSecond } from "../gateway/load";
import { FULL, type Stage, startStage } from "../gateway/stage";
import { measureMemory } from "./memory";
import { cpuOf } from "./processes";
import type { Constants } from "./model";

const ROUNDS = 5;
const SECONDS = 3;
const LAYER_MIB = 8;
const GUESSES = 20;
const REPOSITORY = "bench/capacity";

/** What nginx and the registry used for something, in seconds. */
interface Use {
  gateway: number;
  registry: number;
}

/**
 * Measures the constants of the model on this machine, in real runs of nginx and registry; the middle one of several
 * rounds.
 */
export async function measureConstants(): Promise<Constants> {
  await ensureDebianPackages(DEBIAN_GROUPS.bench, (now) => console.error(now));
  const memory = await measureMemory();
  const stage = await startStage(FULL, version2);
  try {
    const small = await rounds(() => requests(stage, true));
    const anew = await rounds(() => requests(stage, false));
    const large = await pulls(stage);
    const login = await rounds(() => wrongPasswords(stage));
    const [processor] = os.cpus();
    return {
      measured: `${new Date().toISOString().slice(0, 10)}, ${os.cpus().length} x ${processor?.model ?? "CPU"}, nginx 1.22, registry 2.8`,
      gateway: {
        handshake: anew.gateway - small.gateway,
        request: small.gateway,
        pulledMiB: large.gateway,
        login: login.gateway,
      },
      registry: { request: small.registry, pulledMiB: large.registry, ...memory },
    };
  } finally {
    await stage.stop();
  }
}

async function rounds(work: () => Promise<Use>): Promise<Use> {
  const all: Use[] = [];
  for (let round = 0; round < ROUNDS; round++) all.push(await work());
  return { gateway: median(all.map(({ gateway }) => gateway)), registry: median(all.map(({ registry }) => registry)) };
}

/** The use of `work`, for each of as many things as it did. */
async function used(work: () => Promise<number>): Promise<Use> {
  const before = { gateway: cpuOf("nginx"), registry: cpuOf("registry") };
  const count = await work();
  return {
    gateway: (cpuOf("nginx") - before.gateway) / count,
    registry: (cpuOf("registry") - before.registry) / count,
  };
}

async function requests(stage: Stage, kept: boolean): Promise<Use> {
  const blob = makeBlob(stage.folder, "config", 500);
  await push(stage.gateway, REPOSITORY, blob);
  const target = `/v2/${REPOSITORY}/blobs/${blob.digest}`;
  return used(async () => SECONDS * (await requestsPerSecond(stage.gateway, target, SECONDS, { kept })));
}

async function pulls(stage: Stage): Promise<Use> {
  const blob = makeBlob(stage.folder, "layer", LAYER_MIB << 20);
  await push(stage.gateway, REPOSITORY, blob);
  const times = 24;
  return rounds(() => used(async () => (await pull(stage.gateway, REPOSITORY, blob.digest, times), times * LAYER_MIB)));
}

/** Passwords that are wrong, since one that is right is remembered. */
async function wrongPasswords(stage: Stage): Promise<Use> {
  await putBehind(stage.host, stage.registry, { userFile: await bcryptFile(10), realm: `round ${Math.random()}` });
  const [name = ""] = (stage.gateway.auth ?? "").split(":");
  return used(async () => {
    for (let guess = 0; guess < GUESSES; guess++) {
      const server = { ...stage.gateway, auth: `${name}:wrong ${guess}` };
      const code = await curl(server, ["-o", "/dev/null", "-w", "%{http_code}", "--no-fail", `${server.url}/v2/`]);
      if (code !== "401") throw new Error(`a wrong password is answered ${code}`);
    }
    return GUESSES;
  });
}
