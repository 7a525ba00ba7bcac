import path from "node:path";
import { Lab, network } from "../lab";

/** The node's name, as in `kubectl get nodes`. */
export const NODE_NAME = "lab-node";

/** Networks inside the node: they are seen nowhere else. */
export const CLUSTER_NETWORK = { pods: "10.232.0.0/24", services: "10.233.0.0/24" } as const;

/** The cgroup that everything of the cluster is in, in each hierarchy. */
export const CGROUP = "/private-registry-lab";

/** Where the API server listens, for the machine and for the node. */
export const API_SERVER = `https://${network.addresses.node}:6443`;

/** Folder of the files of one lab's cluster; `down` removes it. */
export function clusterDir(lab: Lab, ...parts: string[]): string {
  return path.join(lab.dir, "cluster", ...parts);
}

/** Folders that are the node's own: nothing of the cluster is written to the machine's. */
export const NODE_FILES = {
  own: ["/data", "/var/log", "/var/lib/kubelet", "/var/lib/cni"],
  memory: ["/run"],
} as const;
