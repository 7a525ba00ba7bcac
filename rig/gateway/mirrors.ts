import assert from "node:assert/strict";
import { execaSync } from "execa";
import * as fs from "node:fs";
import * as https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { activationInput, makeRelease } from "../../components/hosts/release";
import { mirrorBlueprint } from "../../components/nginx/mirror/blueprint";
import type { MirrorSite, MirrorUpstream } from "../../components/nginx/mirror/site";
import type { RegistryProxyArgs } from "../../components/registry/features/proxy-args";
import type { NginxHost } from "../hosts/nginx-host";
import { answerOf, type Answer, RegistryProcess, version3 } from "../registry/process";
import { selfSigned } from "../registry/self-signed";
import type { FakeUpstream } from "../registry/fake-upstream";

export const MIRROR = "mirror.test";
export const OWNER = "shop/dev/main-mirror 192.0.2.4:22";
const CA_NAME = "private-registry nodes CA tests";

/** A certificate with its key, PEM. */
export interface Shown {
  cert: string;
  key: string;
}

/** What mirrors and nodes show, of CAs made for one run. */
export class MirrorCertificates {
  private readonly folder = fs.mkdtempSync(join(tmpdir(), "mirror-ca-"));
  readonly nodesCa = this.ca("nodes", CA_NAME);
  readonly serverCa = this.ca("server", "mirror CA of the tests");
  /** Of the same name, but not the stack's. */
  readonly strangeCa = this.ca("strange", CA_NAME);
  readonly server = this.signed("server", MIRROR, ["-addext", `subjectAltName=DNS:${MIRROR}`]);
  readonly node = this.signed("nodes", "node-1");
  readonly unknown = this.signed("nodes", "node-of-before");
  readonly strange = this.signed("strange", "node-1");

  private ca(name: string, commonName: string): Shown {
    return this.made(name, ["-x509", "-subj", `/CN=${commonName}`]);
  }

  private signed(ca: string, commonName: string, more: string[] = []): Shown {
    const by = ["-x509", "-CA", join(this.folder, `${ca}.pem`), "-CAkey", join(this.folder, `${ca}.key`)];
    return this.made(`${ca}-${commonName}`, [...by, "-subj", `/CN=${commonName}`, ...more]);
  }

  private made(name: string, args: string[]): Shown {
    const [key, cert] = [join(this.folder, `${name}.key`), join(this.folder, `${name}.pem`)];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    execaSync("openssl", ["req", ...curve, "-keyout", key, "-out", cert, "-days", "2", ...args]);
    return { cert: fs.readFileSync(cert, "utf8"), key: fs.readFileSync(key, "utf8") };
  }

  remove(): void {
    fs.rmSync(this.folder, { recursive: true });
  }
}

/** One registry and its mirror: the two containers of the pod as processes, on one disk. */
export interface Mirrored {
  name: string;
  fake: FakeUpstream;
  proxy: RegistryProcess;
  reader: RegistryProcess;
  repositories?: string[];
}

/** Starts the two containers of a mirror. */
export async function startMirror(
  name: string,
  fake: FakeUpstream,
  tls: string,
  more: Partial<RegistryProxyArgs> & { repositories?: string[] } = {},
): Promise<Mirrored> {
  const { repositories, ...login } = more;
  const folder = fs.mkdtempSync(join(tmpdir(), "mirror-"));
  for (const file of ["domain.crt", "domain.key", "ca.crt"]) fs.copyFileSync(join(tls, file), join(folder, file));
  const registry = { proxy: { remoteUrl: fake.url, ttlHours: 720, ...login } };
  const args = { registry, readerPort: 5005 };
  const proxy = await RegistryProcess.prepare(version3, args, folder);
  const reader = await RegistryProcess.prepare(version3, args, folder, "reader");
  await Promise.all([proxy.start(), reader.start()]);
  return { name, fake, proxy, reader, ...(repositories ? { repositories } : {}) };
}

/** Mirrors of some registries behind a real nginx. */
export class MirrorsOnHost {
  readonly tls = fs.mkdtempSync(join(tmpdir(), "mirror-tls-"));
  readonly certificates = new MirrorCertificates();
  readonly mirrors: Mirrored[] = [];

  constructor(readonly host: NginxHost) {}

  async prepare(): Promise<void> {
    await selfSigned(this.tls);
  }

  async add(name: string, fake: FakeUpstream, more: Parameters<typeof startMirror>[3] = {}): Promise<Mirrored> {
    const made = await startMirror(name, fake, this.tls, more);
    this.mirrors.push(made);
    return made;
  }

  /** The site with all mirrors. */
  site(changes: Partial<MirrorSite> = {}): MirrorSite {
    const pem = (file: string): string => fs.readFileSync(join(this.tls, file), "utf8");
    const upstreams = this.mirrors.map(({ name, proxy, reader, repositories }): MirrorUpstream => ({
      name,
      proxyPort: proxy.port,
      readerPort: reader.port,
      repositories,
    }));
    const { server, nodesCa } = this.certificates;
    return {
      site: "main-mirror",
      host: MIRROR,
      httpsPort: this.host.httpsPort,
      nodeAddresses: ["127.0.0.1"],
      upstreams,
      tagTimeoutSeconds: 5,
      chainPem: server.cert,
      keyPem: server.key,
      nodes: { caPem: nodesCa.cert, caNames: [CA_NAME], names: ["node-1", "_others"] },
      upstreamTls: {
        caPem: pem("domain.crt"),
        serverName: "localhost",
        clientCertificatePem: pem("domain.crt"),
        clientKeyPem: pem("domain.key"),
      },
      accessLog: "/var/log/nginx/docker.access.log",
      errorLog: "/var/log/nginx/docker.error.log",
      logFormat: "json",
      blobCache: undefined,
      ...changes,
    };
  }

  input(changes: Partial<MirrorSite> = {}): string {
    return activationInput(makeRelease(mirrorBlueprint(this.site(changes))), OWNER);
  }

  async put(changes: Partial<MirrorSite> = {}): Promise<void> {
    const done = await this.host.activate("update", this.input(changes));
    assert.equal(done.code, 0, done.stderr);
  }

  /** Asks as a node does, or as somebody who shows something else. */
  async ask(
    target: string,
    {
      method = "GET",
      shown = this.certificates.node,
      headers = {},
    }: { method?: string; shown?: Shown | null; headers?: Record<string, string> } = {},
  ): Promise<Answer & { seconds: number }> {
    const started = performance.now();
    const request = https.request({
      host: "127.0.0.1",
      port: this.host.httpsPort,
      path: target,
      method,
      servername: MIRROR,
      headers: { host: MIRROR, accept: "application/vnd.oci.image.manifest.v1+json", ...headers },
      ca: this.certificates.serverCa.cert,
      agent: false,
      ...(shown ?? {}),
    });
    request.end();
    const answer = await answerOf(request);
    return { ...answer, seconds: (performance.now() - started) / 1000 };
  }

  /** The lines of the access log, each as an object. */
  async log(): Promise<Record<string, string>[]> {
    const { stdout } = await this.host.run("cat /var/log/nginx/docker.access.log");
    return stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, string>);
  }

  async stop(): Promise<void> {
    for (const { fake, proxy, reader } of this.mirrors) {
      fake.close();
      await reader.stop();
      await proxy.remove();
    }
    await this.host.stop();
    this.certificates.remove();
    fs.rmSync(this.tls, { recursive: true });
  }
}
