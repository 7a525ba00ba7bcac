import assert from "node:assert/strict";
import { ask } from "../../rig/stack/https";
import { credentials, login, makeImage, push, reference } from "../../rig/stack/images";
import { labVariable, onClient, succeeded } from "../../rig/stack/lab";
import { registryPods, settle, withConfig } from "../../rig/stack/stack";

const PULLS = 16;
/** The first one leaves the garbage that the next ones would die of. */
const ROUNDS = 3;
const LAYER = 16 << 20;
const RECIPE = { "registry.resources.limits.cpu": "100m", "registry.resources.limits.memory": "100Mi" };

/** How often the registry was started anew in each pod, and why it last ended. */
async function starts(): Promise<unknown[]> {
  const containers = (await registryPods()).flatMap(({ status }) => status.containerStatuses ?? []);
  const registries = containers.filter(({ name }) => name === "registry");
  assert.equal(registries.length, 1);
  return registries.map(({ restartCount, lastState }) => [restartCount, lastState]);
}

describe("6b. the registry within the recipe's 100Mi", () => {
  before(settle);
  after(settle);

  it("serves 16 pulls at once, where Go's own defaults have it killed", async () => {
    const image = await makeImage("memory", 1, LAYER);
    succeeded(await push(image, reference("life/memory"), await login("push")));
    const { auth } = credentials("pull");
    const host = labVariable("LAB_REGISTRY_HOST");
    const { body } = await ask(host, `/v2/life/memory/manifests/${image.digest}`, { auth });
    const { layers } = JSON.parse(body) as { layers: { digest: string; size: number }[] };
    const [layer] = layers;
    assert.ok(layer && layer.size >= LAYER);

    await withConfig(RECIPE, async () => {
      await settle();
      const before = await starts();
      // All at a pace at which each is still running while the others are.
      const one = ["-o", "/dev/null", `https://${host}/v2/life/memory/blobs/${layer.digest}`];
      const pace = ["--limit-rate", "3M", "--parallel", "--parallel-immediate", "--parallel-max", `${PULLS}`];
      const said = ["-w", "%{http_code} %{size_download}\\n", "--cacert", labVariable("LAB_CA_FILE"), "-sS", "-K", "-"];
      const input = `user = "${auth.replace(/[\\"]/g, "\\$&")}"\n`;
      for (let round = 1; round <= ROUNDS; round++) {
        const pulled = await onClient("curl", [...said, ...pace, ...Array<string[]>(PULLS).fill(one).flat()], {
          input,
        });
        const answers = pulled.stdout.trim().split("\n");
        assert.deepEqual(answers, Array<string>(PULLS).fill(`200 ${layer.size}`), `round ${round}: ${pulled.stderr}`);
      }
      assert.deepEqual(await starts(), before);
    });
  });
});

describe("6b. the class of the registry's pod", () => {
  after(settle);

  const classes = async (): Promise<(string | undefined)[]> =>
    (await registryPods()).map(({ status }) => status.qosClass);

  it("is Burstable, and Guaranteed by one setting", async () => {
    await settle();
    assert.deepEqual(await classes(), ["Burstable"]);
    await withConfig(
      { "scheduling.qosClass": "Guaranteed", "storage.garbageCollection.schedule": "0 4 * * 0" },
      async () => {
        await settle();
        assert.deepEqual(await classes(), ["Guaranteed"]);
      },
    );
  });
});
