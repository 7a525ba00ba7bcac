import assert from "node:assert/strict";
import { ask } from "../../rig/stack/https";
import { credentials, login, makeImage, pulledDigest, push, reference } from "../../rig/stack/images";
import { labVariable, succeeded } from "../../rig/stack/lab";
import { oldPodsGone, settle, up, withConfig, type Operation } from "../../rig/stack/stack";

/** The types of the resources that an operation changed, each once. */
function changedTypes(operation: Operation): string[] {
  return [...new Set([...operation.changes.keys()].map((key) => key.split("::")[0] ?? ""))].sort();
}

/** The release that goes to the host, and what a preview shows of its files. */
const GATEWAY = ["command:remote:Command", "private-registry:index:ReleaseFiles"];
/** The same with the users' hashes, which are remembered. */
const USERS = [...GATEWAY, "pulumi-nodejs:dynamic/private-registry:UserFile"];
const POD = ["kubernetes:apps/v1:Deployment"];

describe("3. a change touches only what it concerns", () => {
  before(settle);
  afterEach("the stack goes back to what it was", settle);

  it("a changed nginx setting changes just the gateway", async () => {
    await withConfig({ "nginx.readTimeoutSeconds": 901 }, async () => {
      const changed = await up();
      succeeded(changed);
      assert.deepEqual(changedTypes(changed), GATEWAY);
    });
  });

  it("a new user changes just the gateway, and can log in", async () => {
    const user = { "users[2].name": "newcomer", "users[2].role": "pull", "users[2].password": "correct horse battery" };
    const auth = "newcomer:correct horse battery";
    await withConfig(user, async () => {
      assert.equal((await ask(labVariable("LAB_REGISTRY_HOST"), "/v2/", { auth })).status, 401);
      const changed = await up();
      succeeded(changed);
      assert.deepEqual(changedTypes(changed), USERS);
      assert.equal((await ask(labVariable("LAB_REGISTRY_HOST"), "/v2/", { auth })).status, 200);
    });
    await settle();
    assert.equal((await ask(labVariable("LAB_REGISTRY_HOST"), "/v2/", { auth })).status, 401);
  });

  it("a changed password changes just the gateway, and the old one is refused from then on", async () => {
    const { user, auth } = credentials("pull");
    assert.equal((await ask(labVariable("LAB_REGISTRY_HOST"), "/v2/", { auth })).status, 200);
    await withConfig({ "users[1].password": "another password" }, async () => {
      const changed = await up();
      succeeded(changed);
      assert.deepEqual(changedTypes(changed), USERS);
      assert.equal((await ask(labVariable("LAB_REGISTRY_HOST"), "/v2/", { auth })).status, 401);
      const renewed = { auth: `${user}:another password` };
      assert.equal((await ask(labVariable("LAB_REGISTRY_HOST"), "/v2/", renewed)).status, 200);
    });
  });

  it("a changed registry variable changes just the pod", async () => {
    await withConfig({ "registry.environment.REGISTRY_LOG_LEVEL": "warn" }, async () => {
      const changed = await up();
      succeeded(changed);
      assert.deepEqual(changedTypes(changed), POD);
    });
  });

  it("registry 3 takes the place of registry 2 over the same images, and changes just the pod", async () => {
    const image = await makeImage("before-three", 2, 1 << 20);
    await withConfig({ "registry.image": "registry:2" }, async () => {
      const back = await up();
      succeeded(back);
      assert.match(
        back.all,
        /registry\.image is registry:2: version 2 of the registry has reached the end of its life/,
      );
      await oldPodsGone();
      succeeded(await push(image, reference("changes/image"), await login("push")));
    });
    const changed = await up();
    succeeded(changed);
    assert.deepEqual(changedTypes(changed), POD);
    assert.doesNotMatch(changed.all, /end of its life/);
    assert.equal(await pulledDigest(reference("changes/image"), await login("pull")), image.digest);
    const second = await makeImage("with-three", 2, 1 << 20);
    succeeded(await push(second, reference("changes/image", "3"), await login("push")));
    assert.equal(await pulledDigest(reference("changes/image", "3"), await login("pull")), second.digest);
  });
});
