import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { labOf } from "../../lab/lab";
import type { Browser } from "../../lab/start/browser";
import { lookAtUi, type UiVisit } from "../../lab/start/ui";
import { credentials, login, makeImage, push, reference } from "../../rig/stack/images";
import { env, kubectl, labVariable, onClient, succeeded } from "../../rig/stack/lab";
import { settle, withConfig } from "../../rig/stack/stack";

/** Opens the UI in a browser on the client host, signs in, and waits for the image's name. */
const look = (visit: UiVisit = {}): Promise<string> =>
  lookAtUi(labOf({ LAB_DIR: labVariable("LAB_DIR") }), "pages/image", () => undefined, visit);

const textOf = async (browser: Browser): Promise<string> => String(await browser.evaluate("document.body.innerText"));

describe("6b. the web UI, in a browser", () => {
  before(async () => {
    await settle();
    const image = await makeImage("ui", 1, 1 << 16);
    succeeded(await push(image, reference("pages/image", "first"), await login("push")));
  });
  after(settle);

  it("joxit shows the pushed image, its tag and the title that was set, and offers no deletion", async () => {
    await withConfig({ "ui.title": "R&D ~ images of the lab" }, async () => {
      await settle();
      await look({
        then: async (browser) => {
          const text = await textOf(browser);
          assert.match(text, /R&D ~ images of the lab/);
          assert.match(text, /docker pull registry\.lab\.test\/pages\/image:first/);
          assert.equal(await browser.evaluate("document.querySelectorAll('button').length"), 0);
        },
      });
    });
  });

  it("joxit deletes an image when that was asked for, for who may push", async () => {
    await withConfig({ "registry.deleteEnabled": true }, async () => {
      await settle();
      const image = await makeImage("ui-deleted", 1, 1 << 16);
      const variables = await login("push");
      succeeded(await push(image, reference("pages/deleted", "gone"), variables));
      const remove = `confirm = () => true; document.querySelector("[data-name='pages/deleted'] button").click()`;
      await look({
        role: "push",
        then: async (browser) => {
          await browser.evaluate(remove);
          for (let tries = 0; (await textOf(browser)).includes("pages/deleted:gone"); tries++) {
            assert.ok(tries < 50, "the image is still there");
            await sleep(200);
          }
        },
      });
      const digest = await onClient("crane", ["digest", reference("pages/deleted", "gone")], { env: variables });
      assert.notEqual(digest.exitCode, 0, digest.all);
    });
  });

  it("konradkleine shows the pushed image, and its ports are limited to the gateways", async () => {
    const open = { "ui.kind": "konradkleine", "backend.requireClientCertificate": false };
    await withConfig(open, async () => {
      await settle();
      await look();
      const policy = await kubectl("-n", "kube-system", "get", "networkpolicy", "kube-registry-v0", "-o", "json");
      const { spec } = JSON.parse(policy) as { spec: { ingress: { from: { ipBlock: { cidr: string } }[] }[] } };
      const from = spec.ingress.flatMap((rule) => rule.from.map(({ ipBlock }) => ipBlock.cidr));
      assert.deepEqual(from, [`${labVariable("LAB_GATEWAY_HOST")}/32`]);
    });
  });
});

describe("6b. the retention job, through the gateway", () => {
  let folder: string;

  before(async () => {
    folder = fs.mkdtempSync(path.join(labVariable("LAB_DIR"), "e2e-retention-"));
    const image = await makeImage("retention", 1, 1 << 16);
    succeeded(await push(image, reference("kept/undated"), await login("push")));
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  it("signs in by variables, and keeps an image that nothing dates", async () => {
    const rules = path.join(folder, "rules.yaml");
    fs.writeFileSync(rules, "rules:\n  - { repositories: kept/*, keepLast: 1 }\n");
    const { user, password } = credentials("pull");
    const options = [
      "--registry",
      `https://${labVariable("LAB_REGISTRY_HOST")}`,
      "--ca-file",
      labVariable("LAB_CA_FILE"),
    ];
    const variables = { ...env, REGISTRY_USER: user, REGISTRY_PASSWORD: password };
    const command = ["run", "--silent", "retention", "--", "--rules", rules, ...options];
    const ran = succeeded(await onClient("npm", command, { env: variables }));
    assert.match(ran.stdout, /^kept\/undated \(rule kept\/\*\): 1 image kept, 0 to go$/m);
    assert.match(ran.stdout, /kept 1 \(sha256:[0-9a-f]{12}, no date\): nothing says when it was made/);
    const wrong = await onClient("npm", command, { env: { ...variables, REGISTRY_PASSWORD: "wrong" } });
    assert.equal(wrong.exitCode, 2, wrong.all);
    assert.match(wrong.stderr, /answered 401: give the name and password of a user of the registry/);
    assert.doesNotMatch(wrong.all, /wrong$/m);
  });
});
