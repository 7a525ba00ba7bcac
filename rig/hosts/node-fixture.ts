import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { activationInput, makeRelease, type Verb } from "../../components/hosts/release";
import { ensurePrograms } from "../../lab/programs";
import { nodeBlueprint, type NodeSite } from "../../components/nodes/blueprint";
import { pushImage } from "../registry/images";
import { RegistryProcess, version3 } from "../registry/process";
import { CONFIG_PATH, NodeHost, type NodeHostOptions } from "./node-host";

/** Who writes the site in the tests. */
export const OWNER = "project/stack/main-nodes node-1 192.0.2.10:22";
export const SITE = "main-nodes";

/** The versions of containerd that nodes are tested with. */
export const VERSIONS: Readonly<Record<string, () => Promise<NodeHostOptions>>> = {
  "containerd 1.6": () => Promise.resolve({}),
  "containerd 2.4": async () => {
    const { containerd } = await ensurePrograms(["containerd", "ctr"], () => undefined);
    return { containerd2: dirname(containerd) };
  },
};

/** A node, and a registry of a CA that it does not know, with one image. */
export class NodeFixture {
  private constructor(
    readonly node: NodeHost,
    readonly registry: RegistryProcess,
    /** The image's digest. */
    readonly digest: string,
  ) {}

  static async start(options: NodeHostOptions = {}): Promise<NodeFixture> {
    const registry = await RegistryProcess.prepare(version3, { requireClientCertificate: false });
    await registry.start();
    const digest = await pushImage(registry, "apps/one", "one", { tags: ["1"] });
    return new NodeFixture(await NodeHost.start(options), registry, digest);
  }

  async stop(): Promise<void> {
    await this.node.stop();
    await this.registry.remove();
  }

  /** Root of the registry's certificate, PEM. */
  get rootPem(): string {
    return readFileSync(join(this.registry.folder, "domain.crt"), "utf8");
  }

  get name(): string {
    return `registry.test:${this.registry.port}`;
  }

  /** containerd's folder of the registry. */
  get folder(): string {
    return `${CONFIG_PATH}/${this.name}`;
  }

  get image(): string {
    return `${this.name}/apps/one:1`;
  }

  /** What goes to the node. */
  input(changes: Partial<NodeSite> = {}, words: Record<string, string> = {}, owner = OWNER): string {
    const site = { site: SITE, registryHost: "registry.test", httpsPort: this.registry.port, caPem: this.rootPem };
    const blueprint = nodeBlueprint({ ...site, ...changes });
    return activationInput(makeRelease({ ...blueprint, words: { ...blueprint.words, ...words } }), owner);
  }

  async pulls(): Promise<boolean> {
    return (await this.node.pull(this.image)).code === 0;
  }

  /** Runs it, and what it printed; fails with what went wrong. */
  async succeeds(verb: Verb, input: string): Promise<string> {
    const done = await this.node.activate(verb, input);
    assert.equal(done.code, 0, done.stdout + done.stderr);
    return done.stdout;
  }

  /** What the node says of a release that it does not take. */
  async refused(input: string, verb: Verb = "update"): Promise<string> {
    const done = await this.node.activate(verb, input);
    assert.equal(done.code, 1, done.stdout);
    return done.stderr;
  }
}
