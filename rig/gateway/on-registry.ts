import * as fs from "node:fs";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { type PlainUser } from "../../components/nginx/users/users";
import { UserRole } from "../../components/nginx/users/role";
import { ask, type Answer, type Ask } from "./client";
import { type Pair, REGISTRY } from "./fixture";
import { GatewayOnHost } from "./on-host";
import type { NginxHostOptions } from "../hosts/nginx-host";
import { digestOf, RegistryProcess, type RegistryVersion } from "../registry/process";

/** Who uses the registry of the tests of rights. */
export const PEOPLE: PlainUser[] = [
  { name: "admin", role: UserRole.Push, password: "p-admin" },
  { name: "reader", role: UserRole.Pull, password: "p-reader" },
  {
    name: "dev+1@team.example",
    password: "p-dev",
    repositories: [
      { pattern: "team/**", role: UserRole.Push },
      { pattern: "base/*", role: UserRole.Pull },
    ],
  },
  {
    name: "mixed",
    role: UserRole.Pull,
    password: "p-mixed",
    repositories: [{ pattern: "team/app", role: UserRole.Push }],
  },
  { name: "dev", password: "p-other", repositories: [{ pattern: "other", role: UserRole.Push }] },
];
export const OPEN = ["open/*", "tools"];

/** Every repository that is filled before the tests. */
export const REPOSITORIES = [
  "team",
  "team/app",
  "team/app/web",
  "teams/app",
  "base/os",
  "base/os/old",
  "other",
  "secret/app",
  "secret/team/app",
  "open/tool",
  "open/tool/more",
  "tools",
];

type Changes = NonNullable<Parameters<GatewayOnHost["put"]>[0]>;

/** A gateway on a real nginx before a real registry, which trust each other's certificates. */
export class GatewayOnRegistry {
  /** By repository, the digest of its one blob. */
  readonly blobs = new Map<string, string>();
  /** By repository, the digest of its one manifest, which has the tag 1. */
  readonly manifests = new Map<string, string>();

  private constructor(
    readonly gateway: GatewayOnHost,
    readonly registry: RegistryProcess,
  ) {}

  static async start(version: RegistryVersion, options: NginxHostOptions = {}): Promise<GatewayOnRegistry> {
    const registry = await RegistryProcess.prepare(version, { registry: { deleteEnabled: true } });
    await registry.start();
    const one = new GatewayOnRegistry(await GatewayOnHost.start(options), registry);
    for (const repository of REPOSITORIES) await one.fill(repository);
    await one.put();
    return one;
  }

  /** Makes a release live; with the users of the rights' tests, unless they are given. */
  async put(changes: Changes = {}): Promise<void> {
    await this.gateway.put(this.withRegistry(changes));
  }

  /** What goes to the host for it. */
  input(changes: Changes = {}): Promise<string> {
    return this.gateway.input(this.withRegistry(changes));
  }

  /** What registry and gateway show each other. */
  get pair(): Pair {
    const pem = (file: string): string => fs.readFileSync(path.join(this.registry.folder, file), "utf8");
    return { cert: pem("domain.crt"), key: pem("domain.key") };
  }

  private withRegistry(changes: Changes): Changes {
    const { cert, key } = this.pair;
    const upstreamTls = { caPem: cert, serverName: "localhost", clientCertificatePem: cert, clientKeyPem: key };
    const registryNodePort = this.registry.port;
    return { people: PEOPLE, anonymousPull: OPEN, registryNodePort, upstreamTls, ...changes };
  }

  private async fill(repository: string): Promise<void> {
    // An empty tar, and behind its end what makes the layer this repository's own.
    const tar = Buffer.concat([Buffer.alloc(1024), Buffer.from(repository)]);
    const layer = gzipSync(tar);
    const rootfs = { type: "layers", diff_ids: [digestOf(tar)] };
    const config = Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", config: {}, rootfs }));
    const described = async (kind: string, body: Buffer) => ({
      mediaType: `application/vnd.oci.image.${kind}`,
      digest: await this.registry.blob(repository, body),
      size: body.length,
    });
    const manifest = {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: await described("config.v1+json", config),
      layers: [await described("layer.v1.tar+gzip", layer)],
    };
    this.blobs.set(repository, digestOf(layer));
    this.manifests.set(repository, await this.registry.manifest(repository, manifest, "1"));
  }

  /** A request to the registry's name as one of `PEOPLE`; as nobody for any other name. */
  send(who: string, method: string, path: string, more: Partial<Ask> = {}): Promise<Answer> {
    const { name, password } = PEOPLE.find((each) => each.name === who) ?? {};
    return ask({
      port: this.gateway.host.httpsPort,
      method,
      path,
      ...(name === undefined ? {} : { auth: `${name}:${password}` }),
      headers: { Accept: "application/vnd.oci.image.manifest.v1+json" },
      ...more,
    });
  }

  /** Makes the registry's name resolve on the gateway's host, and says the words before a command that run it there. */
  async here(): Promise<string[]> {
    const line = `127.0.0.1 ${REGISTRY}`;
    await this.gateway.host.run(
      `grep -qx '${line}' /etc/hosts || { cat /etc/hosts >/run/h; echo '${line}' >>/run/h; mv /run/h /etc/hosts; }`,
    );
    return this.gateway.host.prefix();
  }

  /** The registry as a client names it. */
  get name(): string {
    return `${REGISTRY}:${this.gateway.host.httpsPort}`;
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    await this.registry.remove();
  }
}
