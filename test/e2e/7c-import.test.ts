import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse, stringify } from "yaml";
import { tellDns } from "../../lab/ca/client";
import { ensurePrograms, PROGRAMS_FOR } from "../../lab/programs";
import { ask, servedFingerprint } from "../../rig/stack/https";
import { credentials, login, makeImage, pulledDigest, push, reference } from "../../rig/stack/images";
import { checkout, kubectl, labVariable, succeeded } from "../../rig/stack/lab";
import { installExample, pack } from "../support/packed";
import { labSettings, Project } from "../../rig/stack/project";
import { destroy, outputs, settle } from "../../rig/stack/stack";

const SECOND_HOST = "second.lab.test";

describe("7c. import", function () {
  this.timeout(900_000);
  /** A project with the package from its tarball: the example for npm, and what the plugin is started from. */
  let installed: string;

  before("the package, packed and installed", async () => {
    const folder = fs.mkdtempSync(path.join(labVariable("LAB_DIR"), "e2e-package-"));
    installed = path.join(folder, "apps");
    await installExample(await pack(folder), installed);
  });

  describe("by a path", () => {
    let project: Project;

    before(() => {
      project = new Project(path.join(checkout, "examples/relative"), "relative-registry");
    });
    after(() => project?.end());

    it("previews the example", async () => {
      await project.init(labSettings());
      const shown = succeeded(await project.preview());
      assert.match(shown.all, /private-registry:index:PrivateRegistry +main +create/);
      assert.ok(!shown.all.includes(credentials("push").password));
    });
  });

  describe("from npm, in another stack beside this one", () => {
    let project: Project;

    before("the first registry is there", async () => {
      await settle();
      await tellDns("add-a", { host: `${SECOND_HOST}.`, addresses: [labVariable("LAB_GATEWAY_HOST")] });
      project = new Project(installed, "apps");
      const { plain, secret } = labSettings();
      await project.init({
        plain: {
          ...plain,
          registryStack: `organization/private-registry/${labVariable("LAB_STACK")}`,
          pullUser: credentials("pull").user,
          smallRegistryHost: SECOND_HOST,
        },
        secret: { ...secret, httpSecret: "0123456789abcdef0123456789abcdef" },
      });
    });
    after(async () => {
      await project?.end();
      await tellDns("clear-a", { host: `${SECOND_HOST}.` });
    });

    it("previews, and deploys: the order's modules are found from the other project", async () => {
      succeeded(await project.preview());
      succeeded(await project.up());
      succeeded(await project.up("--expect-no-changes"));
    });

    it("has the other stack's login as a pull secret", async () => {
      const secret = JSON.parse(await kubectl("-n", "apps", "get", "secret", "shared-registry", "-o", "json")) as {
        data: Record<string, string>;
      };
      const stored = Buffer.from(secret.data[".dockerconfigjson"] ?? "", "base64").toString("utf8");
      const logins = (await outputs())["dockerConfigs"] as Record<string, string>;
      assert.equal(stored, logins[credentials("pull").user]);
      assert.equal((await project.outputs())["sharedRegistry"], `https://${labVariable("LAB_REGISTRY_HOST")}`);
    });

    it("serves a second registry, made of the parts, beside the first", async () => {
      const leaf = new X509Certificate(String((await project.outputs())["smallRegistryChain"]));
      const fingerprint = leaf.fingerprint256.replaceAll(":", "").toLowerCase();
      assert.equal(await servedFingerprint(SECOND_HOST), fingerprint);
      assert.equal((await ask(SECOND_HOST, "/v2/")).status, 401);
      assert.equal((await ask(SECOND_HOST, "/v2/", { auth: `reader:${credentials("push").password}` })).status, 200);
      assert.equal(
        (await ask(labVariable("LAB_REGISTRY_HOST"), "/v2/", { auth: credentials("pull").auth })).status,
        200,
      );
    });
  });

  describe("as a package, in a program that is no Node program", () => {
    let project: Project;

    before("the language host and the plugin are on PATH", async () => {
      succeeded(await destroy());
      const folder = fs.mkdtempSync(path.join(labVariable("LAB_DIR"), "e2e-yaml-"));
      const programs = await ensurePrograms(PROGRAMS_FOR.yaml, (now) => console.log(`      ${now}`));
      const bin = path.join(folder, "bin");
      fs.mkdirSync(bin);
      fs.symlinkSync(programs["pulumi-language-yaml"], path.join(bin, "pulumi-language-yaml"));
      const [host, plugin] = ["@pulumi/pulumi/cmd/run-plugin", "private-registry"].map((part) =>
        path.join(installed, "node_modules", part),
      );
      const launcher = path.join(bin, "pulumi-resource-private-registry");
      fs.writeFileSync(launcher, `#!/bin/sh\nexec "${process.execPath}" "${host}" "${plugin}" "$@"\n`, { mode: 0o755 });
      fs.writeFileSync(path.join(folder, "Pulumi.yaml"), labProgram());
      project = new Project(folder, "yaml-registry", { programs: bin });
      const { plain, secret } = labSettings();
      const { gateway, ...others } = plain as { gateway: Record<string, string> };
      const { address, user, hostKey } = gateway;
      await project.init({
        plain: { ...others, gatewayAddress: address, gatewayUser: user, gatewayHostKey: hostKey },
        secret,
      });
    });
    after(() => project?.end());

    it("gives its schema to the CLI, from which programs' SDKs are made", async () => {
      const launcher = path.join(project.folder, "bin/pulumi-resource-private-registry");
      const shown = succeeded(await project.pulumi(["package", "get-schema", launcher]));
      const schema = JSON.parse(shown.stdout) as { version: string; resources: Record<string, unknown> };
      const { version } = JSON.parse(fs.readFileSync(path.join(checkout, "package.json"), "utf8")) as {
        version: string;
      };
      assert.equal(schema.version, version);
      assert.ok(schema.resources["private-registry:index:PrivateRegistry"]);
    });

    it("can be added to a program by pulumi package add", async () => {
      const folder = fs.mkdtempSync(path.join(project.folder, "added-"));
      fs.copyFileSync(path.join(checkout, "examples/yaml/Pulumi.yaml"), path.join(folder, "Pulumi.yaml"));
      const launcher = path.join(project.folder, "bin/pulumi-resource-private-registry");
      const other = new Project(folder, "yaml-registry", { programs: path.join(project.folder, "bin") });
      succeeded(await other.pulumi(["package", "add", launcher]));
      const { packages } = parse(fs.readFileSync(path.join(folder, "Pulumi.yaml"), "utf8")) as { packages: object };
      assert.deepEqual(Object.keys(packages), ["private-registry"]);
    });

    it("previews and deploys the whole registry, with an order that the plugin does itself", async () => {
      succeeded(await project.preview());
      succeeded(await project.up());
      const exported = await project.state();
      const { deployment } = JSON.parse(exported) as { deployment: { resources: { type: string; inputs?: object }[] } };
      const types = deployment.resources.map(({ type }) => type);
      assert.ok(types.includes("private-registry:index:AcmeChain"));
      assert.ok(!types.some((type) => type.startsWith("pulumi-nodejs:")));
      assert.doesNotMatch(exported, /PRIVATE KEY/);
      assert.ok(!exported.includes(credentials("push").password));
    });

    it("takes a pushed image, and gives it back", async () => {
      const user = { user: "ci", password: credentials("push").password };
      const image = await makeImage("yaml", 3, 1 << 20);
      const variables = await login("push", user);
      succeeded(await push(image, reference("yaml/image"), variables));
      assert.equal(await pulledDigest(reference("yaml/image"), variables), image.digest);
    });

    it("has nothing to change in a second run, nor after a refresh", async () => {
      succeeded(await project.up("--expect-no-changes"));
      succeeded(await project.refresh());
      succeeded(await project.up("--expect-no-changes"));
      assert.doesNotMatch(await project.state(), /PRIVATE KEY/);
    });

    it("tells what is wrong with its settings, as in a Node program", async () => {
      succeeded(await project.pulumi(["config", "set", "--stack", "lab", "registryHost", "https://registry"]));
      const refused = await project.preview();
      assert.notEqual(refused.exitCode, 0);
      assert.match(refused.all, /registryHost must be [^\n]*, got [^\n]*https:\/\/registry/);
      succeeded(
        await project.pulumi(["config", "set", "--stack", "lab", "registryHost", labVariable("LAB_REGISTRY_HOST")]),
      );
    });
  });
});

/** The example, with the roots of the lab's CA, which nobody knows outside of the lab. */
function labProgram(): string {
  const program = parse(fs.readFileSync(path.join(checkout, "examples/yaml/Pulumi.yaml"), "utf8")) as {
    config: Record<string, object>;
    resources: { main: { properties: { certificate: Record<string, string> } } };
  };
  Object.assign(program.config, { acmeDirectoryCa: { type: "string" }, trustedRoots: { type: "string" } });
  const { certificate } = program.resources.main.properties;
  certificate["directoryCaPem"] = "${acmeDirectoryCa}";
  certificate["trustedRootsPem"] = "${trustedRoots}";
  return stringify(program);
}
