import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { certificates, gatewayInput, REGISTRY } from "../../rig/gateway/fixture";
import { apr1File, bcryptFile, behind, PUSHER, putBehind } from "../../rig/gateway/before-registry";
import { freePorts, NginxHost } from "../../rig/hosts/nginx-host";
import { RegistryProcess, type RegistryVersion } from "../../rig/registry/process";
import type { Server } from "./load";
import { type ComparedSite, leastText, recipeText } from "./recipe";

/** How much is measured. */
export interface Effort {
  /** Rounds of which the middle one counts. */
  rounds: number;
  /** Seconds of each load of small requests. */
  seconds: number;
  /** Size of the large blob, in MiB. */
  largeMiB: number;
  /** Reloads under load, and certificate changes among them. */
  reloads: number;
  certificates: number;
}

export const FULL: Effort = { rounds: 7, seconds: 3, largeMiB: 200, reloads: 200, certificates: 20 };
export const QUICK: Effort = { rounds: 3, seconds: 1, largeMiB: 50, reloads: 20, certificates: 2 };

/** One nginx host with everything that is measured on it. */
export interface NginxSide {
  host: NginxHost;
  /** The gateway; the same without passwords. */
  gateway: Server;
  open: Server;
  /**
   * The recipe, before its own registry; its nginx, and the least that nginx can do, before the same registry as
   * `direct`.
   */
  recipe: Server;
  recipeNginx: Server;
  least: Server;
}

/** The registries of this machine. */
interface Registries {
  /** Behind the gateway, by mutual TLS, as a stack has it. */
  registry: RegistryProcess;
  /** As a stack has it, too, but it takes everybody. */
  bare: RegistryProcess;
  /** As the recipe has it, which leaves Go's garbage collection as it is; with the images of `bare`. */
  plain: RegistryProcess;
}

/** Everything that is measured, on this machine: Debian's nginx, and the registries behind it. */
export interface Stage extends NginxSide, Registries {
  effort: Effort;
  /** For files of the bench; on a disk. */
  folder: string;
  /** The registry that takes everybody, and that of the recipe, without an nginx before them. */
  direct: Server;
  recipeDirect: Server;
  stop(): Promise<void>;
}

/** Starts it all. nginx keeps its temporary files on a disk, as on a host that is no test's. */
export async function startStage(effort: Effort, version: RegistryVersion): Promise<Stage> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "bench-"));
  const ends: (() => unknown)[] = [() => fs.rmSync(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const end of ends.reverse()) await end();
  };
  try {
    const registry = await RegistryProcess.prepare(version);
    const everybody = { requireClientCertificate: false };
    const bare = await RegistryProcess.prepare(version, everybody);
    const environment = { GOGC: "100", GOMEMLIMIT: "off" }; // Go's own defaults
    const plain = await RegistryProcess.prepare(version, { ...everybody, registry: { environment } }, bare.folder);
    const registries = { registry, bare, plain };
    for (const each of Object.values(registries)) {
      ends.push(() => each.remove());
      await each.start();
    }
    const side = await startSide(registries);
    ends.push(() => side.host.stop());
    const directly = ({ port }: RegistryProcess): Server => at(port, `localhost:${port}`);
    return { effort, folder, ...registries, ...side, direct: directly(bare), recipeDirect: directly(plain), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** An nginx host before the registries; `nginx` if it is not to be Debian's. The caller has to stop the host. */
export async function startSide({ registry, bare, plain }: Registries, nginx?: string): Promise<NginxSide> {
  const host = await startHost(nginx);
  try {
    const [openPort = 0, recipePort = 0, recipeNginxPort = 0, leastPort = 0] = await freePorts(4);
    await putBehind(host, registry, { userFile: await bcryptFile(10) });
    await putOpen(host, registry, openPort);
    await putSites(host, {
      recipe: [recipeText, recipePort, plain],
      "recipe-nginx": [recipeText, recipeNginxPort, bare],
      least: [leastText, leastPort, bare],
    });
    const login = PUSHER === undefined ? {} : { auth: PUSHER };
    return {
      host,
      gateway: { ...at(host.httpsPort), ...login },
      open: at(openPort),
      recipe: { ...at(recipePort), ...login },
      recipeNginx: { ...at(recipeNginxPort), ...login },
      least: at(leastPort),
    };
  } catch (error) {
    await host.stop();
    throw error;
  }
}

function at(port: number, host = REGISTRY): Server {
  return { url: `https://127.0.0.1:${port}`, host };
}

/** A host whose nginx has its temporary files on the disk that the host's folder is on. */
export async function startHost(nginx?: string): Promise<NginxHost> {
  const host = await NginxHost.start(nginx === undefined ? {} : { nginx });
  const script = `mkdir ${host.folder}/temporary && mount --bind ${host.folder}/temporary /var/lib/nginx
    echo '127.0.0.1 localhost ${REGISTRY}' >/etc/hosts`;
  const mounted = await host.run(script);
  const restarted = await host.restartNginx();
  if (mounted.code !== 0 || restarted.code !== 0) throw new Error(`${mounted.stderr}${restarted.stderr}`);
  return host;
}

/**
 * The gateway's site once more, on another port, where everybody may do everything. That is changed behind the host's
 * back, since the proof lets no such release get live. The caller restarts nginx.
 */
async function putOpen(host: NginxHost, registry: RegistryProcess, port: number): Promise<void> {
  const changes = { ...behind(registry), site: "open-gateway", httpsPort: port, uiHost: undefined };
  const files = "/etc/nginx/private-registry/open-gateway/releases/*/site.conf";
  const opened = ["sed", "-i", "-E", "'s#auth_request /[^;]+;#auth_request off;#'", files].join(" ");
  for (const done of [await host.activate("create", await gatewayInput(changes)), await host.run(opened)])
    if (done.code !== 0) throw new Error(done.stderr);
}

/** Puts the sites to compare with beside the gateway's. */
async function putSites(
  host: NginxHost,
  sites: Record<string, [text: (site: ComparedSite) => string, port: number, registry: RegistryProcess]>,
): Promise<void> {
  const { server } = certificates();
  const file = (name: string, content: string): string => {
    const place = path.join(host.folder, name);
    fs.writeFileSync(place, content, { mode: 0o644 });
    return place;
  };
  const shared = {
    registryHost: REGISTRY,
    chainFile: file("chain.pem", server.cert),
    keyFile: file("key.pem", server.key),
    userFile: "/etc/nginx/recipe.htpasswd",
  };
  const users = file("users", await apr1File());
  const put = Object.entries(sites).map(
    ([name, [text, port, { port: nodePort }]]) =>
      `cp ${file(`${name}.conf`, text({ ...shared, name, port, nodePort }))} ${host.sites}/`,
  );
  const script = [`cp ${users} ${shared.userFile}`, ...put, "nginx -t -q"].join(" && ");
  // No reload: its old workers would still close connections while the first figure is measured.
  for (const done of [await host.run(script), await host.restartNginx()]) {
    if (done.code !== 0) throw new Error(done.stderr);
  }
}

/**
 * What the processes of a host's nginx have used since they were started: seconds of CPU, and bytes written to files on
 * a disk.
 */
export async function nginxUse(host: NginxHost): Promise<{ cpu: number; written: number }> {
  const script = `for each in /proc/[0-9]*; do
    read -r name <$each/comm && [ "$name" = nginx ] && cat $each/schedstat $each/io
  done 2>/dev/null`;
  const { stdout } = await host.run(script);
  const sum = (pattern: RegExp): number =>
    [...stdout.matchAll(pattern)].reduce((all, [, value]) => all + Number(value), 0);
  return { cpu: sum(/^(\d+) \d+ \d+$/gm) / 1e9, written: sum(/^write_bytes: (\d+)$/gm) };
}
