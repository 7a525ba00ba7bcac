import assert from "node:assert/strict";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { labOf, network } from "../../lab/lab";
import { DEBIAN_GROUPS, ensureDebianPackages } from "../../lab/programs/debian";
import type { Browser } from "../../lab/start/browser";
import { saveScreenshot, signIn, withBrowser } from "../../lab/start/ui";
import { certificateFor, certificates } from "../../rig/gateway/fixture";
import { CompanyLogin } from "../../rig/identities/company";
import { credentials, login, makeImage, push, reference } from "../../rig/stack/images";
import { kubectl, labVariable, onClient, succeeded } from "../../rig/stack/lab";
import { verifierImages } from "../../rig/stack/lab-issuer";
import { changeConfig, decryptedState, preview, settle, up } from "../../rig/stack/stack";

describe("6k. people by a company's login", function () {
  this.timeout(600_000);
  let company: CompanyLogin;
  let putBack: (() => void) | undefined;
  const lab = () => labOf({ LAB_DIR: labVariable("LAB_DIR") });
  const ui = (): string => `https://${labVariable("LAB_UI_HOST")}`;

  before(async () => {
    await ensureDebianPackages([...DEBIAN_GROUPS.browser], () => undefined);
    await verifierImages();
    await settle();
    const { machine } = network.addresses;
    company = await CompanyLogin.start(machine, certificateFor(machine), `${ui()}/oauth2/callback`, machine);
    company.people.set("dora", ["devs"]).set("olaf", ["night shift"]).set("eve", ["sales"]);
    const image = await makeImage("people", 1, 1 << 16);
    const variables = await login("push");
    succeeded(await push(image, reference("people/kept", "1"), variables));
    succeeded(await push(image, reference("people/gone", "1"), variables));
    putBack = await changeConfig({
      "access.issuers[0].name": "company",
      "access.issuers[0].url": company.url,
      "access.issuers[0].keysUrl": company.keysUrl,
      "access.issuers[0].caPem": certificates().ca.cert,
      "access.sso.issuer": "company",
      "access.sso.clientId": company.clientId,
      "access.sso.clientSecret": company.clientSecret,
      "access.sso.groups[0].name": "devs",
      "access.sso.groups[0].role": "push",
      "access.sso.groups[1].name": "night shift",
      "access.sso.groups[1].user": "ops",
      "access.sso.groups[1].role": "pull",
      "registry.deleteEnabled": true,
    });
  });
  after(async () => {
    putBack?.();
    await settle();
    await company?.stop();
  });

  it("a preview says which groups come in, and one up brings the login; the next changes nothing", async () => {
    const shown = succeeded(await preview());
    assert.match(shown.stdout, /devs \(push\): tokens of company for registry-ui with a group of devs/);
    assert.match(shown.stdout, /ops \(pull\): tokens of company for registry-ui with a group of night shift/);
    assert.ok(!shown.all.includes(company.clientSecret));
    const done = succeeded(await up());
    assert.ok(!done.all.includes(company.clientSecret));
    succeeded(await up("--expect-no-changes"));
    succeeded(await preview("--expect-no-changes"));
    const state = JSON.stringify(await decryptedState());
    assert.ok(state.includes(company.clientSecret), "where it has to be, as a secret");
  });

  it("a browser logs in, comes back to the UI, gets a token for docker, deletes an image, and logs out", async () => {
    await as("dora", async (browser) => {
      await shows(browser, "people/kept");
      await saveScreenshot(browser, path.join(lab().dir, "people.png"));
      const remove = `confirm = () => true; document.querySelector("[data-name='people/gone'] button").click()`;
      await browser.evaluate(remove);
      await until(async () => !(await text(browser)).includes("people/gone:1"), "the image goes");
      await open(browser, "/.private-registry/my-login");
      await shows(browser, "You are logged in as dora");
      assert.match(await text(browser), /It holds until .*\d/, "the page's script has run");
      await saveScreenshot(browser, path.join(lab().dir, "my-login.png"));
      const [, name = "", token = ""] =
        /--username (\S+) --password-stdin \S+ <<<(\S+)/.exec(await text(browser)) ?? [];
      assert.equal(name, "devs");
      await pushesBy(name, token);
      await browser.evaluate(`document.querySelector("a[href$=logout]").click()`);
      await shows(browser, "Logged out");
    });
    const gone = await onClient("crane", ["digest", reference("people/gone", "1")], { env: await login("push") });
    assert.notEqual(gone.exitCode, 0, gone.all);
  });

  it("who may read sees no image go, and who is in no group is told so", async () => {
    await as("olaf", async (browser) => {
      await shows(browser, "people/kept");
      const remove = `confirm = () => true; document.querySelector("[data-name='people/kept'] button").click()`;
      await browser.evaluate(remove);
      await sleep(1500);
      succeeded(await onClient("crane", ["digest", reference("people/kept", "1")], { env: await login("push") }));
    });
    await as("eve", async (browser) => {
      await shows(browser, "You are logged in as eve, and none of your groups may see this page");
      await saveScreenshot(browser, path.join(lab().dir, "no-access.png"));
    });
  });

  it("a user with a password comes in by the other way", async () => {
    const { user, password } = credentials("pull");
    await withBrowser(lab(), [certificates().ca.cert], async (browser) => {
      await signIn(browser, user, password);
      await open(browser, "/.private-registry/password");
      await shows(browser, "people/kept");
    });
  });

  it("goes with its setting, pods and all", async () => {
    putBack?.();
    succeeded(await up());
    const left = await kubectl("-n", "kube-system", "get", "deployments,secrets,configmaps", "-o", "name");
    assert.doesNotMatch(left, /sso|verifier/);
  });

  const text = async (browser: Browser): Promise<string> => String(await browser.evaluate("document.body.innerText"));

  async function until(done: () => Promise<boolean>, what: string): Promise<void> {
    for (let tries = 0; !(await done()); tries++) {
      assert.ok(tries < 75, `${what}: not after 15 s`);
      await sleep(200);
    }
  }

  async function shows(browser: Browser, part: string): Promise<void> {
    let seen = "";
    await until(async () => (seen = await text(browser)).includes(part), part).catch(() => {
      throw new Error(`the page has not got "${part}", but: ${seen.slice(0, 500)}`);
    });
  }

  async function open(browser: Browser, page: string): Promise<void> {
    const { errorText = "" } = await browser.send("Page.navigate", { url: `${ui()}${page}` });
    assert.equal(errorText, "");
  }

  /** Opens the UI as somebody who types a name at the company's login, and clicks. */
  async function as(person: string, visit: (browser: Browser) => Promise<void>): Promise<void> {
    await withBrowser(lab(), [certificates().ca.cert], async (browser) => {
      await open(browser, "/");
      await shows(browser, "Company login");
      await browser.evaluate(`document.querySelector("input").value = ${JSON.stringify(person)}`);
      await browser.evaluate(`document.querySelector("button").click()`);
      await visit(browser);
    });
  }

  /** Logs in and pushes as docker's configuration has it. */
  async function pushesBy(name: string, token: string): Promise<void> {
    const host = labVariable("LAB_REGISTRY_HOST");
    const folder = path.join(lab().dir, "people-docker");
    const variables = { ...(await login("push")), DOCKER_CONFIG: folder };
    succeeded(
      await onClient("crane", ["auth", "login", host, "--username", name, "--password-stdin"], {
        env: variables,
        input: token,
      }),
    );
    const image = await makeImage("by-token", 1, 1 << 16);
    succeeded(await push(image, reference("people/by-token", "1"), variables));
  }
});
