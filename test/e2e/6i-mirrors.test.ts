import assert from "node:assert/strict";
import { runOn } from "../../lab/hosts";
import { type LabNode, network, nodes } from "../../lab/lab";
import { Fault, READER } from "../../rig/registry/fake-upstream";
import { blockBelow } from "../support/docs";
import { kubectl, onGateway, run, succeeded } from "../../rig/stack/lab";
import { drift, type Image, labRootsBack, nodeHosts, removeCertsFolders, runPods } from "../../rig/stack/node-hosts";
import { apply, eventually, firstNode, nodesBack, onNode, secondNode, theLab } from "../../rig/stack/nodes";
import { outputs, preview, settle, type Settings, up, changeConfig } from "../../rig/stack/stack";
import { addressOf, LabUpstreams, type UpstreamName } from "../../rig/stack/upstreams";

const APPS = "mirrored";
const MIRROR = "mirror.lab.test";
/** Where the gateway keeps blobs of mirrors, in a test. */
const CACHE = "/var/cache/mirrored";
const LOG = "/var/log/nginx/docker.access.log";
/** A disk of the first node, of its own and small. */
const SMALL = "/data/small";
const asRoot = (script: string) => runOn(theLab(), firstNode.host, ["/bin/bash", "-euc", script]);

describe("6i. mirrors of other registries", function () {
  this.timeout(300_000);
  let upstreams: LabUpstreams;
  let putBack: () => void;
  let images: Record<UpstreamName, Image>;

  function settings(): Settings {
    const one = (index: number, name: UpstreamName): [string, string][] => [
      [`mirrors.upstreams[${index}].name`, name],
      [`mirrors.upstreams[${index}].caPem`, upstreams.caPem],
      [`mirrors.upstreams[${index}].storage.hostPath.nodeName`, firstNode.name],
    ];
    return {
      ...nodeHosts(),
      "mirrors.host": MIRROR,
      ...Object.fromEntries([...one(0, "docker.io"), ...one(1, "ghcr.io"), ...one(2, "quay.io")]),
      "mirrors.upstreams[0].storage.hostPath.path": SMALL,
      "mirrors.upstreams[2].username": READER.user,
      "mirrors.upstreams[2].password": READER.password,
      "mirrors.upstreams[2].repositories[0]": "acme/**",
    };
  }

  before(async () => {
    await settle();
    await kubectl("create", "namespace", APPS);
    await asRoot(`mkdir -p ${SMALL} && mount -t tmpfs -o size=24m tmpfs ${SMALL}`);
    upstreams = await LabUpstreams.start();
    await removeCertsFolders();
    for (const node of nodes) {
      await onNode(node, `echo '${network.addresses.gateway} ${MIRROR}' | sudo -n tee -a /etc/hosts`);
    }
    putBack = await changeConfig(settings());
    images = {
      "docker.io": await upstreams.program("docker.io", "library/app"),
      "ghcr.io": await upstreams.program("ghcr.io", "acme/app"),
      "quay.io": await upstreams.program("quay.io", "acme/app"),
    };
  });
  after(async () => {
    putBack?.();
    await upstreams?.stop();
    await nodesBack();
    await settle();
    await labRootsBack();
    for (const node of nodes) await onNode(node, `sudo -n sed -i '/${MIRROR}/d' /etc/hosts || :`);
    await asRoot(`umount -l ${SMALL}`);
    await run("kubectl", ["delete", "namespace", APPS, "--wait=false"]);
  });

  const runs = (node: LabNode, name: string, images: readonly Image[], more: object = {}): Promise<number> =>
    runPods(
      APPS,
      name,
      images.map((image) => ({ node, image })),
      more,
    );
  const all = (): Image[] => Object.values(images);
  const blobs = async (name: UpstreamName): Promise<string[]> =>
    (await upstreams.taken(name))
      .filter(({ url }) => url.includes("/blobs/"))
      .map(({ method, url }) => `${method} ${url}`);

  it("come up with one up, and the next one changes nothing", async () => {
    const shown = await preview();
    assert.match(shown.all, /docker\.io\/hosts\.toml/);
    assert.ok(!shown.all.includes(READER.password));
    const done = await up();
    succeeded(done);
    console.log(`      up with three mirrors: ${done.seconds.toFixed(1)} s`);
    assert.equal((await up("--expect-no-changes")).exitCode, 0);
    succeeded(await drift());
    assert.ok(JSON.stringify(await outputs()).includes(MIRROR));
    const described = succeeded(await run("bash", ["-euc", blockBelow("docs/mirrors.md", "down")]));
    assert.match(described.stdout, /kube-registry-mirror-docker-io/);
  });

  it("bring a node's pods the images of three registries under their own names, and never mix them", async () => {
    await runs(firstNode, "first", all());
    for (const name of Object.keys(images) as UpstreamName[])
      assert.ok((await blobs(name)).length >= 2, `${name} was not asked`);
    const log = await onGateway(`sudo -n cat ${LOG}`);
    const node = network.addresses[firstNode.host].replaceAll(".", "-");
    const lines = log.stdout.split("\n").filter((line) => line.includes(` - ${node} [`));
    assert.ok(lines.length >= 9, `${lines.length} lines of ${node}`);
  });

  it("bring them while no registry answers: one drops, one refuses, one hangs, and a proxy has been started anew", async () => {
    for (const name of Object.keys(images) as UpstreamName[]) await upstreams.taken(name);
    await upstreams.drop("docker.io", true);
    await upstreams.open("ghcr.io", false);
    await upstreams.fault("quay.io", Fault.Hang);
    succeeded(await run("bash", ["-euc", blockBelow("docs/mirrors.md", "stuck")]));
    const rollout = ["rollout", "status", "deployment/kube-registry-mirror-ghcr-io", "--timeout=60s"];
    await kubectl("-n", "kube-system", ...rollout);
    assert.ok((await runs(secondNode, "cut", all())) < 60);
    for (const name of Object.keys(images) as UpstreamName[]) assert.deepEqual(await blobs(name), [], name);
    await upstreams.drop("docker.io", false);
    await upstreams.open("ghcr.io", true);
    await upstreams.fault("quay.io", Fault.None);
  });

  it("never see a pod's own secret for a registry", async () => {
    const image = await upstreams.program("ghcr.io", "acme/with-secret");
    const auth = Buffer.from("pod:s3cret-of-a-pod").toString("base64");
    const config = { auths: { "ghcr.io": { auth } } };
    await apply({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "ghcr", namespace: APPS },
      type: "kubernetes.io/dockerconfigjson",
      data: { ".dockerconfigjson": Buffer.from(JSON.stringify(config)).toString("base64") },
    });
    await upstreams.taken("ghcr.io");
    await runs(firstNode, "with-secret", [image], { imagePullSecrets: [{ name: "ghcr" }] });
    assert.ok(!(await upstreams.taken("ghcr.io")).some(({ authorization }) => authorization !== ""));
    const log = await onGateway("sudo -n sh -c 'cat /var/log/nginx/*'");
    assert.ok(!log.stdout.includes(auth));
  });

  it("know who has no certificate: pods run on by the registry itself, and drift is red", async () => {
    const image = await upstreams.program("ghcr.io", "acme/direct");
    const live = "/etc/private-registry/main-nodes/live";
    await onNode(secondNode, `cd -P ${live} && sudo -n sed -i '/client = /d' ghcr.io/hosts.toml`);
    await onNode(
      secondNode,
      `grep -q ghcr.io /etc/hosts || echo '${addressOf("ghcr.io")} ghcr.io' | sudo -n tee -a /etc/hosts`,
    );
    await upstreams.taken("ghcr.io");
    await runs(secondNode, "direct", [image]);
    assert.ok((await blobs("ghcr.io")).length >= 2);
    const red = await drift();
    assert.equal(red.exitCode, 1, red.all);
    assert.match(red.all, /ghcr\.io\/hosts\.toml: has another/);
    await onNode(secondNode, `sudo -n sed -i '/ghcr.io/d' /etc/hosts || :`);
    succeeded(await drift("--fix"));
  });

  it("go on from a full disk with what they have, and the nodes get the rest themselves", async () => {
    const [kept, other] = [
      await upstreams.program("docker.io", "library/kept"),
      await upstreams.program("docker.io", "library/new"),
    ];
    await runs(firstNode, "kept", [kept]);
    await asRoot(`dd if=/dev/zero of=${SMALL}/filler bs=64k status=none || :`);
    const ready = async (): Promise<string> =>
      kubectl(
        "-n",
        "kube-system",
        "get",
        "deployment",
        "kube-registry-mirror-docker-io",
        "-o",
        "jsonpath={.status.readyReplicas}",
      );
    await eventually("the proxy is out of service", ready, (count) => count === "" || count === "0");
    await onNode(secondNode, `echo '${addressOf("docker.io")} registry-1.docker.io' | sudo -n tee -a /etc/hosts`);
    await runs(secondNode, "full-kept", [kept]);
    await runs(secondNode, "full-new", [other]);
    await onNode(secondNode, `sudo -n sed -i '/docker.io/d' /etc/hosts || :`);
    await asRoot(`rm ${SMALL}/filler`);
    await eventually("the proxy serves again", ready, (count) => count === "1");
  });

  it("make one download of each blob where gateways keep them, for nodes that ask at once and for later ones", async () => {
    await changeConfig({ "mirrors.blobCache.sizeGiB": 1, "mirrors.blobCache.path": CACHE });
    succeeded(await up());
    const image = await upstreams.program("ghcr.io", "acme/at-once");
    await upstreams.taken("ghcr.io");
    await runPods(
      APPS,
      "at-once",
      nodes.map((node) => ({ node, image })),
    );
    const asked = (await blobs("ghcr.io")).filter((each) => each.startsWith("GET "));
    assert.ok(asked.length > 1, "nobody asked the registry");
    assert.deepEqual(asked, [...new Set(asked)]);
    assert.equal((await up("--expect-no-changes")).exitCode, 0);
    succeeded(await drift());
  });

  it("have certificates of nodes that open no pod of the registry", async () => {
    const live = "/etc/private-registry/main-nodes/live";
    const port = await kubectl(
      "-n",
      "kube-system",
      "get",
      "service",
      "kube-registry",
      "-o",
      "jsonpath={.spec.ports[0].nodePort}",
    );
    const ask = (cert: string): Promise<string> =>
      onNode(
        firstNode,
        `sudo -n curl -sk ${cert} --max-time 5 -o /dev/null -w '%{http_code}' https://${network.addresses.node}:${port}/v2/ || :`,
      );
    assert.match(await ask(`--cert ${live}/node.crt --key ${live}/node.key`), /^000/);
    assert.match(await ask(""), /^000/);
  });
});
