import { Daemon, daemonIsUp, listens, sshdOf, startDaemon, waitForDaemon } from "../hosts";
import { ensureImages, type ImageArchive } from "../images";
import { Lab, LabNode, logFile, nodes } from "../lab";
import { DEBIAN_GROUPS, ensureDebianPackages } from "../programs/debian";
import { ensurePrograms } from "../programs";
import { which } from "../programs/path";
import type { Say, Step } from "../step";
import { apiIsReady, nodeProblem, waitForNode } from "./api";
import { makeCredentials } from "./credentials";
import {
  type ClusterPrograms,
  CONTROL_DAEMONS,
  type ControlDaemon,
  controlDaemons,
  NODE_DAEMONS,
  type NodeDaemon,
  nodeDaemons,
  nodeLog,
} from "./daemons";
import { createNode, destroyNodes, nodeIsSetUp } from "./node";
import { containerdIsReady, importImages, listensOnLoopback } from "./runtime";
import { writeSettings } from "./settings";

/** The cluster: etcd and the control plane on the first node; containerd, the kubelet and kube-proxy on each. */
export const clusterStep: Step = {
  title: "Kubernetes cluster",
  log: (lab) => logFile(lab, lastTried),
  isUp: async (lab) => {
    const up = await Promise.all(nodes.map((node) => nodeIsUp(lab, node)));
    return up.every(Boolean) && CONTROL_DAEMONS.every((name) => daemonIsUp(lab, FIRST.host, name));
  },
  up,
  down: destroyNodes,
};

const [FIRST] = nodes;

async function nodeIsUp(lab: Lab, node: LabNode): Promise<boolean> {
  if (!(await nodeIsSetUp(lab, node))) return false;
  const daemons = [...NODE_DAEMONS, sshdOf(node.host).name];
  if (!daemons.every((name) => daemonIsUp(lab, node.host, name))) return false;
  return (await nodeProblem(lab, node).catch(() => "no answer")) === undefined;
}

/** Whose log tells most about the last failure. */
let lastTried = "kube-apiserver";

async function up(lab: Lab, say: Say): Promise<void> {
  const groups = ["hosts", "cluster", "images", "ssh"] as const;
  await ensureDebianPackages(
    groups.flatMap((group) => DEBIAN_GROUPS[group]),
    say,
  );
  const programs = await ensurePrograms(["kubernetes", "pause", "registry", "registry-ui"], say);
  const archives = await ensureImages({ ...programs, registry2: registry2(), busybox: installed("busybox") }, say);
  say("keys, settings and the nodes' namespaces");
  await Promise.all([makeCredentials(lab), ...nodes.map((node) => createNode(lab, node))]);
  say("etcd, API server, containerd and images");
  const control = upControlPlane(lab, programs);
  await Promise.all([control, ...nodes.map((node) => upNode(lab, node, { programs, archives, control }))]);
}

async function upControlPlane(lab: Lab, programs: ClusterPrograms): Promise<void> {
  const all = controlDaemons(lab, programs);
  const serve = (name: ControlDaemon, serves: () => Promise<boolean>, seconds?: number): Promise<void> =>
    start(lab, FIRST, all[name], name, serves, seconds);
  await serve("etcd", () => listensOnLoopback(lab, 2379));
  await serve("kube-apiserver", () => apiIsReady(lab), 60);
  const others = ["kube-controller-manager", "kube-scheduler"] as const;
  await Promise.all(others.map((name) => serve(name, () => Promise.resolve(daemonIsUp(lab, FIRST.host, name)))));
}

/** What a node comes up with. */
interface Supplies {
  programs: ClusterPrograms;
  archives: readonly ImageArchive[];
  /** Resolves when the control plane serves. */
  control: Promise<void>;
}

async function upNode(lab: Lab, node: LabNode, { programs, archives, control }: Supplies): Promise<void> {
  writeSettings(lab, node);
  const all = nodeDaemons(lab, node, programs);
  const serve = (name: NodeDaemon, serves: () => Promise<boolean>): Promise<void> =>
    start(lab, node, all[name], nodeLog(node, name), serves);
  const runs = (name: NodeDaemon) => (): Promise<boolean> => Promise.resolve(daemonIsUp(lab, node.host, name));
  const sshd = sshdOf(node.host);
  const login = start(lab, node, sshd, sshd.name, () => listens(lab, node.host, 22));
  await Promise.all([login, serve("containerd", () => containerdIsReady(lab, node))]);
  await importImages(lab, node, archives);
  const since = daemonIsUp(lab, node.host, "kubelet") ? 0 : Date.now();
  await serve("kubelet", runs("kubelet"));
  await control;
  await serve("kube-proxy", runs("kube-proxy"));
  await waitForNode(lab, node, since, 60).catch((error: unknown) => {
    lastTried = nodeLog(node, "kubelet");
    throw error;
  });
}

async function start(
  lab: Lab,
  { host }: LabNode,
  daemon: Daemon,
  log: string,
  serves: () => Promise<boolean>,
  seconds = 30,
): Promise<void> {
  await startDaemon(lab, host, daemon);
  await waitForDaemon(lab, host, daemon, serves, seconds).catch((error: unknown) => {
    lastTried = log;
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
