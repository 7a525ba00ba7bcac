import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { pkiFile } from "../../lab/cluster/credentials";
import { runOn } from "../../lab/hosts";
import { type LabNode, nodes } from "../../lab/lab";
import { kubectl, labUp, labVariable, onGateway, run, succeeded } from "../../rig/stack/lab";
import { verifierImages } from "../../rig/stack/lab-issuer";
import { drift, type Image, labRootsBack, nodeHosts, removeCertsFolders, runPods } from "../../rig/stack/node-hosts";
import { apply, eventually, firstNode, nodesBack, onNode, secondNode, theLab } from "../../rig/stack/nodes";
import { pushProgram } from "../../rig/stack/program-image";
import { changeConfig, preview, settle, up } from "../../rig/stack/stack";

const [ALLOWED, OTHER] = ["pods-allowed", "pods-other"];
const LOG = "/var/log/nginx/docker.access.log";

/** Without systemd: what `systemctl restart kubelet` comes to on a node of the lab, with flags as kubeadm has them. */
const SYSTEMCTL = `#!/bin/bash
case "$1" in
  cat) echo 'EnvironmentFile=-/etc/default/kubelet'; echo 'ExecStart=/usr/bin/kubelet $KUBELET_EXTRA_ARGS'; exit 0 ;;
  restart) ;;
  *) exit 1 ;;
esac
for each in /proc/[0-9]*; do
  if [ "$(cat $each/comm 2>/dev/null)" = kubelet ]; then
    mapfile -d '' -t words <$each/cmdline
    pid=\${each#/proc/}
    kill $pid
    while kill -0 $pid 2>/dev/null && ! grep -q '^State:.Z' $each/status; do sleep 0.05; done
    args=()
    for word in "\${words[@]}"; do [[ $word == --image-credential-* ]] || args+=("$word"); done
    KUBELET_EXTRA_ARGS=
    [ ! -e /etc/default/kubelet ] || . /etc/default/kubelet
    echo "$pid" >>/run/kubelet-restarts
    setsid "\${args[@]}" $KUBELET_EXTRA_ARGS >>/var/log/kubelet-again.log 2>&1 </dev/null &
    exit 0
  fi
done
exit 1
`;

describe("6j. identities of pods", function () {
  this.timeout(600_000);
  let putBack: (() => void) | undefined;
  const root = (node: LabNode, script: string, input = "") =>
    runOn(theLab(), node.host, ["/bin/bash", "-euc", script], { input });
  const restarts = async (node: LabNode): Promise<number> =>
    Number((await root(node, "cat /run/kubelet-restarts 2>/dev/null | wc -l")).stdout.trim());
  const settings = () => ({
    ...nodeHosts(),
    ...Object.fromEntries(nodes.map((_, index) => [`nodeHosts[${index}].restartKubelet`, true])),
    "access.identities[0].name": "apps",
    "access.identities[0].cluster": true,
    "access.identities[0].audience": labVariable("LAB_REGISTRY_HOST"),
    "access.identities[0].subject": `system:serviceaccount:${ALLOWED}:*`,
    "access.identities[0].repositories[0].pattern": "apps/**",
    "access.identities[0].repositories[0].role": "pull",
  });

  before(async () => {
    await settle();
    await verifierImages();
    for (const name of [ALLOWED, OTHER]) await kubectl("create", "namespace", name);
    await removeCertsFolders();
    for (const node of nodes) {
      const put =
        "rm -f /run/kubelet-restarts; cat >/run/systemctl && chmod 755 /run/systemctl && mount --bind /run/systemctl /usr/bin/systemctl";
      await root(node, put, SYSTEMCTL);
    }
  });
  after(async () => {
    putBack?.();
    for (const node of nodes) {
      await root(node, "umount /usr/bin/systemctl; rm -f /etc/default/kubelet; pkill -x kubelet || :");
    }
    await nodesBack();
    await settle();
    await labRootsBack();
    for (const name of [ALLOWED, OTHER]) await run("kubectl", ["delete", "namespace", name, "--wait=false"]);
  });

  it("are refused where nobody may restart a kubelet, with the lines to write", async () => {
    putBack = await changeConfig({ ...settings(), "nodeHosts[0].restartKubelet": false });
    const shown = succeeded(await preview());
    assert.match(shown.stdout, /apps \(pull apps\/\*\*\): tokens of cluster for .* with the subject system:service/);
    const refused = await up();
    assert.notEqual(refused.exitCode, 0);
    assert.match(refused.all, /--image-credential-provider-config=/);
    assert.match(refused.all, /nodeHosts\[\]\.restartKubelet/);
    putBack();
    putBack = await changeConfig(settings());
  });

  it("come with one up, each kubelet restarted once, and the next up changes nothing", async () => {
    const done = await up();
    succeeded(done);
    console.log(`      an up with identities of pods: ${done.seconds.toFixed(1)} s`);
    assert.deepEqual([await restarts(firstNode), await restarts(secondNode)], [1, 1]);
    assert.equal((await up("--expect-no-changes")).exitCode, 0);
    assert.deepEqual([await restarts(firstNode), await restarts(secondNode)], [1, 1]);
    succeeded(await preview("--expect-no-changes"));
    succeeded(await drift());
  });

  it("have a pod run what its node has not, with no pull secret anywhere in the cluster", async () => {
    const secrets = await kubectl("get", "secrets", "-A", "-o", "jsonpath={.items[*].type}");
    assert.doesNotMatch(secrets, /dockerconfigjson/);
    const image = await pushProgram("apps/by-token");
    await runPods(
      ALLOWED,
      "by-token",
      nodes.map((node) => ({ node, image })),
    );
    const log = (await onGateway(`sudo -n cat ${LOG}`)).stdout;
    assert.match(log, / - apps \[[^\n]*\/v2\/apps\/by-token\/blobs\//);
    const dumped = await kubectl("get", "pods", "-n", ALLOWED, "-o", "yaml");
    assert.doesNotMatch(dumped, /eyJ/, "a token");
  });

  it("leave a pod of another namespace without, and its events say so", async () => {
    const image = await pushProgram("apps/for-others");
    await start(OTHER, "other", image, firstNode);
    const said = await events(OTHER, "other", /40[13]/);
    console.log(`      a pod of another namespace: ${said}`);
    assert.match(said, /401|[Uu]nauthorized|authorization failed/);
  });

  it("end where their rights end, and a pod's events say 403", async () => {
    const image = await pushProgram("library/elsewhere");
    await start(ALLOWED, "elsewhere", image, firstNode);
    const said = await events(ALLOWED, "elsewhere", /40[13]/);
    console.log(`      a repository that it may not read: ${said}`);
    assert.match(said, /403|[Ff]orbidden|denied/);
  });

  it("stay while the cluster changes the key of its tokens", async () => {
    const file = pkiFile(theLab(), "service-account.key");
    const old = readFileSync(file, "utf8");
    const { privateKey } = generateKeyPairSync("ec", {
      namedCurve: "P-256",
      privateKeyEncoding: { format: "pem", type: "sec1" },
      publicKeyEncoding: { format: "pem", type: "spki" },
    });
    await withKeys(old + privateKey);
    const changed = await up();
    succeeded(changed);
    console.log(`      an up with a new key: ${changed.seconds.toFixed(1)} s`);
    assert.ok([...changed.changes.keys()].some((each) => /ConfigMap::.*verifier-cluster/.test(each)));
    await withKeys(privateKey + old);
    await eventually(
      "tokens are signed by the new key",
      () => kubectl("create", "token", "default", "-n", ALLOWED, "--audience", labVariable("LAB_REGISTRY_HOST")),
      (token) => token !== "",
    );
    const image = await pushProgram("apps/new-key");
    await runPods(ALLOWED, "new-key", [{ node: secondNode, image }]);
    assert.equal((await up("--expect-no-changes")).exitCode, 0);

    async function withKeys(text: string): Promise<void> {
      writeFileSync(file, text);
      await root(
        firstNode,
        "pkill -KILL -x kube-apiserver; while pgrep -x kube-apiserver >/dev/null; do sleep 0.1; done",
      );
      await labUp();
    }
  });

  it("leave no flag, no file and no right behind", async () => {
    putBack?.();
    succeeded(await up());
    for (const node of nodes) {
      await onNode(node, "! sudo -n grep -rs image-credential-provider /etc/default/kubelet");
      await onNode(node, "! sudo -n test -e /etc/private-registry");
    }
    assert.doesNotMatch(await kubectl("get", "clusterroles", "-o", "name"), /main-pods/);
  });

  const start = (namespace: string, name: string, image: Image, node: LabNode): Promise<void> =>
    apply({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace, labels: { app: name } },
      spec: {
        nodeName: node.name,
        terminationGracePeriodSeconds: 1,
        containers: [{ name: "app", image: image.reference, imagePullPolicy: "Always" }],
      },
    });

  /** The message of a pod's event, once there is one that fits. */
  async function events(namespace: string, pod: string, fits: RegExp): Promise<string> {
    const ask = async (): Promise<string> => {
      const args = ["-n", namespace, "--field-selector", `involvedObject.name=${pod}`];
      return kubectl("get", "events", ...args, "-o", 'jsonpath={range .items[*]}{.message}{"\\n"}{end}');
    };
    const { value } = await eventually(`an event of ${pod}`, ask, (text) => fits.test(text));
    return value.split("\n").find((line) => fits.test(line)) ?? "";
  }
});
