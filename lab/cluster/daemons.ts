import type { Daemon } from "../hosts";
import { Lab, LabNode, logFile, network, nodes } from "../lab";
import type { ProgramPaths } from "../programs";
import { kubeconfigFile, kubeletOf, pkiFile } from "./credentials";
import { CLUSTER_NETWORK, clusterDir, nodeDir } from "./places";

/** The programs of a cluster. */
export type ClusterPrograms = ProgramPaths<"kubernetes">;

/** The daemons of the control plane, which are on the first node. */
export const CONTROL_DAEMONS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] as const;

/** The daemons of every node. */
export const NODE_DAEMONS = ["containerd", "kubelet", "kube-proxy"] as const;

export type ControlDaemon = (typeof CONTROL_DAEMONS)[number];
export type NodeDaemon = (typeof NODE_DAEMONS)[number];

/** The command lines of the control plane. */
export function controlDaemons(lab: Lab, programs: ClusterPrograms): Readonly<Record<ControlDaemon, Daemon>> {
  return {
    etcd: { name: "etcd", command: etcd(lab) },
    "kube-apiserver": { name: "kube-apiserver", command: apiServer(lab, programs) },
    "kube-controller-manager": { name: "kube-controller-manager", command: controllerManager(lab, programs) },
    "kube-scheduler": {
      name: "kube-scheduler",
      command: [
        programs["kube-scheduler"],
        `--kubeconfig=${kubeconfigFile(lab, "kube-scheduler")}`,
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
      ],
    },
  };
}

/** The name of the log of a node's daemon: "kubelet" on the first node, "node-2-kubelet" on the second. */
export function nodeLog(node: LabNode, name: NodeDaemon): string {
  return node.host === nodes[0].host ? name : `${node.host}-${name}`;
}

/** The command lines of a node. */
export function nodeDaemons(lab: Lab, node: LabNode, programs: ClusterPrograms): Readonly<Record<NodeDaemon, Daemon>> {
  const daemon = (name: NodeDaemon, command: Daemon["command"]): Daemon => ({
    name,
    command,
    log: logFile(lab, nodeLog(node, name)),
  });
  return {
    containerd: daemon("containerd", ["containerd", "--config", nodeDir(lab, node, "containerd.toml")]),
    kubelet: daemon("kubelet", [
      programs.kubelet,
      `--config=${nodeDir(lab, node, "kubelet.json")}`,
      `--kubeconfig=${kubeconfigFile(lab, kubeletOf(node))}`,
      `--hostname-override=${node.name}`,
      `--node-ip=${network.addresses[node.host]}`,
      "--root-dir=/var/lib/kubelet",
    ]),
    "kube-proxy": daemon("kube-proxy", [programs["kube-proxy"], `--config=${nodeDir(lab, node, "kube-proxy.json")}`]),
  };
}

/** What it stores need not outlive a power cut: it is not synced. */
function etcd(lab: Lab): Daemon["command"] {
  const client = "http://127.0.0.1:2379";
  return [
    "etcd",
    `--data-dir=${clusterDir(lab, "etcd")}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    "--listen-peer-urls=http://127.0.0.1:2380",
    "--unsafe-no-fsync",
    "--log-level=warn",
  ];
}

function apiServer(lab: Lab, programs: ClusterPrograms): Daemon["command"] {
  return [
    programs["kube-apiserver"],
    "--etcd-servers=http://127.0.0.1:2379",
    "--secure-port=6443",
    `--advertise-address=${network.addresses.node}`,
    `--tls-cert-file=${pkiFile(lab, "apiserver.crt")}`,
    `--tls-private-key-file=${pkiFile(lab, "apiserver.key")}`,
    `--client-ca-file=${pkiFile(lab, "ca.crt")}`,
    `--token-auth-file=${pkiFile(lab, "tokens.csv")}`,
    `--kubelet-client-certificate=${pkiFile(lab, "apiserver-kubelet-client.crt")}`,
    `--kubelet-client-key=${pkiFile(lab, "apiserver-kubelet-client.key")}`,
    `--kubelet-certificate-authority=${pkiFile(lab, "ca.crt")}`,
    "--kubelet-preferred-address-types=InternalIP",
    `--service-account-key-file=${pkiFile(lab, "service-account.key")}`,
    `--service-account-signing-key-file=${pkiFile(lab, "service-account.key")}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-cluster-ip-range=${CLUSTER_NETWORK.services}`,
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction",
    "--endpoint-reconciler-type=none",
    "--allow-privileged=true",
    "--profiling=false",
    // It asks Debian's etcd 3.4 for what only 3.5 can tell, again and again.
    "--feature-gates=SizeBasedListCostEstimate=false",
  ];
}

function controllerManager(lab: Lab, programs: ClusterPrograms): Daemon["command"] {
  return [
    programs["kube-controller-manager"],
    `--kubeconfig=${kubeconfigFile(lab, "kube-controller-manager")}`,
    `--service-account-private-key-file=${pkiFile(lab, "service-account.key")}`,
    `--root-ca-file=${pkiFile(lab, "ca.crt")}`,
    "--use-service-account-credentials=true",
    // A node that is gone is told within seconds; the default is 50 s. The kubelets renew their leases every 2 s.
    "--node-monitor-grace-period=12s",
    "--node-monitor-period=1s",
    "--leader-elect=false",
    "--bind-address=127.0.0.1",
    "--profiling=false",
  ];
}
