import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { ask } from "../../rig/stack/https";
import { login, makeImage, pulledDigest, push, reference } from "../../rig/stack/images";
import { checkout, labVariable, succeeded } from "../../rig/stack/lab";
import { installPackage, pack } from "../support/packed";
import { labSettings, Project } from "../../rig/stack/project";
import { destroy } from "../../rig/stack/stack";
import { namedReplacements } from "../support/upgrades";

/** The program of a user: with one version it makes the registry, and with the next it is the same. */
const PROGRAM = `
const { Provider } = require("@pulumi/kubernetes");
const pulumi = require("@pulumi/pulumi");
const { PrivateRegistry } = require("private-registry");

const config = new pulumi.Config();
const password = config.requireSecret("password");
const registry = new PrivateRegistry("main", {
  registryHost: config.require("registryHost"),
  uiHost: config.require("uiHost"),
  nodeAddresses: [config.require("nodeAddress")],
  storage: { hostPath: { nodeName: config.require("nodeName") } },
  gateways: [{ ...config.requireObject("gateway"), privateKey: config.requireSecret("sshPrivateKey") }],
  users: [{ name: "ci", role: "push", password }, { name: "reader", role: "pull", password }],
  certificate: {
    termsAgreed: true,
    directory: config.require("acmeDirectory"),
    directoryCaPem: config.require("acmeDirectoryCa"),
    profile: "classic",
  },
  trustedRootsPem: config.require("trustedRoots"),
}, { providers: [new Provider("cluster", { enableSecretMutable: true })] });
exports.registryUrl = registry.registryUrl;
`;

/** What a preview would do, by `<type>::<name>`. */
interface Step {
  op: string;
  urn: string;
}

describe("7d. upgrade", function () {
  this.timeout(900_000);
  const first = path.join(checkout, "test/golden/releases/0.1.0.tgz");
  let folder: string;
  let project: Project;

  before("the first version is deployed, and an image is in it", async () => {
    succeeded(await destroy());
    folder = fs.mkdtempSync(path.join(labVariable("LAB_DIR"), "e2e-upgrade-"));
    fs.copyFileSync(path.join(checkout, "examples/npm/package.json"), path.join(folder, "package.json"));
    fs.writeFileSync(path.join(folder, "Pulumi.yaml"), "name: shop\nmain: index.js\nruntime: nodejs\n");
    fs.writeFileSync(path.join(folder, "index.js"), PROGRAM);
    await installPackage(first, folder);
    project = new Project(folder, "shop");
    await project.init(labSettings());
    succeeded(await project.up());
  });
  after(() => project?.end());

  it("to the present version replaces and deletes nothing that the changelog does not name", async () => {
    const user = { user: "ci", password: labSettings().secret["password"] ?? "" };
    const image = await makeImage("upgrade", 2, 1 << 20);
    succeeded(await push(image, reference("upgrade/kept"), await login("push", user)));

    await installPackage((await pack(folder)).file, folder);
    const { steps } = JSON.parse(succeeded(await project.preview("--json", "--show-sames")).stdout) as {
      steps: Step[];
    };
    assert.ok(steps.length > 10);
    const gone = steps
      .filter(({ op }) => !["same", "create", "update", "read", "refresh"].includes(op))
      .map(({ op, urn }) => [op, urn.split("::").slice(2).join("::").split("$").at(-1) ?? ""] as const)
      .filter(([, resource]) => !namedReplacements().has(resource));
    assert.deepEqual(gone, []);

    succeeded(await project.up());
    succeeded(await project.up("--expect-no-changes"));
    const host = labVariable("LAB_REGISTRY_HOST");
    assert.equal((await ask(host, "/v2/", { auth: `${user.user}:${user.password}` })).status, 200);
    assert.equal(await pulledDigest(reference("upgrade/kept"), await login("push", user)), image.digest);
  });
});
