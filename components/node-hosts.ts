import * as pulumi from "@pulumi/pulumi";
import { asciiName } from "./checks/rules";
import { Checker } from "./checks/checker";
import { checkHosts, reached } from "./hosts/host";
import { byFile, ReleaseFiles, type ShownFiles } from "./hosts/preview";
import { certificateFacts } from "./hosts/public-facts";
import type { Blueprint } from "./hosts/release";
import { siteName } from "./hosts/site-name";
import { NODES, type NodeHostsArgs } from "./nodes/args";
import { folderOf, nodeBlueprint, type NodeSite } from "./nodes/blueprint";
import { sendToNodes } from "./nodes/send";
import { outputsOf } from "./outputs";

/**
 * What the cluster's nodes need to pull from the registry: containerd's folder of the registry's name, with the roots
 * of its certificate. Each node gets it over SSH as a release: judged from the node by a request to the registry, live
 * by the rename of one link, with the former one to go back to. containerd reads it at the next pull; nothing restarts.
 *
 * @example
 * const nodes = new NodeHosts("main-nodes", {
 *   nodeHosts: [{ address: "node-1.example.com", hostKey: "ssh-ed25519 AAAA..." }],
 *   ssh: { privateKey: config.requireSecret("sshKey") },
 *   registryHost: "registry.example.com",
 *   trustedRootsPem: certificate.issuerPem,
 * }, { dependsOn: gateway });
 */
export class NodeHosts extends pulumi.ComponentResource {
  /** Hash of the release that the nodes have, known when all have been asked. */
  public readonly releaseHash: pulumi.Output<string>;

  /** Raises an error that names every argument that is not right. */
  constructor(name: string, args: NodeHostsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:index:NodeHosts", name, {}, opts);
    const { nodes, blueprint, shown } = checked(name, args);
    const { hash, sent } = sendToNodes(name, nodes, blueprint, this);
    new ReleaseFiles(`${name}-files`, shown, { parent: this, dependsOn: sent });
    this.releaseHash = hash;
    this.registerOutputs(outputsOf(this));
  }
}

function checked(name: string, args: NodeHostsArgs) {
  const checker = new Checker(`NodeHosts "${name}"`, args);
  const input = checker.read(NODES, args);
  checkHosts(checker, "nodeHosts", args.nodeHosts, args.ssh);
  const site = siteName(checker, name);
  checker.done();
  const { registryHost, httpsPort, trustedRootsPem } = input;
  const caPem = trustedRootsPem ?? pulumi.output<string | undefined>(undefined);
  const blueprint = pulumi.all([registryHost, httpsPort, caPem]).apply(([host, port, pem]) => {
    const node: NodeSite = { site, registryHost: asciiName(host), httpsPort: port, caPem: pem || undefined };
    return nodeBlueprint(node);
  });
  const nodes = input.nodeHosts.map((host, index) => ({
    ...reached(host, input.ssh, args.nodeHosts[index] ?? {}, index),
    flavour: host.flavour,
    restartContainerd: host.restartContainerd,
  }));
  return { nodes, blueprint, shown: shown(site, args, blueprint, caPem) };
}

/** What a preview shows of the files: of the roots what they say. */
function shown(
  site: string,
  { registryHost, httpsPort, trustedRootsPem }: NodeHostsArgs,
  blueprint: pulumi.Output<Blueprint>,
  caPem: pulumi.Output<string | undefined>,
): ShownFiles {
  const sample = {
    site,
    registryHost: typeof registryHost === "string" ? asciiName(registryHost) : "registry",
    httpsPort: typeof httpsPort === "number" ? httpsPort : 443,
    caPem: trustedRootsPem === undefined ? undefined : "roots",
  };
  const facts = pulumi.unsecret(caPem.apply((text) => certificateFacts(text ?? "")));
  return byFile(nodeBlueprint(sample), blueprint, { [`${folderOf(sample)}/ca.crt`]: facts });
}
