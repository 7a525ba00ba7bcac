import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { remoteCommand, type Verb } from "../../components/hosts/release";

/** What a command on the host did. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
  /** Seconds that it took. */
  seconds: number;
}

export interface NginxHostOptions {
  /** Debian's folders, or those of nginx.org's packages. Default Debian's, and nginx.org's with another nginx. */
  layout?: "debian" | "nginx.org";
  /** The nginx to run instead of Debian's, whatever paths it was built with. It can't load Debian's modules. */
  nginx?: string;
  /** The size of the disk that holds /etc, in KiB. Default 65536. */
  diskKiB?: number;
  /** How many files and folders that disk takes. Default: as many as the machine's memory allows. */
  inodes?: number;
  /** True for a network of its own, which only programs on the host reach. Default false: the machine's. */
  ownNetwork?: boolean;
}

/** A folder below /run, so that a test's own folders are not covered by what a host mounts over /etc and /var. */
const SETUP = `
set -e
if [ -n "$OWN_NETWORK" ]; then ip link set lo up; fi
mount -t tmpfs tmpfs /run
mkdir -p /run/sshd /run/lock /run/layer /run/home
mount -t tmpfs -o size="$DISK_KIB"k,nr_inodes="$INODES" tmpfs /run/layer
mkdir /run/layer/up /run/layer/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/layer/up,workdir=/run/layer/work /etc
mount -t tmpfs tmpfs /var/log
mkdir -p /var/log/nginx
mount -t tmpfs tmpfs /var/lib/nginx
rm -rf /etc/nginx/sites-enabled/* /etc/nginx/conf.d/* /etc/nginx/private-registry
if [ -n "$PROGRAM" ]; then
  cat >/run/nginx-as-installed <<.
#!/bin/sh
if [ "\\$1" != -V ]; then exec "$PROGRAM" -p /var/lib/nginx/ -c /etc/nginx/nginx.conf "\\$@"; fi
"$PROGRAM" -V 2>&1 | sed 's#-path=nginx.conf#-path=/etc/nginx/nginx.conf#; s#-path=nginx.pid#-path=/run/nginx.pid#' >&2
.
  chmod 755 /run/nginx-as-installed
  mount --bind /run/nginx-as-installed /usr/sbin/nginx
fi
if [ "$LAYOUT" = nginx.org ]; then
  rm -rf /etc/nginx/sites-enabled /etc/nginx/sites-available /etc/nginx/modules-enabled
  neighbour=/etc/nginx/conf.d/default.conf
  echo 'nginx:x:4243:4243::/nonexistent:/usr/sbin/nologin' >>/etc/passwd
  echo 'nginx:x:4243:' >>/etc/group
  cat >/etc/nginx/nginx.conf <<'.'
user  nginx;
worker_processes  auto;
error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;
events { worker_connections 1024; }
http {
    default_type application/octet-stream;
    access_log /var/log/nginx/access.log;
    keepalive_timeout 65;
    include /etc/nginx/conf.d/*.conf;
}
.
else
  neighbour=/etc/nginx/sites-enabled/neighbour
fi
printf 'server { listen 127.0.0.1:%s; location / { return 200 "neighbour\\n"; } }\\n' "$NEIGHBOUR_PORT" >$neighbour
/usr/sbin/nginx
echo ready
exec sleep infinity
`;

/** Ends nginx on a host as a power cut would. One that is dead and that nobody waits for counts as gone. */
export const END_NGINX = `
while left= && for status in /proc/[0-9]*/status; do
  { read -r _ name <"$status"; } 2>/dev/null && [ "$name" = nginx ] || continue
  pid=\${status#/proc/}; pid=\${pid%/status}
  grep -q '^State:.Z' "$status" 2>/dev/null && continue
  left=yes; kill -9 "$pid" 2>/dev/null
done; [ -n "$left" ]; do sleep 0.01; done
rm -rf /run/nginx.pid
`;

/**
 * An nginx host of its own on this machine: mounts and processes are the host's, the network is the machine's, so a
 * test reaches it on loopback. Needs root. Everything ends with `stop`, or with this process.
 */
export class NginxHost {
  /** Serves "neighbour", and belongs to somebody else. */
  neighbourPort = 0;
  httpPort = 0;
  httpsPort = 0;
  readonly folder = mkdtempSync(join(tmpdir(), "nginx-host-"));
  private readonly layout: "debian" | "nginx.org";
  /** Where the host's sites are. */
  readonly sites: string;
  private child: ChildProcess | undefined;
  private inside = 0;

  private constructor(private readonly options: NginxHostOptions) {
    this.layout = options.layout ?? (options.nginx === undefined ? "debian" : "nginx.org");
    this.sites = this.layout === "nginx.org" ? "/etc/nginx/conf.d" : "/etc/nginx/sites-enabled";
  }

  /** Starts a host with a running nginx and the neighbour's site. */
  static async start(options: NginxHostOptions = {}): Promise<NginxHost> {
    const host = new NginxHost(options);
    const [neighbour, http, https] = await freePorts(3);
    Object.assign(host, { neighbourPort: neighbour, httpPort: http, httpsPort: https });
    await host.boot();
    return host;
  }

  private async boot(): Promise<void> {
    const network = this.options.ownNetwork ? ["--net"] : [];
    const child = spawn(
      "unshare",
      [...network, "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", SETUP],
      {
        env: {
          PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
          LAYOUT: this.layout,
          NEIGHBOUR_PORT: `${this.neighbourPort}`,
          PROGRAM: this.options.nginx ?? "",
          OWN_NETWORK: network.join(""),
          DISK_KIB: `${this.options.diskKiB ?? 65536}`,
          INODES: `${this.options.inodes ?? 0}`,
        },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    this.child = child;
    let said = "";
    child.stderr.on("data", (text: Buffer) => (said += text.toString()));
    await new Promise<void>((resolve, reject) => {
      child.stdout.on("data", (text: Buffer) => text.toString().includes("ready") && resolve());
      child.once("exit", () => reject(new Error(`the nginx host did not start: ${said}`)));
    });
    const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim();
    this.inside = Number(children.split(" ")[0]);
  }

  /** Command and arguments that run on the host. */
  prefix(): string[] {
    return [...this.networkPrefix().slice(0, -1), "-m", "-p", "--"];
  }

  /** Command and arguments that run in the host's network, with the machine's files. */
  networkPrefix(): string[] {
    return ["nsenter", "-t", `${this.inside}`, ...(this.options.ownNetwork ? ["-n"] : []), "--"];
  }

  /** Runs a shell script on the host. */
  async run(script: string, input = ""): Promise<Outcome> {
    const [program = "", ...args] = [...this.prefix(), "bash", "-c", script];
    const started = performance.now();
    const result = await execa(program, args, { input, reject: false, stripFinalNewline: false });
    const seconds = (performance.now() - started) / 1000;
    return { code: result.exitCode ?? 128, stdout: result.stdout, stderr: result.stderr, seconds };
  }

  /** What the deployed command does, without SSH. */
  activate(verb: Verb, input: string): Promise<Outcome> {
    return this.run(remoteCommand(verb), input);
  }

  /** Ends nginx as a power cut would, and starts it as a boot would. */
  async restartNginx(): Promise<Outcome> {
    await this.run(END_NGINX);
    return this.run("/usr/sbin/nginx");
  }

  /** Every file of /etc/nginx with owner, mode and content's sum, and links with their targets. */
  async files(): Promise<string> {
    const script = `cd /etc/nginx && find . -printf '%p %M %u:%g %l\\n' | grep -v '/log ' | sort; find . -type f ! -name log -exec sha256sum {} + | sort`;
    return (await this.run(script)).stdout;
  }

  /** Ends everything on the host. */
  async stop(): Promise<void> {
    if (this.child?.exitCode === null) {
      this.child.kill("SIGKILL");
      await once(this.child, "exit");
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Ports that nobody listens on, and that no connection of this machine gets by itself: below the ephemeral range. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = 20000 + Math.floor(Math.random() * 9000);
    if (!ports.includes(port) && (await isFree(port))) ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "0.0.0.0", () => server.close(() => resolve(true)));
  });
}

/** Skips what needs a host where there can be none, and says why; on CI it goes on, and fails there. */
export function needHost(context: Mocha.Context): void {
  const why = whyNoHost();
  if (why === undefined || process.env["CI"] === "true") return;
  console.log(`      skipped: ${why}`);
  context.skip();
}

/** Why there can be no host here, or undefined if there can. */
function whyNoHost(): string | undefined {
  if (process.getuid?.() !== 0) return "an nginx host of its own needs root (namespaces)";
  if (!existsSync("/usr/sbin/nginx")) return "nginx is not installed: apt-get install nginx";
  return undefined;
}

/** Waits until something is so; fails with what was awaited. */
export async function until(what: string, check: () => Promise<boolean>, seconds = 10): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await check())) {
    if (performance.now() > end) throw new Error(`waited ${seconds} s in vain: ${what}`);
    await sleep(20);
  }
}
