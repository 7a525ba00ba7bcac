import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { firstSettings, largerFirstSettings, makeFirstVersion } from "../support/first-version";
import { namedReplacements } from "../support/upgrades";
import { servedFingerprint } from "../../rig/stack/https";
import { login, makeImage, pulledDigest, push, reference } from "../../rig/stack/images";
import { checkout, gatewayFiles, kubectl, labVariable, onGateway, run, succeeded } from "../../rig/stack/lab";
import { Project, type ProjectSettings } from "../../rig/stack/project";
import { destroy } from "../../rig/stack/stack";

/** What a preview would do. */
interface Step {
  op: string;
  urn: string;
}

/** `<type>::<name>` of a URN. */
const resourceOf = (urn: string): string => urn.split("::").slice(2).join("::").split("$").at(-1) ?? "";

/** The resources of a state. */
function resourcesIn(state: string): string[] {
  const { deployment } = JSON.parse(state) as { deployment: { resources?: { urn: string }[] } };
  return (deployment.resources ?? []).map(({ urn }) => urn).sort();
}

describe("7d. upgrade from 0.1.0", function () {
  this.timeout(900_000);
  let project: Project | undefined;

  before("the lab's own stack makes room", async () => void succeeded(await destroy()));

  /** Deploys the stack with the program of 0.1.0 and its flat keys. */
  async function deployFirst(settings: ProjectSettings): Promise<void> {
    const folder = fs.mkdtempSync(path.join(labVariable("LAB_DIR"), "e2e-upgrade-"));
    await makeFirstVersion(folder);
    project = new Project(folder, "private-registry", { stack: "upgrade" });
    await project.init(settings);
    succeeded(await project.up());
  }

  /** Has the present program in the place of the first, and the stack's file rewritten, as docs/upgrading.md says. */
  async function takePresentCode(): Promise<void> {
    project = current().continuedIn(checkout);
    succeeded(await run("npm", ["run", "migrate", "--", "--config", current().settingsFile]));
  }

  function current(): Project {
    assert.ok(project, "there is a stack");
    return project;
  }

  async function end(): Promise<void> {
    await project?.end();
    project = undefined;
  }

  describe("of a stack with a UI and settings of many kinds", () => {
    let deployed: string;
    let digest: string;
    let certificate: string;

    before("0.1.0 is deployed, an image is in it, and its file is migrated", async () => {
      await deployFirst(largerFirstSettings());
      deployed = await current().state();
      const image = await makeImage("upgrade", 2, 1 << 20);
      succeeded(await push(image, reference("upgrade/kept"), await login("push")));
      digest = image.digest;
      certificate = await servedFingerprint(labVariable("LAB_REGISTRY_HOST"));
      await takePresentCode();
    });
    after(end);

    it("has a file of nested keys, whose secrets are still encrypted", () => {
      const text = fs.readFileSync(current().settingsFile, "utf8");
      const { config } = parse(text) as { config: Record<string, unknown> };
      const keys = Object.keys(config).map((key) => key.replace(/^private-registry:/, ""));
      for (const old of ["nodes", "uiHost", "sshPrivateKey", "storageNode", "acmeDirectory", "readTimeoutSeconds"])
        assert.ok(!keys.includes(old), old);
      const { privateKey } = config["private-registry:ssh"] as { privateKey: { secure?: string } };
      assert.equal(typeof privateKey.secure, "string");
      assert.doesNotMatch(text, /PRIVATE KEY/);
      assert.ok(!text.includes(labVariable("LAB_PASSWORD")));
    });

    it("by refresh as the first command loses nothing", async () => {
      succeeded(await current().refresh());
      assert.deepEqual(resourcesIn(await current().state()), resourcesIn(deployed));
      await replacesNothing(current());
    });

    it("by up as the first command replaces and deletes nothing that the changelog does not name", async () => {
      // A refresh changes nothing but the state: with the former one it is as if there had been none.
      await current().setState(deployed);
      await replacesNothing(current());
      succeeded(await current().up());
      succeeded(await current().up("--expect-no-changes"));
    });

    it("has the certificate, users, images and settings that it had", async () => {
      assert.equal(await servedFingerprint(labVariable("LAB_REGISTRY_HOST")), certificate);
      for (const role of ["push", "pull"] as const)
        assert.equal(await pulledDigest(reference("upgrade/kept"), await login(role)), digest);
      assert.match((await onGateway("sudo -n nginx -T 2>/dev/null")).stdout, /proxy_read_timeout 901s;/);
      const get = ["-n", "kube-system", "get", "service", "kube-registry", "-o", "jsonpath={.spec.ports[*].nodePort}"];
      assert.match(await kubectl(...get), /\b30300\b/);
    });
  });

  describe("of a small stack", () => {
    before("0.1.0 is deployed, and its file is migrated", async () => {
      await deployFirst(firstSettings());
      await takePresentCode();
    });
    after(end);

    it("by destroy as the first command leaves the cluster and the host clean", async () => {
      succeeded(await current().destroy());
      const left = await kubectl("-n", "kube-system", "get", "deploy,svc,secret", "-o", "name");
      assert.doesNotMatch(left, /registry/);
      assert.doesNotMatch(await gatewayFiles(), /registry/);
      assert.deepEqual(resourcesIn(await current().state()), []);
    });
  });
});

/** Fails if the next `up` would replace or delete something that the changelog does not name. */
async function replacesNothing(project: Project): Promise<void> {
  const { stdout } = succeeded(await project.preview("--json", "--show-sames"));
  const { steps } = JSON.parse(stdout) as { steps: Step[] };
  assert.ok(steps.length > 10);
  const gone = steps
    .filter(({ op }) => !["same", "create", "update", "read", "refresh"].includes(op))
    .map(({ op, urn }) => [op, resourceOf(urn)] as const)
    .filter(([, resource]) => !namedReplacements().has(resource));
  assert.deepEqual(gone, []);
}
