import assert from "node:assert/strict";
import { ask } from "../../rig/stack/https";
import { credentials, login, makeImage, pulledDigest, push, reference, type ImageFile } from "../../rig/stack/images";
import { gatewayFiles, kubectl, labVariable, onClient, onGateway, succeeded } from "../../rig/stack/lab";
import { destroy, settle, up } from "../../rig/stack/stack";

describe("7. the registry's life and its end", () => {
  let image: ImageFile;

  before(async () => {
    await settle();
    image = await makeImage("keep", 3, 1 << 20);
    succeeded(await push(image, reference("life/keep"), await login("push")));
  });

  it("a deleted pod is back by itself, with its images", async () => {
    await kubectl("-n", "kube-system", "delete", "pod", "-l", "k8s-app=kube-registry", "--wait=true");
    await kubectl("-n", "kube-system", "rollout", "status", "deployment/kube-registry-v0", "--timeout=120s");
    assert.equal(await pulledDigest(reference("life/keep"), await login("pull")), image.digest);
  });

  it("destroy leaves the cluster and the host clean", async () => {
    const taken = await destroy();
    succeeded(taken);
    const left = await kubectl("-n", "kube-system", "get", "deploy,svc,secret", "-o", "name");
    assert.doesNotMatch(left, /registry/);
    assert.doesNotMatch(await gatewayFiles(), /registry/);
    const processes = await onGateway("sudo -n nginx -T 2>/dev/null | grep -c registry.lab || true");
    assert.equal(processes.stdout.trim(), "0");
    const host = labVariable("LAB_REGISTRY_HOST");
    assert.notEqual((await onClient("curl", ["-sSk", "--max-time", "10", `https://${host}/v2/`])).exitCode, 0);
    const plain = await onClient("curl", ["-sS", "--max-time", "10", `http://${host}/`]);
    assert.equal(plain.exitCode, 0, "the host's own nginx site is still served");
  });

  it("and keeps the image data: a new stack serves the old image", async () => {
    const again = await up();
    succeeded(again);
    assert.equal(await pulledDigest(reference("life/keep"), await login("pull")), image.digest);
    const auth = credentials("pull").auth;
    assert.equal((await ask(labVariable("LAB_REGISTRY_HOST"), "/v2/", { auth })).status, 200);
  });
});
