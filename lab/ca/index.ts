import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createHost, Daemon, daemonIsUp, destroyHost, hostIsUp, plainEnvironment, startDaemon } from "../hosts";
import { waitForDaemon } from "../hosts";
import { Lab, logFile, names, network } from "../lab";
import { ensurePrograms } from "../programs";
import { Say, Step } from "../step";
import { ensureDirectoryCertificate } from "./certificates";
import { ask, tellDns } from "./client";

export { ask, tellDns } from "./client";

const { ca, gateway } = network.addresses;

/** Pebble's management interface: roots, intermediates, renewal information. */
export const acmeManagement = `https://${ca}:15000`;

/**
 * How long the certificates of each profile last, in seconds. An order that names no profile gets any of them: that is
 * Pebble's way of finding clients that rely on one.
 */
export const profiles = {
  classic: 90 * 24 * 3600,
  tlsserver: 45 * 24 * 3600,
  shortlived: 160 * 3600,
  brief: 300,
} as const;

const folder = (lab: Lab, ...parts: string[]): string => path.join(lab.dir, "ca", ...parts);

/**
 * The ACME server (Pebble, with renewal information and profiles) and the DNS server that it asks, on a host of their
 * own.
 */
export const caStep: Step = {
  title: "ACME server and DNS",
  log: (lab) => logFile(lab, "pebble"),
  isUp: async (lab) =>
    (await hostIsUp(lab, "ca")) &&
    daemonIsUp(lab, "ca", "dns") &&
    daemonIsUp(lab, "ca", "pebble") &&
    existsSync(lab.caFile),
  up: upCa,
  down: async (lab) => {
    await destroyHost(lab, "ca");
    rmSync(folder(lab), { recursive: true, force: true });
  },
};

/**
 * What `caFile` holds: the roots of the certificates that are issued, the newest first, and that of the directory's own
 * HTTPS.
 */
export function caRoots(lab: Lab): { issuerRoots: string; directoryCa: string } {
  const all = readFileSync(lab.caFile, "utf8").split(/(?<=-----END CERTIFICATE-----\n)/);
  return { issuerRoots: all.slice(0, -1).join(""), directoryCa: all.at(-1) ?? "" };
}

/**
 * Notes the root of this start of Pebble. Those of earlier starts stay in the bundle, since certificates of theirs may
 * still be served: a real CA's root would be the same.
 */
function recordRoot(lab: Lab, root: string, directoryCa: string): void {
  const file = folder(lab, "issuers.pem");
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const issuers = before.includes(root.trim()) ? before : `${root.trim()}\n${before}`;
  writeFileSync(file, issuers);
  writeFileSync(`${lab.caFile}.new`, `${issuers}${directoryCa.trim()}\n`);
  renameSync(`${lab.caFile}.new`, lab.caFile);
}

async function upCa(lab: Lab, say: Say): Promise<void> {
  const programs = await ensurePrograms(["pebble", "pebble-challtestsrv"], say);
  const files = await ensureDirectoryCertificate(folder(lab), ca);
  const directoryCa = readFileSync(files.caCertificate, "utf8");
  await createHost(lab, { name: "ca" });

  say("DNS server");
  const dns = dnsDaemon(programs["pebble-challtestsrv"]);
  await startDaemon(lab, "ca", dns);
  await waitForDaemon(lab, "ca", dns, async () => {
    for (const host of Object.values(names)) await tellDns("add-a", { host: `${host}.`, addresses: [gateway] });
    return true;
  });

  say("ACME server");
  if (!daemonIsUp(lab, "ca", "pebble")) rmSync(lab.caFile, { force: true }); // its root changes with each start
  writeFileSync(folder(lab, "pebble.json"), pebbleConfig(files));
  const pebble = pebbleDaemon(programs.pebble, folder(lab, "pebble.json"));
  await startDaemon(lab, "ca", pebble);
  await waitForDaemon(lab, "ca", pebble, async () => {
    recordRoot(lab, await ask(`${acmeManagement}/roots/0`, directoryCa), directoryCa);
    return true;
  });
}

function dnsDaemon(program: string): Daemon {
  const off = ["-http01", "", "-https01", "", "-doh", "", "-tlsalpn01", "", "-defaultIPv4", "", "-defaultIPv6", ""];
  return { name: "dns", command: [program, "-dns01", `${ca}:53`, "-management", `${ca}:8055`, ...off] };
}

function pebbleDaemon(program: string, config: string): Daemon {
  return {
    name: "pebble",
    command: [program, "-config", config, "-strict", "-dnsserver", `${ca}:53`],
    // Its refusal of every twentieth nonce stays on: a client has to live with that.
    env: { ...plainEnvironment, PEBBLE_VA_NOSLEEP: "1" },
  };
}

function pebbleConfig(files: { certificate: string; key: string }): string {
  return JSON.stringify({
    pebble: {
      listenAddress: `${ca}:14000`,
      managementListenAddress: `${ca}:15000`,
      certificate: files.certificate,
      privateKey: files.key,
      httpPort: 80,
      tlsPort: 443,
      ocspResponderURL: "",
      externalAccountBindingRequired: false,
      domainBlocklist: ["blocked.lab.test"],
      retryAfter: { authz: 1, order: 1 },
      profiles: Object.fromEntries(
        Object.entries(profiles).map(([name, validityPeriod]) => [name, { description: name, validityPeriod }]),
      ),
    },
  });
}
