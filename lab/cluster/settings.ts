import { existsSync, mkdirSync, statfsSync, writeFileSync } from "node:fs";
import { PAUSE_IMAGE } from "../images";
import { Lab, network } from "../lab";
import { kubeconfigFile, pkiFile } from "./credentials";
import { CGROUP, CLUSTER_NETWORK, clusterDir, NODE_NAME } from "./places";

/** Writes the configuration files of containerd, the CNI, the kubelet and kube-proxy. */
export function writeSettings(lab: Lab): void {
  mkdirSync(clusterDir(lab, "cni"), { recursive: true });
  writeFileSync(clusterDir(lab, "containerd.toml"), containerdSettings(lab));
  writeFileSync(clusterDir(lab, "cni", "10-lab.conflist"), JSON.stringify(CNI, null, 2));
  writeFileSync(clusterDir(lab, "kubelet.json"), JSON.stringify(kubeletSettings(lab), null, 2));
  writeFileSync(clusterDir(lab, "kube-proxy.json"), JSON.stringify(proxySettings(lab), null, 2));
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
function containerdSettings(lab: Lab): string {
  return `version = 2
root = ${text(clusterDir(lab, "containerd"))}
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper"]

[grpc]
  address = ${text(lab.containerdSocket)}

[plugins."io.containerd.internal.v1.opt"]
  path = ${text(clusterDir(lab, "containerd-opt"))}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${text(PAUSE_IMAGE)}
  restrict_oom_score_adj = true
  disable_tcp_service = true
  netns_mounts_under_state_dir = true

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${text(cniPlugins())}
    conf_dir = ${text(clusterDir(lab, "cni"))}

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = ${text(snapshotter(lab))}
    default_runtime_name = "runc"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
`;
}

const CNI = {
  cniVersion: "0.4.0",
  name: "lab",
  plugins: [
    {
      type: "bridge",
      bridge: "cni0",
      isGateway: true,
      ipMasq: true,
      hairpinMode: true,
      ipam: { type: "host-local", ranges: [[{ subnet: CLUSTER_NETWORK.pods }]], routes: [{ dst: "0.0.0.0/0" }] },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
};

/** It must not change the machine, nor evict pods or collect images because the machine's disk is full. */
function kubeletSettings(lab: Lab): unknown {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: network.addresses.node,
    tlsCertFile: pkiFile(lab, "kubelet.crt"),
    tlsPrivateKeyFile: pkiFile(lab, "kubelet.key"),
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: pkiFile(lab, "ca.crt") },
    },
    authorization: { mode: "Webhook" },
    containerRuntimeEndpoint: `unix://${lab.containerdSocket}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: CGROUP,
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    evictionHard: {},
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    oomScoreAdj: 0,
    resolvConf: "",
    volumePluginDir: "/var/lib/kubelet/volume-plugins",
    maxPods: 50,
    serializeImagePulls: false,
    nodeStatusUpdateFrequency: "4s",
    healthzBindAddress: "127.0.0.1",
  };
}

/** Its limits of tracked connections are the machine's, which a namespace may not set: 0 leaves them. */
function proxySettings(lab: Lab): unknown {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "iptables",
    hostnameOverride: NODE_NAME,
    clusterCIDR: CLUSTER_NETWORK.pods,
    clientConnection: { kubeconfig: kubeconfigFile(lab, "kube-proxy") },
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
    iptables: { minSyncPeriod: "100ms" },
    oomScoreAdj: 0,
    metricsBindAddress: "127.0.0.1:10249",
    healthzBindAddress: "127.0.0.1:10256",
  };
}
