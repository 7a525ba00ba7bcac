import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse } from "yaml";
import { adminToken, kubeconfigFile, kubeletOf, makeCredentials, pkiFile } from "../../lab/cluster/credentials";
import { CONTROL_DAEMONS, controlDaemons, NODE_DAEMONS, nodeDaemons } from "../../lab/cluster/daemons";
import { CGROUP, nodeDir, nodeSocket, REGISTRY_CERTIFICATES } from "../../lab/cluster/places";
import { writeSettings } from "../../lab/cluster/settings";
import { type Lab, type LabNode, labOf, network, nodes } from "../../lab/lab";
import { KUBERNETES_PROGRAMS, type ProgramPaths } from "../../lab/programs";

describe("the lab's cluster", () => {
  let lab: Lab;
  before(async () => {
    lab = labOf({ ...process.env, LAB_DIR: fs.mkdtempSync(path.join(os.tmpdir(), "cluster-")) });
    await makeCredentials(lab);
    for (const node of nodes) writeSettings(lab, node);
  });
  after(() => fs.rmSync(lab.dir, { recursive: true }));

  const read = (node: LabNode, name: string): Record<string, unknown> =>
    parse(fs.readFileSync(nodeDir(lab, node, name), "utf8")) as Record<string, unknown>;
  const paths = Object.fromEntries(
    KUBERNETES_PROGRAMS.map((name) => [name, `/programs/${name}`]),
  ) as ProgramPaths<"kubernetes">;

  it("has certificates of its own CA, for the nodes' addresses", () => {
    const authority = new X509Certificate(fs.readFileSync(pkiFile(lab, "ca.crt")));
    assert.equal(authority.ca, true);
    for (const name of ["apiserver", "apiserver-kubelet-client", ...nodes.map(kubeletOf)]) {
      const certificate = new X509Certificate(fs.readFileSync(pkiFile(lab, `${name}.crt`)));
      assert.ok(certificate.verify(authority.publicKey), name);
    }
    const servers = [["apiserver", "node"] as const, ...nodes.map((node) => [kubeletOf(node), node.host] as const)];
    for (const [name, host] of servers) {
      const server = new X509Certificate(fs.readFileSync(pkiFile(lab, `${name}.crt`)));
      assert.equal(server.checkIP(network.addresses[host]), network.addresses[host], name);
    }
  });

  it("has a kubeconfig that only root reads, and keeps its credentials when it is made again", async () => {
    const token = adminToken(lab);
    assert.ok(token.length >= 32);
    for (const user of ["admin", "kube-proxy", ...nodes.map(kubeletOf)] as const) {
      assert.equal(fs.statSync(kubeconfigFile(lab, user)).mode & 0o777, 0o600, user);
    }
    await makeCredentials(lab);
    assert.equal(adminToken(lab), token);
  });

  it("puts no secret into a command line", () => {
    const control = controlDaemons(lab, paths);
    const ofNodes = nodes.map((node) => nodeDaemons(lab, node, paths));
    const lines = JSON.stringify([control, ofNodes]);
    const tokens = fs.readFileSync(pkiFile(lab, "tokens.csv"), "utf8").trim().split("\n");
    assert.equal(tokens.length, 4 + nodes.length);
    for (const line of tokens) assert.ok(!lines.includes(line.split(",")[0] ?? ""));
    assert.deepEqual(Object.keys(control).sort(), [...CONTROL_DAEMONS].sort());
    for (const one of ofNodes) assert.deepEqual(Object.keys(one).sort(), [...NODE_DAEMONS].sort());
  });

  it("evicts no pod and collects no image because the machine's disk is full", () => {
    for (const node of nodes) {
      const kubelet = read(node, "kubelet.json");
      assert.deepEqual(kubelet["evictionHard"], {});
      assert.equal(kubelet["imageGCHighThresholdPercent"], 100);
      assert.equal(read(node, "kube-proxy.json")["hostnameOverride"], node.name);
    }
  });

  it("gives each node a control group, a network of pods, logs and an identity of its own", () => {
    const different = (of: (node: LabNode) => unknown): void =>
      assert.equal(new Set(nodes.map((node) => JSON.stringify(of(node)))).size, nodes.length);
    different((node) => read(node, "kubelet.json")["cgroupRoot"]);
    different((node) => read(node, "kubelet.json")["address"]);
    different((node) => read(node, "cni/10-lab.conflist")["plugins"]);
    for (const name of NODE_DAEMONS) different((node) => nodeDaemons(lab, node, paths)[name].log);
    different((node) => JSON.parse(fs.readFileSync(kubeconfigFile(lab, kubeletOf(node)), "utf8")) as unknown);
    for (const node of nodes) {
      assert.equal(path.dirname(String(read(node, "kubelet.json")["cgroupRoot"])), CGROUP);
      const tokens = fs.readFileSync(pkiFile(lab, "tokens.csv"), "utf8");
      assert.match(tokens, new RegExp(`,system:node:${node.name},system:node:${node.name},"system:nodes"$`, "m"));
    }
  });

  it("keeps containerd's files in the lab's folder, a folder for each node", () => {
    for (const node of nodes) {
      const settings = fs.readFileSync(nodeDir(lab, node, "containerd.toml"), "utf8");
      assert.match(settings, new RegExp(`^root = "${lab.dir}/cluster/${node.host}/containerd"$`, "m"));
      assert.match(settings, new RegExp(`address = "${nodeSocket(lab, node)}"`));
      assert.match(settings, /sandbox_image = "docker.io\/library\/pause:lab"/);
      assert.match(settings, new RegExp(`config_path = "${REGISTRY_CERTIFICATES}"`));
    }
    assert.equal(lab.containerdSocket, nodeSocket(lab, nodes[0]));
  });
});
