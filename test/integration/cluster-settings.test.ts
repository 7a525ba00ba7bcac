import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse } from "yaml";
import { adminToken, kubeconfigFile, makeCredentials, pkiFile } from "../../lab/cluster/credentials";
import { DAEMONS, daemons } from "../../lab/cluster/daemons";
import { CGROUP, clusterDir, NODE_NAME } from "../../lab/cluster/places";
import { writeSettings } from "../../lab/cluster/settings";
import { type Lab, labOf, network } from "../../lab/lab";
import { KUBERNETES_PROGRAMS, type ProgramPaths } from "../../lab/programs";

describe("the lab's cluster", () => {
  let lab: Lab;
  before(async () => {
    lab = labOf({ ...process.env, LAB_DIR: fs.mkdtempSync(path.join(os.tmpdir(), "cluster-")) });
    await makeCredentials(lab);
    writeSettings(lab);
  });
  after(() => fs.rmSync(lab.dir, { recursive: true }));

  const read = (name: string): unknown => parse(fs.readFileSync(clusterDir(lab, name), "utf8"));
  const paths = Object.fromEntries(
    KUBERNETES_PROGRAMS.map((name) => [name, `/programs/${name}`]),
  ) as ProgramPaths<"kubernetes">;

  it("has certificates of its own CA, for the node's address", () => {
    const authority = new X509Certificate(fs.readFileSync(pkiFile(lab, "ca.crt")));
    assert.equal(authority.ca, true);
    for (const name of ["apiserver", "kubelet", "apiserver-kubelet-client"]) {
      const certificate = new X509Certificate(fs.readFileSync(pkiFile(lab, `${name}.crt`)));
      assert.ok(certificate.verify(authority.publicKey), name);
    }
    const server = new X509Certificate(fs.readFileSync(pkiFile(lab, "apiserver.crt")));
    assert.equal(server.checkIP(network.addresses.node), network.addresses.node);
  });

  it("has a kubeconfig that only root reads, and keeps its credentials when it is made again", async () => {
    const token = adminToken(lab);
    assert.ok(token.length >= 32);
    for (const user of ["admin", "kubelet", "kube-proxy"] as const) {
      assert.equal(fs.statSync(kubeconfigFile(lab, user)).mode & 0o777, 0o600, user);
    }
    await makeCredentials(lab);
    assert.equal(adminToken(lab), token);
  });

  it("puts no secret into a command line", () => {
    const lines = JSON.stringify(daemons(lab, paths));
    const tokens = fs.readFileSync(pkiFile(lab, "tokens.csv"), "utf8").trim().split("\n");
    assert.equal(tokens.length, 5);
    for (const line of tokens) assert.ok(!lines.includes(line.split(",")[0] ?? ""));
    assert.deepEqual(Object.keys(daemons(lab, paths)).sort(), [...DAEMONS].sort());
  });

  it("evicts no pod and collects no image because the machine's disk is full, and stays in its own cgroup", () => {
    const kubelet = read("kubelet.json") as Record<string, unknown>;
    assert.deepEqual(kubelet["evictionHard"], {});
    assert.equal(kubelet["imageGCHighThresholdPercent"], 100);
    assert.equal(kubelet["cgroupRoot"], CGROUP);
    assert.equal((read("kube-proxy.json") as Record<string, unknown>)["hostnameOverride"], NODE_NAME);
  });

  it("keeps containerd's files in the lab's folder", () => {
    const settings = fs.readFileSync(clusterDir(lab, "containerd.toml"), "utf8");
    assert.match(settings, new RegExp(`^root = "${lab.dir}/cluster/containerd"$`, "m"));
    assert.match(settings, new RegExp(`address = "${lab.containerdSocket}"`));
    assert.match(settings, /sandbox_image = "docker.io\/library\/pause:lab"/);
  });
});
