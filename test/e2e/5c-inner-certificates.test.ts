import assert from "node:assert/strict";
import { servedFingerprint } from "../../rig/stack/https";
import { login, makeImage, push, reference } from "../../rig/stack/images";
import { kubectl, labVariable, succeeded } from "../../rig/stack/lab";
import { oldPodsGone, settle, up, withConfig, type Operation } from "../../rig/stack/stack";
import { askSteadily, figures } from "../../rig/stack/steady";

const IMAGE = "inner/fixed";

const podNames = (): Promise<string> =>
  kubectl("-n", "kube-system", "get", "pods", "-l", "k8s-app=kube-registry", "-o", "name");

/** One `up` with requests beside it, none of which may fail. */
async function upUnderLoad(what: string): Promise<Operation> {
  const asking = await askSteadily(`${IMAGE}:1`);
  const changed = await up();
  await oldPodsGone();
  const small = await asking.stop();
  succeeded(changed);
  console.log(`      ${what}: ${changed.seconds.toFixed(1)} s; ${figures(small)}`);
  assert.deepEqual(small.failures, []);
  assert.deepEqual(small.serverErrors, []);
  assert.ok(small.answered > 50, `${small.answered} small requests are no load`);
  return changed;
}

describe("5c. certificates between gateways and registry", () => {
  before(async () => {
    await settle();
    const image = await makeImage("inner", 1, 64 << 10);
    succeeded(await push(image, reference(IMAGE), await login("push")));
  });
  after(settle);

  it("other keys and CAs for the gateways come in one up, without a failed request", async () => {
    await withConfig({ "backend.generation": "1" }, async () => {
      const changed = await upUnderLoad("another generation");
      const made = [...changed.changes.keys()];
      assert.ok(
        made.some((each) => /client-ca-1$/.test(each)),
        made.join("\n"),
      );
    });
  });

  it("a registry with a certificate of the stack's own lives through a renewal without another pod, and changes its keys, too", async () => {
    const own = { "backend.certificate": "private-ca" };
    await withConfig(own, async () => {
      await settle();
      const [pod, served] = [await podNames(), await servedFingerprint(labVariable("LAB_REGISTRY_HOST"))];
      await withConfig({ "certificate.generation": "1" }, async () => {
        const renewed = await upUnderLoad("renewal");
        assert.notEqual(await servedFingerprint(labVariable("LAB_REGISTRY_HOST")), served);
        assert.equal(await podNames(), pod);
        const touched = [...renewed.changes.keys()].filter((each) => /Deployment|Secret/.test(each));
        assert.deepEqual(touched, []);
      });
      await withConfig({ "backend.generation": "1" }, async () => {
        await upUnderLoad("another generation");
      });
    });
  });
});
