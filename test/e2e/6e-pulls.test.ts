import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { REGISTRY_CERTIFICATES } from "../../lab/cluster/places";
import { type LabNode, network, nodes } from "../../lab/lab";
import { reference } from "../../rig/stack/images";
import { checkout, kubectl, labVariable, run, succeeded } from "../../rig/stack/lab";
import { apply, eventually, imagesOn, onNode, podsOf, secondNode, theLab } from "../../rig/stack/nodes";
import { pushProgram } from "../../rig/stack/program-image";
import { settle, up, withConfig } from "../../rig/stack/stack";
import { follow, pageBlock } from "../support/runbook";

const PAGE = "docs/pulling.md";
const APPS = "apps";
const OTHERS = "others";
const host = (): string => labVariable("LAB_REGISTRY_HOST");

/** A pod of a namespace, on a node. It always asks the registry. */
function pod(name: string, namespace: string, image: string, { name: nodeName }: LabNode, secret?: string): object {
  const spec = {
    nodeName,
    terminationGracePeriodSeconds: 1,
    containers: [{ name: "app", image, imagePullPolicy: "Always" }],
    ...(secret === undefined ? {} : { imagePullSecrets: [{ name: secret }] }),
  };
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace, labels: { app: name } }, spec };
}

/** The digest that a pod runs, once it does. */
async function running(name: string, namespace: string, seconds = 60): Promise<string> {
  const states = async () => (await podsOf(namespace, `app=${name}`))[0]?.status;
  const runs = await eventually(
    `${name} is running`,
    states,
    (status) => status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true,
    seconds,
  );
  return runs.value?.containerStatuses?.[0]?.imageID.replace(/^.*@/, "") ?? "";
}

/** What the events of a pod say of its image, once it can't be pulled. */
async function refusal(name: string, namespace: string): Promise<string> {
  const fields = `involvedObject.name=${name},reason=Failed`;
  const ask = (): Promise<string> =>
    kubectl("-n", namespace, "get", "events", "--field-selector", fields, "-o", "jsonpath={.items[*].message}");
  return (await eventually(`${name} is refused`, ask, (said) => said.includes("Failed to pull image"))).value;
}

/** What the page tells of a failure: it is said there, and by the pod. */
function told(words: string, said: string): void {
  const page = fs.readFileSync(path.join(checkout, PAGE), "utf8");
  assert.ok(page.includes(`| \`${words}\``), `${PAGE} has no row of ${words}`);
  assert.ok(said.includes(words.replace("registry.example.com", host())), `expected ${words}, got ${said}`);
}

/** Commands of the page as they are for the lab; a node's user, key and host key are given to ssh. */
function onPage(name: string, node?: LabNode): string {
  const knownHosts = path.join(labVariable("LAB_DIR"), "e2e-known-nodes");
  const keys = [labVariable("LAB_NODE_HOST_KEY"), labVariable("LAB_NODE_2_HOST_KEY")];
  const lines = nodes.map((one, index) => `${network.addresses[one.host]} ${keys[index]}\n`);
  fs.writeFileSync(knownHosts, lines.join(""));
  const options = `-F none -o UserKnownHostsFile=${knownHosts} -o StrictHostKeyChecking=yes`;
  const ssh = `ssh ${options} -i ${labVariable("LAB_SSH_KEY_FILE")} ${labVariable("LAB_SSH_USER")}@`;
  const replaced = node
    ? { "ssh node-1.example.com": `${ssh}${network.addresses[node.host]}`, "registry.example.com": host() }
    : {};
  return pageBlock(PAGE, name, replaced);
}

/** The file by which the lab's nodes trust the registry's certificate. */
const caFile = (): string => `${REGISTRY_CERTIFICATES}/${host()}/ca.crt`;

/** Takes a change of a node's /etc/hosts back whatever happens; Go's resolver reads the file every 5 s. */
async function withHosts<T>(lines: string, during: () => Promise<T>): Promise<T> {
  const before = await onNode(secondNode, "cat /etc/hosts");
  const write = async (text: string): Promise<void> => {
    await onNode(secondNode, "cat >/etc/hosts", text);
    await sleep(5500);
  };
  await write(`127.0.0.1 localhost\n${lines}`);
  try {
    return await during();
  } finally {
    await write(`${before}\n`);
  }
}

describe("6e. pods run what was pushed", () => {
  let image: { reference: string; digest: string };

  before(async () => {
    await settle();
    image = await pushProgram("apps/first");
    await kubectl("create", "namespace", OTHERS);
  });
  after(async () => {
    for (const node of nodes) await onNode(node, `ln -sfn '${theLab().caFile}' ${caFile()}`);
    fs.rmSync(path.join(checkout, "registry-ca.pem"), { force: true });
    await settle(); // it takes the secret back from a namespace that is still there
    await run("kubectl", ["delete", "namespace", APPS, OTHERS, "--ignore-not-found", "--wait=false"]);
  });

  it("on every node, none of which had the image, by the pull secret of their namespace", async () => {
    await withConfig({}, async () => {
      await follow(pageBlock(PAGE, "secret", { reader: labVariable("LAB_PULL_USER") }));
      for (const node of nodes) {
        const had = await imagesOn(node);
        assert.ok(!had.includes(image.reference) && !had.includes(image.digest), had);
      }
      await apply(...nodes.map((node) => pod(`on-${node.host}`, APPS, image.reference, node)));
      for (const node of nodes) {
        assert.equal(await running(`on-${node.host}`, APPS), image.digest);
        assert.ok((await imagesOn(node)).includes(image.digest));
      }
    });
  });

  it("and are refused without it, with a wrong password, and where there is no such image", async () => {
    const wrong = { auths: { [host()]: { auth: Buffer.from("bob:wrong by intent").toString("base64") } } };
    const nobody = { apiVersion: "v1", kind: "Secret", metadata: { name: "wrong", namespace: OTHERS } };
    const stringData = { ".dockerconfigjson": JSON.stringify(wrong) };
    await apply({ ...nobody, type: "kubernetes.io/dockerconfigjson", stringData });
    await apply(
      pod("without", OTHERS, image.reference, secondNode),
      pod("wrong-password", OTHERS, image.reference, secondNode, "wrong"),
      pod("missing", APPS, reference("apps/there-is-none"), secondNode, "private-registry"),
    );
    for (const name of ["without", "wrong-password"]) told("401 Unauthorized", await refusal(name, OTHERS));
    assert.doesNotMatch(await refusal("wrong-password", OTHERS), /wrong by intent/);
    told("not found", await refusal("missing", APPS));
  });

  it("with a right for some repositories only these, and by the stack's own CA once the node has its root", async () => {
    const open = await pushProgram("open/second");
    const settings = {
      "cluster.pullSecrets[0].namespace": APPS,
      "cluster.pullSecrets[0].user": labVariable("LAB_PULL_USER"),
      "cluster.pullSecrets[0].defaultServiceAccount": true,
      "users[1].role": undefined,
      "users[1].repositories[0].pattern": "open/*",
      "users[1].repositories[0].role": "pull",
      "certificate.issuer": "private-ca",
      "certificate.trustedRootsPem": undefined, // those of the lab's CA
    };
    await withConfig(settings, async () => {
      succeeded(await up());
      // It is a link to the lab's own roots, which a user's file has to take the place of and not to write through.
      await onNode(secondNode, `rm ${caFile()}`);
      await apply(pod("own-ca", APPS, open.reference, secondNode));
      told("x509: certificate signed by unknown authority", await refusal("own-ca", APPS));
      await follow(onPage("root"));
      const root = new X509Certificate(fs.readFileSync(path.join(checkout, "registry-ca.pem")));
      assert.match(root.subject, /private-registry CA/);
      await follow(onPage("containerd", secondNode));
      assert.equal(await running("own-ca", APPS), open.digest, "the kubelet tries again by itself");
      await apply(pod("no-right", APPS, image.reference, secondNode));
      told("403 Forbidden", await refusal("no-right", APPS));
    });
  });

  it("not where the node does not know the name, or it leads astray", async () => {
    await withHosts("", async () => {
      await apply(pod("no-name", OTHERS, image.reference, secondNode));
      told("dial tcp: lookup registry.example.com", await refusal("no-name", OTHERS));
    });
    await withHosts(`${network.addresses.ca} ${host()}\n`, async () => {
      await apply(pod("astray", OTHERS, image.reference, secondNode));
      told("connect: connection refused", await refusal("astray", OTHERS));
    });
  });
});
