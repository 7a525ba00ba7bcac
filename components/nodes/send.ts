import * as pulumi from "@pulumi/pulumi";
import type { ReachedHost } from "../hosts/host";
import { activationInput, type Blueprint, makeRelease } from "../hosts/release";
import { sendRelease, type SentRelease } from "./node-release";
import type { NodeReleaseState } from "./release-life";

/** How many nodes are written at a time, after the first. */
const AT_A_TIME = 4;

/** A node after the checks. */
export interface CheckedNode extends ReachedHost {
  flavour: pulumi.Output<string>;
  restartContainerd: pulumi.Output<boolean>;
  restartKubelet: pulumi.Output<boolean>;
  /** What goes to this node; it differs by what only the node knows. */
  blueprint: pulumi.Output<Blueprint>;
}

/**
 * One resource a node: the first by itself, since what it refuses all would refuse; then four at a time. A node that
 * does not answer keeps nobody waiting but those behind it, for 15 s. Says at the end which do not have the release.
 * @param common What all nodes have.
 * @param atATime How many at once after the first: one where a kubelet may be restarted.
 * @returns The hash of that, known when all nodes have been asked.
 */
export function sendToNodes(
  name: string,
  nodes: readonly CheckedNode[],
  common: pulumi.Output<Blueprint>,
  parent: pulumi.Resource,
  atATime = AT_A_TIME,
): { hash: pulumi.Output<string>; sent: SentRelease[] } {
  const sent: SentRelease[] = [];
  for (const [index, node] of nodes.entries()) {
    const before = sent[index - atATime] ?? sent[0];
    sent.push(sendTo(name, node, index === 0, { parent, ...(before ? { dependsOn: before } : {}) }));
  }
  const results = pulumi.all(
    sent.map(({ problem, refused }) =>
      pulumi.all([problem, refused]).apply(([why = "", no = false]) => ({ problem: why, refused: no })),
    ),
  );
  const hash = pulumi.all([pulumi.unsecret(results), common]).apply(([all, live]) => {
    if (!pulumi.runtime.isDryRun()) tell(all, parent);
    return makeRelease(live).hash;
  });
  return { hash: pulumi.unsecret(hash), sent };
}

function sendTo(name: string, node: CheckedNode, first: boolean, opts: pulumi.CustomResourceOptions): SentRelease {
  const { address, port, user, privateKey, hostKey, flavour, blueprint } = node;
  const owner = pulumi.interpolate`${pulumi.getProject()}/${pulumi.getStack()}/${name} ${node.name} ${address}:${port}`;
  const allowed = pulumi.all([node.restartContainerd, node.restartKubelet]);
  const release = pulumi.all([blueprint, flavour, allowed]).apply(([known, which, [containerd, kubelet]]) => {
    const restarts = { restart: containerd ? "yes" : "", restart_kubelet: kubelet ? "yes" : "" };
    const words = { ...known.words, flavour: which, ...restarts };
    return makeRelease({ ...known, words });
  });
  const stdin = pulumi.all([release, owner]).apply(([known, writer]) => activationInput(known, writer));
  const inputs = {
    host: address,
    port,
    user,
    privateKey: pulumi.secret(privateKey),
    hostKey,
    stdin: pulumi.secret(stdin),
    site: release.site,
    release: release.hash,
    first,
  };
  return sendRelease(`${name}-${node.name}`, inputs, opts);
}

type Result = Pick<NodeReleaseState, "problem" | "refused">;

/** What the nodes said: those that did not answer are a warning, those that refused an error, all of them at once. */
function tell(results: readonly Result[], about: pulumi.Resource): void {
  const away = results.filter(({ problem, refused }) => problem !== "" && !refused);
  if (away.length > 0) {
    void pulumi.log.warn(
      `${away.length} of ${results.length} nodes did not answer, and pull as they did before; the next up tries them ` +
        `again, and drift counts them as differing. Take nodes that are gone out of nodeHosts.\n` +
        away.map(({ problem }) => problem).join("\n"),
      about,
    );
  }
  const refused = results.filter((each) => each.refused);
  if (refused.length > 0) {
    throw new pulumi.RunError(
      `${refused.length} of ${results.length} nodes refused their release, and pull as they did before:\n` +
        refused.map(({ problem }) => problem).join("\n"),
    );
  }
}
