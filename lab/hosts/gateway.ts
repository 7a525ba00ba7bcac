import { existsSync, writeFileSync } from "node:fs";
import { hostDir, Lab, logFile, names, network } from "../lab";
import { DEBIAN_GROUPS, ensureDebianPackages } from "../programs/debian";
import { Say, Step } from "../step";
import { createHost, destroyHost, hostIsUp, HostSpec, initOf } from "./host";
import { Daemon, daemonIsUp, runOn, startDaemon, stopDaemon, waitForDaemon } from "./run";
import { listens, makeSshKeys, sshdOf, sshSetup } from "./ssh";

const address = network.addresses.gateway;

const spec: HostSpec = {
  name: "gateway",
  files: {
    changed: ["/etc"],
    own: ["/var", "/home", "/root", "/srv", "/opt"],
    memory: ["/run", "/tmp", "/dev/shm"],
  },
};

const sshd = sshdOf("gateway");
const nginx: Daemon = { name: "gateway-nginx", command: ["/usr/sbin/nginx", "-g", "daemon off;"] };

/** The gateway: a Debian host with its own sshd and a bare nginx. What Pulumi makes of it is its own business. */
export const gatewayStep: Step = {
  title: "Gateway host",
  log: (lab) => logFile(lab, "gateway"),
  isUp: async (lab) =>
    (await hostIsUp(lab, "gateway")) &&
    isSetUp(lab) &&
    daemonIsUp(lab, "gateway", sshd.name) &&
    daemonIsUp(lab, "gateway", nginx.name),
  up: upGateway,
  down: (lab) => destroyHost(lab, "gateway"),
};

async function upGateway(lab: Lab, say: Say): Promise<void> {
  await ensureDebianPackages([...DEBIAN_GROUPS.hosts, ...DEBIAN_GROUPS.gateway, ...DEBIAN_GROUPS.ssh], say);
  await makeSshKeys(lab, "gateway");
  say("namespaces");
  await createHost(lab, spec);
  if (!isSetUp(lab)) {
    say("user, sshd and nginx");
    await runOn(lab, "gateway", ["/bin/bash", "-s"], { input: setupScript(lab) });
    writeFileSync(setUpMark(lab), JSON.stringify(initOf(lab, "gateway")));
  }
  await startDaemon(lab, "gateway", sshd);
  await startDaemon(lab, "gateway", nginx);
  say("waiting for sshd and nginx");
  await waitForDaemon(lab, "gateway", sshd, () => listens(lab, "gateway", 22));
  await waitForDaemon(lab, "gateway", nginx, () => listens(lab, "gateway", 80));
}

/** Stops nginx on the gateway and starts it again, as a restart of the host's service does. */
export async function restartGatewayNginx(lab: Lab): Promise<void> {
  await stopDaemon(lab, "gateway", nginx.name);
  await startDaemon(lab, "gateway", nginx);
  await waitForDaemon(lab, "gateway", nginx, () => listens(lab, "gateway", 80));
}

/** Path on the machine of a file that the gateway has below /var, /home, /root, /srv or /opt. */
export function gatewayFile(lab: Lab, file: string): string {
  return hostDir(lab, "gateway", "own", file);
}

const setUpMark = (lab: Lab): string => hostDir(lab, "gateway", "pids", "set-up");
const isSetUp = (lab: Lab): boolean => existsSync(setUpMark(lab));

/** Makes a plain Debian host of the copied /etc and the empty /var. Safe to run again. */
function setupScript(lab: Lab): string {
  return `set -eu
umask 022
echo gateway >/etc/hostname
printf '%s\\n' '127.0.0.1 localhost gateway' '${address} ${names.registry} ${names.ui}' >/etc/hosts
: >/etc/resolv.conf

mkdir -p /var/cache /var/lib /var/log /var/spool /var/www/html /var/lib/nginx /var/lib/sudo /run/lock
mkdir -p -m 1777 /var/tmp
[ -e /var/run ] || ln -s /run /var/run
[ -e /var/lock ] || ln -s /run/lock /var/lock
mkdir -p /var/mail
install -d -o www-data -g adm /var/log/nginx
[ -e /var/www/html/index.html ] || echo '<h1>Welcome to nginx!</h1>' >/var/www/html/index.html
chmod 700 /root

# nginx as Debian ships it, whatever the machine's own serves
find /etc/nginx/conf.d /etc/nginx/sites-enabled -mindepth 1 -delete
[ -e /etc/nginx/sites-available/default ] && ln -s ../sites-available/default /etc/nginx/sites-enabled/default

${sshSetup(lab, "gateway", "/home")}
nginx -q -t
`;
}
