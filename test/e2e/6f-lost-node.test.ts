import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { hostDir, network } from "../../lab/lab";
import { type S3Server, startS3Server } from "../../rig/registry/s3-server";
import { login, makeImage, pulledDigest, push, reference } from "../../rig/stack/images";
import { labVariable, succeeded } from "../../rig/stack/lab";
import { refusals, refusedBy } from "../../rig/stack/node-port";
import {
  allOn,
  eventually,
  firstNode,
  killNode,
  nodeIs,
  nodesBack,
  onNode,
  type PlacedPod,
  secondNode,
  spreadOver,
  theLab,
} from "../../rig/stack/nodes";
import { changeConfig, oldPodsGone, settle, up, withConfig } from "../../rig/stack/stack";
import { noneFailed, nothingLater, pushTarget, streamOfPulls, streamOfPushes } from "../../rig/stack/stream";
import { blockBelow, shellBlocks } from "../support/docs";
import { follow, pageBlock } from "../support/runbook";

const PAGE = "docs/runbooks/node-lost.md";
const SCALING = "docs/scaling.md";
const TARGET = "lost/target";
const BOTH = [firstNode, secondNode];
/**
 * How long after a node was cut off a pull may still begin that then fails: Kubernetes notices after 12 s here, and
 * nginx may leave out the other node for 10 s, if that one has passed too many connections to the dead pod.
 */
const NOTICED_SECONDS = 25;
/** So long a pull waits for a pod that was cut off with it under way; then it is asked of another one. */
const READ_TIMEOUT = 5;

/** The commands of the node's page that were run. */
const ran = new Set<string>();

/** Runs commands of a page; its stack, and a word of it that is another in the lab, are the lab's. */
async function onPage(page: string, name: string, replaced: Record<string, string> = {}): Promise<string> {
  if (page === PAGE) ran.add(blockBelow(page, name));
  return (await follow(pageBlock(page, name, replaced))).stdout;
}
const theStack = () => ({ "--stack prod": `--stack ${labVariable("LAB_STACK")}` });
const theNode = { "node-2": secondNode.name };

const names = (pods: readonly PlacedPod[]): string[] => pods.map(({ metadata }) => metadata.name).sort();
const on = (pods: readonly PlacedPod[], { name }: { name: string }): PlacedPod => {
  const found = pods.find(({ spec }) => spec.nodeName === name);
  assert.ok(found, `no pod on ${name}`);
  return found;
};

describe("6f. two replicas on two nodes, with the images in an object store", function () {
  this.timeout(420_000); // an `up` may take five minutes
  let store: S3Server;
  let putBack: (() => void) | undefined;

  before(async () => {
    await settle();
    store = await startS3Server(false, network.addresses.machine);
    putBack = await changeConfig({
      "storage.hostPath": undefined,
      "storage.s3.bucket": store.bucket,
      "storage.s3.endpoint": store.url,
      "storage.s3.accessKeyId": store.accessKeyId,
      "storage.s3.secretAccessKey": store.secretAccessKey,
      "registry.storeCheck": "port", // Debian's busybox, in the lab's image, has a wget that crashes
      "registry.replicas": 2,
      "nginx.readTimeoutSeconds": READ_TIMEOUT,
    });
    succeeded(await up());
    await oldPodsGone(2);
    await pushTarget(TARGET);
  });
  after(async () => {
    putBack?.();
    await settle();
    await store.stop();
  });

  it("are one on each, and three are two and one", async () => {
    await spreadOver(2);
    await withConfig({}, async () => {
      await onPage(SCALING, "replicas", theStack());
      await spreadOver(3);
    });
    succeeded(await up());
    await spreadOver(2);
  });

  it("move to one node when the other is drained, without a failed pull or push, and back by a restart", async () => {
    const [pulls, pushes] = [streamOfPulls(TARGET), streamOfPushes("lost/drained")];
    try {
      await sleep(1000);
      await onPage(PAGE, "drain", theNode);
      await allOn(firstNode, 2);
      await sleep(1000);
    } finally {
      await onPage(PAGE, "uncordon", theNode);
    }
    await onPage(PAGE, "spread");
    const seen = [await pulls.stop(), await pushes.stop()] as const;
    noneFailed("pulls", seen[0]);
    noneFailed("pushes", seen[1]);
    await spreadOver(2);
    assert.equal((await up("--expect-no-changes")).exitCode, 0, "the restart is no drift");
  });

  it("serve with one when a node is cut off, once Kubernetes has noticed; it comes back with its node", async () => {
    const before = await spreadOver(2);
    const pulls = streamOfPulls(TARGET);
    await sleep(1000);
    const cutOff = Date.now();
    await killNode(secondNode);
    try {
      await onPage(PAGE, "look");
      await nodeIs(secondNode, "Unknown");
      console.log(`      Kubernetes noticed after ${((Date.now() - cutOff) / 1000).toFixed(1)} s`);
      await withConfig({ "nginx.hstsSeconds": 60 }, async () => {
        assert.match(succeeded(await up()).all, /came up once, and does not serve now/);
      });
      nothingLater("pulls", await pulls.stop(), cutOff, NOTICED_SECONDS);
    } finally {
      await nodesBack();
    }
    const { value: back } = await eventually(
      "a new address",
      () => spreadOver(2),
      (pods) => on(pods, secondNode).status.podIP !== on(before, secondNode).status.podIP,
    );
    assert.deepEqual(names(back), names(before));
    const whole = streamOfPulls(TARGET);
    await sleep(2000);
    noneFailed("pulls with the node back", await whole.stop());
  });

  it("are both on one node at once when it is said that the other is off, and an up changes them there", async () => {
    await killNode(secondNode);
    try {
      await nodeIs(secondNode, "Unknown");
      await onPage(PAGE, "off", theNode);
      await allOn(firstNode, 2);
      await withConfig({ "registry.environment.REGISTRY_LOG_FIELDS_ROLL": "lost" }, async () => {
        succeeded(await up());
        await allOn(firstNode, 2);
        const pulls = streamOfPulls(TARGET);
        await sleep(3000);
        noneFailed("pulls from one node", await pulls.stop());
      });
    } finally {
      const untainted = nodeIs(secondNode, "True").then(() => onPage(PAGE, "back", theNode));
      await Promise.all([nodesBack(), untainted]);
    }
  });

  it("each serve their own node's port where ports are limited to the gateways", async () => {
    await withConfig({ "cluster.allowedCidrs[0]": `${labVariable("LAB_GATEWAY_HOST")}/32` }, async () => {
      succeeded(await up());
      const pods = await spreadOver(2);
      const each = pods.map(({ metadata }) => metadata.name);
      for (const node of BOTH) {
        const before = await refusals(each);
        for (let tries = 0; tries < 4; tries++)
          assert.equal(await refusedBy(network.addresses[node.host]), "a registry");
        const expected = pods.map(({ spec }, index) => (before[index] ?? 0) + (spec.nodeName === node.name ? 4 : 0));
        const here = `refused by the pod on ${node.name} and no other`;
        await eventually(
          here,
          () => refusals(each),
          (counts) => String(counts) === String(expected),
          10,
        );
      }
      const [pulls, pushes] = [streamOfPulls(TARGET), streamOfPushes("lost/local")];
      await sleep(3000);
      const seen = [await pulls.stop(), await pushes.stop()] as const;
      noneFailed("pulls", seen[0]);
      noneFailed("pushes", seen[1]);
    });
  });

  it("are one on each again after each roll: with more CPU and memory, and in another class", async () => {
    await withConfig({}, async () => {
      await onPage(SCALING, "resources", { ...theStack(), "requests.cpu' 2": "requests.cpu' 200m" });
      await spreadOver(2);
      const classes = await onPage(SCALING, "class", theStack());
      // Behind what the `up` said, and with those of the pods on their way out.
      assert.equal(
        classes
          .trim()
          .split("\n")
          .at(-1)
          ?.match(/Guaranteed/g)?.length,
        2,
        classes,
      );
      await spreadOver(2);
    });
  });
});

describe("6f. the node with the images", function () {
  this.timeout(420_000);
  const FOLDER = "/data/e2e-lost";
  const second = network.addresses[secondNode.host];

  after(async () => {
    await settle();
    for (const node of BOTH) await onNode(node, `rm -rf ${FOLDER}`);
  });

  it("is lost: another has its disk, and by the runbook's commands the registry runs there with all images", async () => {
    const settings = {
      "storage.hostPath.nodeName": secondNode.name,
      "storage.hostPath.path": FOLDER,
      "nodeAddresses[1]": undefined,
      "nodeAddresses[0]": second,
    };
    await withConfig(settings, async () => {
      await settle();
      await allOn(secondNode, 1);
      const image = await makeImage("lost", 2, 1 << 20);
      succeeded(await push(image, reference("lost/disk"), await login("push")));
      await killNode(secondNode);
      try {
        await onNode(firstNode, `cp -a '${hostDir(theLab(), secondNode.host, "own", FOLDER)}' ${FOLDER}`);
        const here = { "node-1": firstNode.name, "192.0.2.10": network.addresses[firstNode.host] };
        await onPage(PAGE, "directory", { ...theStack(), ...here });
        await onPage(PAGE, "check", theStack());
        await allOn(firstNode, 1);
        assert.equal(await pulledDigest(reference("lost/disk"), await login("pull")), image.digest);
      } finally {
        await nodesBack();
      }
    });
  });

  it("has a runbook without a command that was not run here", () => {
    assert.deepEqual(
      shellBlocks(PAGE).filter((block) => !ran.has(block)),
      [],
    );
  });
});
