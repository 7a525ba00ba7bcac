import { once } from "node:events";
import * as fs from "node:fs";
import * as https from "node:https";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { execa, type ResultPromise } from "execa";
import { ensurePrograms } from "../../lab/programs";

/** How a Pebble is set up. */
export interface PebbleOptions {
  /** Further variables, such as PEBBLE_WFE_NONCEREJECT (percent) or PEBBLE_ALTERNATE_ROOTS. */
  env?: Record<string, string>;
  /** Lifetime in seconds by profile name. Default: one of 90 days, and "shortlived" of 6. */
  profiles?: Record<string, number>;
  /** HMAC keys (base64url) by key id; with them no account is made without a binding. */
  externalAccounts?: Record<string, string>;
  /** Address of the name server, "127.0.0.1:5353". Default: one that says 127.0.0.1 to every question. */
  dnsServer?: string;
}

/** A running ACME server with its name server: real programs on loopback. */
export interface Pebble {
  /** URL of the ACME directory. */
  directory: string;
  /** The port on which it looks for HTTP-01 answers. */
  httpPort: number;
  /** What the directory's own HTTPS is verified with, PEM. */
  caPem: string;
  /** The private key of that certificate, PEM: whoever stands between needs it. */
  tlsKeyPem: string;
  /** The root of the certificates that it issues, PEM. A number takes one of the alternate roots. */
  rootPem(which?: number): Promise<string>;
  /** Sets what it says about the renewal of a certificate: a window or anything else, as text. */
  sayRenewalInfo(leafPem: string, answer: string): Promise<void>;
  /** What it has logged so far. */
  log(): string;
  stop(): Promise<void>;
  /** Starts again after a stop, at the same address and with an empty memory. */
  start(): Promise<void>;
}

/** Starts Pebble 2.8 and, if no other is named, its own name server. */
export async function startPebble(options: PebbleOptions = {}): Promise<Pebble> {
  const programs = await ensurePrograms(["pebble", "pebble-challtestsrv"], () => undefined);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pebble-"));
  const [listen = 0, management = 0, httpPort = 0, tlsPort = 0, dns = 0, dnsManagement = 0] = await freePorts(6);
  const caPem = await selfSigned(folder);
  fs.writeFileSync(
    path.join(folder, "config.json"),
    config(folder, options, { listen, management, httpPort, tlsPort }),
  );
  const call = caller(management, caPem);
  const running: ResultPromise[] = [];
  const logged: string[] = [];
  const start = async (): Promise<void> => {
    if (options.dnsServer === undefined) {
      const off = ["-http01", "", "-https01", "", "-doh", "", "-tlsalpn01", "", "-defaultIPv6", ""];
      const on = ["-dns01", `127.0.0.1:${dns}`, "-management", `127.0.0.1:${dnsManagement}`];
      running.push(launch(programs["pebble-challtestsrv"], [...off, ...on], {}, () => undefined));
    }
    const server = options.dnsServer ?? `127.0.0.1:${dns}`;
    const args = ["-config", path.join(folder, "config.json"), "-strict", "-dnsserver", server];
    const env = { PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "0", ...options.env };
    running.push(launch(programs.pebble, args, env, (text) => logged.push(text)));
    await untilAnswering(
      () => call("/roots/0"),
      () => logged.join(""),
    );
  };
  await start();
  return {
    directory: `https://127.0.0.1:${listen}/dir`,
    httpPort,
    caPem,
    tlsKeyPem: fs.readFileSync(path.join(folder, "key.pem"), "utf8"),
    rootPem: (which = 0) => call(`/roots/${which}`),
    sayRenewalInfo: async (certificate, ariResponse) => {
      await call("/set-renewal-info/", JSON.stringify({ certificate, ariResponse }));
    },
    log: () => logged.join(""),
    stop: () => stopAll(running),
    start,
  };
}

function config(folder: string, options: PebbleOptions, ports: Record<string, number>): string {
  const profiles = Object.entries(options.profiles ?? { default: 7_776_000, shortlived: 518_400 });
  return JSON.stringify({
    pebble: {
      listenAddress: `127.0.0.1:${ports["listen"]}`,
      managementListenAddress: `127.0.0.1:${ports["management"]}`,
      certificate: path.join(folder, "cert.pem"),
      privateKey: path.join(folder, "key.pem"),
      httpPort: ports["httpPort"],
      tlsPort: ports["tlsPort"],
      ocspResponderURL: "",
      externalAccountBindingRequired: options.externalAccounts !== undefined,
      externalAccountMACKeys: options.externalAccounts ?? {},
      domainBlocklist: ["blocked.test"],
      profiles: Object.fromEntries(
        profiles.map(([name, validityPeriod]) => [name, { description: name, validityPeriod }]),
      ),
    },
  });
}

function launch(file: string, args: string[], env: Record<string, string>, say: (text: string) => void): ResultPromise {
  const child = execa(file, args, { env, reject: false, all: true, buffer: false, stdin: "ignore" });
  child.all?.on("data", (part: Buffer) => say(part.toString()));
  return child as unknown as ResultPromise;
}

async function stopAll(running: ResultPromise[]): Promise<void> {
  const children = running.splice(0);
  for (const child of children) child.kill();
  await Promise.all(children);
}

async function untilAnswering(ask: () => Promise<string>, log: () => string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await ask();
      return;
    } catch (error) {
      if (attempt >= 100) throw new Error(`Pebble did not start: ${String(error)}\n${log()}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Calls the management interface. */
function caller(port: number, ca: string): (where: string, body?: string) => Promise<string> {
  return (where, body) =>
    new Promise((resolve, reject) => {
      const method = body === undefined ? "GET" : "POST";
      const request = https.request({ host: "127.0.0.1", port, path: where, ca, method, agent: false }, (response) => {
        let text = "";
        response.on("data", (part: Buffer) => (text += part.toString()));
        response.on("end", () => {
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(`${where}: ${response.statusCode} ${text}`));
        });
      });
      request.on("error", reject);
      request.end(body);
    });
}

/** Makes cert.pem and key.pem for 127.0.0.1 in a folder; hands back the certificate. */
async function selfSigned(folder: string): Promise<string> {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem"];
  const name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"];
  await execa("openssl", ["req", "-x509", ...key, "-out", "cert.pem", "-days", "2", ...name], { cwd: folder });
  return fs.readFileSync(path.join(folder, "cert.pem"), "utf8");
}

/** Ports on loopback that nobody listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => net.createServer());
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ports.push((server.address() as net.AddressInfo).port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
