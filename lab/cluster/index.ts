import { daemonIsUp, hostIsUp, startDaemon, waitForDaemon } from "../hosts";
import { ensureImages } from "../images";
import { Lab, logFile } from "../lab";
import { DEBIAN_GROUPS, ensureDebianPackages } from "../programs/debian";
import { ensurePrograms } from "../programs";
import { which } from "../programs/path";
import type { Say, Step } from "../step";
import { apiIsReady, nodeProblem, waitForNode } from "./api";
import { makeCredentials } from "./credentials";
import { type DaemonName, DAEMONS, daemons } from "./daemons";
import { createNode, destroyNode } from "./node";
import { containerdIsReady, importImages, listensOnLoopback } from "./runtime";
import { writeSettings } from "./settings";

export { NODE_NAME } from "./places";

/** The one-node cluster: etcd, containerd, the control plane, the kubelet and kube-proxy, on a host of their own. */
export const clusterStep: Step = {
  title: "Kubernetes cluster",
  log: (lab) => logFile(lab, lastTried),
  isUp: async (lab) => {
    if (!(await hostIsUp(lab, "node"))) return false;
    if (!DAEMONS.every((name) => daemonIsUp(lab, "node", name))) return false;
    return (await nodeProblem(lab).catch(() => "no answer")) === undefined;
  },
  up,
  down: destroyNode,
};

/** Whose log tells most about the last failure. */
let lastTried: DaemonName = "kube-apiserver";

async function up(lab: Lab, say: Say): Promise<void> {
  await ensureDebianPackages([...DEBIAN_GROUPS.hosts, ...DEBIAN_GROUPS.cluster, ...DEBIAN_GROUPS.images], say);
  const programs = await ensurePrograms(["kubernetes", "pause", "registry", "registry-ui"], say);
  const archives = await ensureImages({ ...programs, registry2: registry2(), busybox: installed("busybox") }, say);
  say("keys, settings and the node's namespaces");
  await Promise.all([createNode(lab), makeCredentials(lab)]);
  writeSettings(lab);

  const all = daemons(lab, programs);
  const start = async (name: DaemonName, serves: () => Promise<boolean>, seconds = 30): Promise<void> => {
    await startDaemon(lab, "node", all[name]);
    await waitForDaemon(lab, "node", all[name], serves, seconds).catch((error: unknown) => {
      lastTried = name;
      throw error;
    });
  };
  const runs = (name: DaemonName) => (): Promise<boolean> => Promise.resolve(daemonIsUp(lab, "node", name));
  const controlPlane = async (): Promise<void> => {
    await start("etcd", () => listensOnLoopback(lab, 2379));
    await start("kube-apiserver", () => apiIsReady(lab), 60);
    const others = ["kube-controller-manager", "kube-scheduler", "kube-proxy"] as const;
    await Promise.all(others.map((name) => start(name, runs(name))));
  };
  const runtime = async (): Promise<void> => {
    await start("containerd", () => containerdIsReady(lab));
    await importImages(lab, archives);
    await start("kubelet", runs("kubelet"));
  };
  say("etcd, API server, containerd and images");
  await Promise.all([controlPlane(), runtime()]);
  say("waiting for the node to take pods");
  await waitForNode(lab, 60).catch((error: unknown) => {
    lastTried = "kubelet";
    throw error;
  });
}

/** The registry of the 2.8 line. */
const registry2 = (): string => installed("docker-registry");

function installed(program: string): string {
  const found = which(program);
  if (!found) throw new Error(`${program} is not on PATH, though its package is installed; add /usr/bin to PATH`);
  return found;
}
