import type { Daemon } from "../hosts";
import { Lab, network } from "../lab";
import type { ProgramPaths } from "../programs";
import { kubeconfigFile, pkiFile } from "./credentials";
import { CLUSTER_NETWORK, clusterDir, NODE_NAME } from "./places";

/** The programs of a cluster. */
export type ClusterPrograms = ProgramPaths<"kubernetes">;

/** The daemons of the node, in the order in which they are named to a person. */
export const DAEMONS = [
  "etcd",
  "containerd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubelet",
  "kube-proxy",
] as const;

export type DaemonName = (typeof DAEMONS)[number];

/** The command lines. */
export function daemons(lab: Lab, programs: ClusterPrograms): Readonly<Record<DaemonName, Daemon>> {
  const daemon = (name: DaemonName, command: Daemon["command"]): Daemon => ({ name, command });
  return {
    etcd: daemon("etcd", etcd(lab)),
    containerd: daemon("containerd", ["containerd", "--config", clusterDir(lab, "containerd.toml")]),
    "kube-apiserver": daemon("kube-apiserver", apiServer(lab, programs)),
    "kube-controller-manager": daemon("kube-controller-manager", controllerManager(lab, programs)),
    "kube-scheduler": daemon("kube-scheduler", [
      programs["kube-scheduler"],
      `--kubeconfig=${kubeconfigFile(lab, "kube-scheduler")}`,
      "--leader-elect=false",
      "--bind-address=127.0.0.1",
    ]),
    kubelet: daemon("kubelet", [
      programs.kubelet,
      `--config=${clusterDir(lab, "kubelet.json")}`,
      `--kubeconfig=${kubeconfigFile(lab, "kubelet")}`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${network.addresses.node}`,
      "--root-dir=/var/lib/kubelet",
    ]),
    "kube-proxy": daemon("kube-proxy", [programs["kube-proxy"], `--config=${clusterDir(lab, "kube-proxy.json")}`]),
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
    "--leader-elect=false",
    "--bind-address=127.0.0.1",
    "--profiling=false",
  ];
}
