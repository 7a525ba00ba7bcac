import { existsSync, mkdirSync, readFileSync, statfsSync, writeFileSync } from "node:fs";
import { PAUSE_IMAGE } from "../images";
import { Lab, LabNode, network } from "../lab";
import { kubeconfigFile, kubeletOf, pkiFile } from "./credentials";
import { cgroupOf, CLUSTER_NETWORK, nodeDir, nodeSocket, REGISTRY_CERTIFICATES } from "./places";

/** Writes a node's configuration files of containerd, the CNI, the kubelet and kube-proxy. */
export function writeSettings(lab: Lab, node: LabNode): void {
  const json = (value: unknown): string => JSON.stringify(value, null, 2);
  mkdirSync(nodeDir(lab, node, "cni"), { recursive: true });
  keep(nodeDir(lab, node, "containerd.toml"), containerdSettings(lab, node));
  writeFileSync(nodeDir(lab, node, "cni", "10-lab.conflist"), json(cniSettings(node)));
  writeFileSync(nodeDir(lab, node, "kubelet.json"), json(kubeletSettings(lab, node)));
  writeFileSync(nodeDir(lab, node, "kube-proxy.json"), json(proxySettings(lab, node)));
  writeFileSync(resolvConf(lab, node), `nameserver ${network.addresses.ca}\n`);
}

/** A file that is younger than its process looks like one that the process has not read. */
function keep(file: string, text: string): void {
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
}

/** Where Debian and most others keep the CNI's plugins. */
function cniPlugins(): string {
  return existsSync("/usr/lib/cni/bridge") ? "/usr/lib/cni" : "/opt/cni/bin";
}

/** Overlays can't lie on an overlay, which the lab's folder may be in a container; then each layer is copied. */
export function snapshotter(lab: Lab): string {
  const OVERLAYFS_MAGIC = 0x794c7630;
  return statfsSync(lab.dir).type === OVERLAYFS_MAGIC ? "native" : "overlayfs";
}

const text = (value: string): string => JSON.stringify(value);

/** Without CAP_SYS_RESOURCE no sandbox could get the score it asks for: `restrict_oom_score_adj`. */
function containerdSettings(lab: Lab, node: LabNode): string {
  return `version = 2
root = ${text(nodeDir(lab, node, "containerd"))}
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper"]

[grpc]
  address = ${text(nodeSocket(lab, node))}

[plugins."io.containerd.internal.v1.opt"]
  path = ${text(nodeDir(lab, node, "containerd-opt"))}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${text(PAUSE_IMAGE)}
  restrict_oom_score_adj = true
  disable_tcp_service = true
  netns_mounts_under_state_dir = true

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${text(cniPlugins())}
    conf_dir = ${text(nodeDir(lab, node, "cni"))}

  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = ${text(REGISTRY_CERTIFICATES)}

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = ${text(snapshotter(lab))}
    default_runtime_name = "runc"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
`;
}

/** The node hides its pods' addresses itself, and only from what is no pod (node.ts). */
const cniSettings = ({ pods }: LabNode): unknown => ({
  cniVersion: "0.4.0",
  name: "lab",
  plugins: [
    {
      type: "bridge",
      bridge: "cni0",
      isGateway: true,
      ipMasq: false,
      hairpinMode: true,
      ipam: { type: "host-local", ranges: [[{ subnet: pods }]], routes: [{ dst: "0.0.0.0/0" }] },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
});

/** By what pods know names: the lab's name server, which knows what tests tell it (ca/client.ts). */
const resolvConf = (lab: Lab, node: LabNode): string => nodeDir(lab, node, "resolv.conf");

/** It must not change the machine, nor evict pods or collect images because the machine's disk is full. */
function kubeletSettings(lab: Lab, node: LabNode): unknown {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: network.addresses[node.host],
    tlsCertFile: pkiFile(lab, `${kubeletOf(node)}.crt`),
    tlsPrivateKeyFile: pkiFile(lab, `${kubeletOf(node)}.key`),
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: pkiFile(lab, "ca.crt") },
    },
    authorization: { mode: "Webhook" },
    containerRuntimeEndpoint: `unix://${nodeSocket(lab, node)}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: cgroupOf(node),
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    evictionHard: {},
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    oomScoreAdj: 0,
    resolvConf: resolvConf(lab, node),
    volumePluginDir: "/var/lib/kubelet/volume-plugins",
    maxPods: 50,
    serializeImagePulls: false,
    nodeStatusUpdateFrequency: "4s",
    nodeLeaseDurationSeconds: 8, // it is renewed four times as often; see the controller manager's grace period
    healthzBindAddress: "127.0.0.1",
  };
}

/** Its limits of tracked connections are the machine's, which a namespace may not set: 0 leaves them. */
function proxySettings(lab: Lab, node: LabNode): unknown {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "iptables",
    hostnameOverride: node.name,
    clusterCIDR: CLUSTER_NETWORK.pods,
    clientConnection: { kubeconfig: kubeconfigFile(lab, "kube-proxy") },
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
    iptables: { minSyncPeriod: "100ms" },
    oomScoreAdj: 0,
    metricsBindAddress: "127.0.0.1:10249",
    healthzBindAddress: "127.0.0.1:10256",
  };
}
