import assert from "node:assert/strict";
import { runOn } from "../../lab/hosts";
import { type LabNode, network, nodes } from "../../lab/lab";
import { kubectl, labVariable, run, succeeded } from "../../rig/stack/lab";
import {
  certsFolder,
  drift,
  type Image,
  labRootsBack,
  nodeHosts,
  removeCertsFolders,
  runPods,
} from "../../rig/stack/node-hosts";
import {
  apply,
  eventually,
  imagesOn,
  killNode,
  nodesBack,
  onNode,
  podsOf,
  secondNode,
  theLab,
} from "../../rig/stack/nodes";
import { outputs, preview, settle, type Settings, up, withConfig } from "../../rig/stack/stack";
import { pushProgram } from "../../rig/stack/program-image";

const APPS = "node-hosts";
/** A pull secret for the namespace, as docs/pulling.md has it. */
const SECRET = (): Settings => ({
  "cluster.pullSecrets[0].namespace": APPS,
  "cluster.pullSecrets[0].user": labVariable("LAB_PULL_USER"),
  "cluster.pullSecrets[0].defaultServiceAccount": true,
});

const runsOn = (where: readonly LabNode[], name: string, image: Image): Promise<number> =>
  runPods(
    APPS,
    name,
    where.map((node) => ({ node, image })),
  );

describe("6g. nodes over SSH", () => {
  before(async () => {
    await settle();
    await kubectl("create", "namespace", APPS);
  });
  after(async () => {
    await nodesBack();
    await settle();
    await labRootsBack();
    await run("kubectl", ["delete", "namespace", APPS, "--wait=false"]);
  });

  it("leave a folder alone that somebody has made by hand, and say how to move it away", async () => {
    await withConfig(nodeHosts(), async () => {
      const refused = await up();
      assert.notEqual(refused.exitCode, 0);
      assert.match(refused.all, /certs\.d\/\S+ is there and is no link of ours; move it away \(mv /);
      for (const node of nodes) await onNode(node, `test -e ${certsFolder()}/ca.crt`);
    });
  });

  it("get what they need to pull: pods run what no node had, and a second up changes nothing", async () => {
    await removeCertsFolders();
    await withConfig({ ...nodeHosts(), ...SECRET() }, async () => {
      const before = await preview();
      assert.match(before.all, /\/hosts\.toml/);
      succeeded(await up());
      for (const node of nodes) await onNode(node, `test -L ${certsFolder()} && test -e ${certsFolder()}/hosts.toml`);
      await runsOn(nodes, "by-ssh", await pushProgram("apps/by-ssh"));
      assert.equal((await up("--expect-no-changes")).exitCode, 0);
      assert.match(String((await outputs())["nodeReleaseHash"]), /^[0-9a-f]{20}$/);
      const compared = succeeded(await drift());
      for (const node of nodes)
        assert.match(compared.stdout, new RegExp(`${network.addresses[node.host]}: as written`));
    });
  });

  it("get another CA in the same up, and one that is away gets it later", async () => {
    const ownCa: Settings = { "certificate.issuer": "private-ca", "certificate.trustedRootsPem": undefined };
    // The lab's client only trusts the lab's CA.
    const [one, two] = [await pushProgram("apps/own-ca-first"), await pushProgram("apps/own-ca-second")];
    await withConfig({ ...nodeHosts(), ...SECRET(), ...ownCa }, async () => {
      await killNode(secondNode);
      const done = await up();
      succeeded(done);
      assert.match(done.all, /1 of 2 nodes did not answer, and pull as they did before; the next up tries them again/);
      console.log(`      an up with a node away: ${done.seconds.toFixed(1)} s`);
      const red = await drift();
      assert.equal(red.exitCode, 2, red.all);
      await runsOn([nodes[0]], "own-ca-first", one);
      await nodesBack();
      const again = await up();
      succeeded(again);
      assert.deepEqual(
        [...again.changes],
        [["pulumi-nodejs:dynamic/private-registry:NodeRelease::" + nodeName(1), "update"]],
      );
      await runsOn([secondNode], "own-ca-second", two);
      succeeded(await drift());
    });
  });

  it("pull as before once they are taken out of the stack", async () => {
    await nodesBack();
    await settle();
    for (const node of nodes) {
      await onNode(node, `! test -e ${certsFolder()} && ! sudo -n test -e /etc/private-registry`);
    }
  });
});

const nodeName = (index: number): string => {
  const node = nodes[index];
  return `main-nodes-${network.addresses[node?.host ?? "node"].replaceAll(".", "-")}`;
};

/** Without systemd: what `systemctl restart containerd` comes to on a node of the lab. */
const STAND_IN = `#!/bin/bash
[ "$1" = restart ] || exit 1
for each in /proc/[0-9]*; do
  if [ "$(cat $each/comm 2>/dev/null)" = containerd ]; then
    mapfile -d '' -t words <$each/cmdline
    pid=\${each#/proc/}
    kill $pid
    while kill -0 $pid 2>/dev/null && ! grep -q '^State:.Z' $each/status; do sleep 0.05; done
    setsid "\${words[@]}" >>/var/log/containerd-again.log 2>&1 </dev/null &
    exit 0
  fi
done
exit 1
`;

describe("6g. a node whose containerd reads no folder of registries", () => {
  const config = (): string => `${labVariable("LAB_DIR")}/cluster/${secondNode.host}/containerd.toml`;
  const root = (script: string, input = "") =>
    runOn(theLab(), secondNode.host, ["/bin/bash", "-euc", script], { input });

  before(async () => {
    await settle();
    await kubectl("create", "namespace", `${APPS}-2`);
    await removeCertsFolders();
    await root(
      "cat >/run/systemctl && chmod 755 /run/systemctl && mount --bind /run/systemctl /usr/bin/systemctl",
      STAND_IN,
    );
    await root(
      `cp -p ${config()} /run/containerd.toml && sed -i '/config_path/d' ${config()} && systemctl restart containerd`,
    );
  });
  after(async () => {
    await root(`cp -p /run/containerd.toml ${config()}; umount /usr/bin/systemctl; pkill -x containerd || :`);
    await nodesBack();
    await settle();
    await labRootsBack();
    await run("kubectl", ["delete", "namespace", `${APPS}-2`, "--wait=false"]);
  });

  it("is refused with the lines to write, and gets them where an up may restart it, while its pods go on", async () => {
    const running = async (): Promise<string> =>
      kubectl("get", "pods", "-A", "--field-selector", `spec.nodeName=${secondNode.name}`, "-o", "json");
    await withConfig(nodeHosts(), async () => {
      const refused = await up();
      assert.notEqual(refused.exitCode, 0);
      assert.match(refused.all, /has no config_path, so containerd reads no folder of registries; write there/);
      assert.match(refused.all, /1 of 2 nodes refused their release/);
    });
    const pod = { name: "stays", image: await stayingImage() };
    await apply({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: pod.name, namespace: `${APPS}-2`, labels: { app: pod.name } },
      spec: { nodeName: secondNode.name, containers: [{ name: "app", image: pod.image, imagePullPolicy: "Never" }] },
    });
    const started = async (): Promise<string | undefined> =>
      (await podsOf(`${APPS}-2`, "app=stays"))[0]?.status.containerStatuses
        ?.map((each) => JSON.stringify(each.state))
        .join();
    const state = (await eventually("the pod runs", started, (now) => now?.includes("running") === true)).value;
    await withConfig({ ...nodeHosts(), "nodeHosts[1].restartContainerd": true }, async () => {
      succeeded(await up());
      await root(`grep -q 'config_path = "/etc/containerd/certs.d"' ${config()}`);
      assert.equal(await started(), state, "the pod was restarted");
      assert.ok((await running()).includes(pod.name));
    });
  });
});

/** An image that every node of the lab has. */
async function stayingImage(): Promise<string> {
  const found = await imagesOn(secondNode);
  const [pause] = found.split("\n").filter((line) => /pause/.test(line));
  assert.ok(pause, found);
  return pause;
}
