import path from "node:path";
import { Lab, LabNode, network, nodes } from "../lab";

/** The name, as in `kubectl get nodes`, of the node that the lab's stack keeps the images on. */
export const NODE_NAME = nodes[0].name;

/** Networks of the cluster: they are seen only on its nodes. Each node has a part of the pods' (lab.ts). */
export const CLUSTER_NETWORK = { pods: "10.232.0.0/16", services: "10.233.0.0/24" } as const;

/** The cgroup that everything of the cluster is in, in each hierarchy. */
export const CGROUP = "/private-registry-lab";

/** A node's own cgroup: a kubelet ends pods that it does not know, so two of them may not share one. */
export const cgroupOf = (node: LabNode): string => `${CGROUP}/${node.name}`;

/** Where the API server listens, for the machine and for the nodes. */
export const API_SERVER = `https://${network.addresses.node}:6443`;

/** Folder of the files of one lab's cluster; `down` removes it. */
export function clusterDir(lab: Lab, ...parts: string[]): string {
  return path.join(lab.dir, "cluster", ...parts);
}

/** Folder of the files of one of its nodes. */
export function nodeDir(lab: Lab, node: LabNode, ...parts: string[]): string {
  return clusterDir(lab, node.host, ...parts);
}

/** The socket of a node's containerd, usable from the machine. */
export function nodeSocket(lab: Lab, node: LabNode): string {
  return nodeDir(lab, node, "containerd.sock");
}

/** The folder in which a node's containerd looks for what it has to know of a registry, by the registry's name. */
export const REGISTRY_CERTIFICATES = "/etc/containerd/certs.d";

/**
 * What is a node's own: nothing of the cluster is written to the machine's folders. The home of the SSH user is in
 * /srv, as the machine's /home and /root may hold the programs that the node runs.
 */
export const NODE_FILES = {
  changed: ["/etc"],
  own: ["/data", "/srv", "/var/log", "/var/lib/kubelet", "/var/lib/cni"],
  memory: ["/run"],
} as const;
