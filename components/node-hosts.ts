import * as pulumi from "@pulumi/pulumi";
import { asciiName } from "./checks/rules";
import { Checker } from "./checks/checker";
import { isTable } from "./checks/judge";
import { checkHosts, reached } from "./hosts/host";
import { ReleaseFiles } from "./hosts/preview";
import type { Blueprint } from "./hosts/release";
import { siteName } from "./hosts/site-name";
import { NODES, type NodeHostsArgs } from "./nodes/args";
import { nodeBlueprint } from "./nodes/blueprint";
import type { NodeProvider } from "./nodes/provider";
import type { NodeMirrors } from "./nodes/upstreams";
import { type CheckedNodes, commonMirrors, nodeMirrors } from "./nodes/checked";
import { shownNodes } from "./nodes/preview";
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
  /** Hash of what all nodes have, known when all have been asked. */
  public readonly releaseHash: pulumi.Output<string>;

  /** Raises an error that names every argument that is not right. */
  constructor(name: string, args: NodeHostsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:index:NodeHosts", name, {}, opts);
    const { nodes, common, shown } = checked(name, args);
    const { hash, sent } = sendToNodes(name, nodes, common, this, args.podIdentities ? 1 : undefined);
    new ReleaseFiles(`${name}-files`, shown, { parent: this, dependsOn: sent });
    this.releaseHash = hash;
    this.registerOutputs(outputsOf(this));
  }
}

function checked(name: string, args: NodeHostsArgs) {
  const checker = new Checker(`NodeHosts "${name}"`, args);
  const input = checker.read(NODES, args);
  checkHosts(checker, "nodeHosts", args.nodeHosts, args.ssh);
  checkCertificates(checker, args);
  const site = siteName(checker, name);
  checker.done();
  const provider = args.podIdentities;
  const common = blueprintOf({ site, provider }, input, commonMirrors(input.mirrors));
  const nodes = input.nodeHosts.map((host, index) => ({
    ...reached(host, input.ssh, args.nodeHosts[index] ?? {}, index),
    flavour: host.flavour,
    restartContainerd: host.restartContainerd,
    restartKubelet: host.restartKubelet,
    blueprint: blueprintOf({ site, provider }, input, nodeMirrors(input.mirrors, index)),
  }));
  return { nodes, common, shown: shownNodes(site, args, input, common) };
}

/** Each node has a certificate of its own, by which the mirrors know it. */
function checkCertificates(checker: Checker, { nodeHosts, mirrors }: NodeHostsArgs): void {
  if (!isTable(mirrors) || !Array.isArray(mirrors["certificates"]) || !Array.isArray(nodeHosts)) return;
  const given = (mirrors["certificates"] as unknown[]).length;
  if (given === nodeHosts.length) return;
  const expected = `as many as nodeHosts, ${nodeHosts.length}`;
  const advice = "give each node a certificate, in the order of nodeHosts";
  checker.add({ property: "mirrors.certificates", expected, got: String(given), advice });
}

function blueprintOf(
  { site, provider }: { site: string; provider: NodeProvider | undefined },
  { registryHost, httpsPort, trustedRootsPem }: CheckedNodes,
  mirrors: pulumi.Output<NodeMirrors | undefined>,
): pulumi.Output<Blueprint> {
  const caPem = trustedRootsPem ?? pulumi.output<string | undefined>(undefined);
  return pulumi.all([registryHost, httpsPort, caPem, mirrors]).apply(([host, port, pem, others]) =>
    nodeBlueprint({
      site,
      registryHost: asciiName(host),
      httpsPort: port,
      caPem: pem || undefined,
      provider,
      mirrors: others && { ...others, host: asciiName(others.host), httpsPort: port },
    }),
  );
}
