import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RegistryProcess, version2 } from "../../rig/registry/process";
import { atOnce, beside, makeBlob, push, type Server } from "../gateway/load";
import type { Constants } from "./model";
import { memoryOf } from "./processes";

const FEW = 8;
const MANY = 48;
const REPOSITORY = "bench/memory";

/**
 * What a registry needs at rest, and for each pull of a layer that runs. It collects all garbage at once here, so that
 * what it has is what it needs.
 */
export async function measureMemory(): Promise<Pick<Constants["registry"], "atRestMiB" | "pullMiB">> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "bench-"));
  const environment = { GOGC: "5", GOMEMLIMIT: "off" };
  const registry = await RegistryProcess.prepare(version2, {
    requireClientCertificate: false,
    registry: { environment },
  });
  try {
    await registry.start();
    const server = { url: `https://127.0.0.1:${registry.port}`, host: `localhost:${registry.port}` };
    const layer = makeBlob(folder, "layer", 16 << 20);
    await push(server, REPOSITORY, layer);
    const url = `${server.url}/v2/${REPOSITORY}/blobs/${layer.digest}`;
    const [few, many] = [await during(server, url, FEW), await during(server, url, MANY)];
    const pullMiB = (many - few) / (MANY - FEW);
    return { atRestMiB: few - FEW * pullMiB, pullMiB };
  } finally {
    await registry.remove();
    fs.rmSync(folder, { recursive: true });
  }
}

/** MiB that the registry has while so many pulls run, slowly; they are given up then. */
function during(server: Server, url: string, pulls: number): Promise<number> {
  return beside(server, ["--limit-rate", "2M", ...atOnce(url, pulls)], async () => {
    await sleep(4000);
    return memoryOf("registry");
  });
}
