import assert from "node:assert/strict";
import { labOf } from "../../lab/lab";
import type { Browser } from "../../lab/start/browser";
import { lookAtUi, type UiVisit } from "../../lab/start/ui";
import { login, makeImage, push, reference } from "../support/images";
import { kubectl, labVariable, succeeded } from "../support/lab";
import { settle, up, withConfig } from "../support/stack";

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
    await withConfig({ uiTitle: "Images of the lab" }, async () => {
      succeeded(await up());
      await look({
        then: async (browser) => {
          const text = await textOf(browser);
          assert.match(text, /Images of the lab/);
          assert.match(text, /docker pull registry\.lab\.test\/pages\/image:first/);
          assert.equal(await browser.evaluate("document.querySelectorAll('button').length"), 0);
        },
      });
    });
  });

  it("konradkleine shows the pushed image, and its ports are limited to the gateways", async () => {
    await withConfig({ uiKind: "konradkleine", requireClientCertificate: "false" }, async () => {
      const changed = await up();
      succeeded(changed);
      await look();
      const policy = await kubectl("-n", "kube-system", "get", "networkpolicy", "kube-registry-v0", "-o", "json");
      const { spec } = JSON.parse(policy) as { spec: { ingress: { from: { ipBlock: { cidr: string } }[] }[] } };
      const from = spec.ingress.flatMap((rule) => rule.from.map(({ ipBlock }) => ipBlock.cidr));
      assert.deepEqual(from, [`${labVariable("LAB_GATEWAY_HOST")}/32`]);
    });
  });
});
