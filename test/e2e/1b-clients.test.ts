import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { dockerIsUp, startDocker, stopDocker } from "../../lab/hosts";
import { labOf } from "../../lab/lab";
import { ensurePrograms, PROGRAMS_FOR } from "../../lab/programs";
import { DEBIAN_GROUPS, ensureDebianPackages } from "../../lab/programs/debian";
import { attest, context, IN_TOTO, manifest } from "../../rig/stack/artifacts";
import { type Client, Containers, docker, folderFor, helm, oras } from "../../rig/stack/clients";
import { ask } from "../../rig/stack/https";
import { credentials, reference, type Role } from "../../rig/stack/images";
import { env, labVariable, onClient, succeeded } from "../../rig/stack/lab";
import { settle } from "../../rig/stack/stack";

/** What `oras discover` says of an artifact. */
interface Referrer {
  reference: string;
  artifactType: string;
}

const host = (): string => labVariable("LAB_REGISTRY_HOST");

describe("1b. clients", function () {
  this.timeout(600_000);
  const lab = labOf();
  /** By role: the login of each is in a folder of its own. */
  const clients: Record<string, Record<Role, Client>> = {};
  let containers: Containers;
  let dockerWasUp = false;

  before("docker's daemon and the programs", async () => {
    const say = (now: string): void => {
      if (/^installing|: built in /.test(now)) console.log(`      ${now}`);
    };
    await ensureDebianPackages([...DEBIAN_GROUPS.docker, ...DEBIAN_GROUPS.clients], say);
    const programs = await ensurePrograms(PROGRAMS_FOR.clients, say);
    await settle();
    dockerWasUp = dockerIsUp(lab);
    await startDocker(lab);
    containers = new Containers();
    const reader = new Containers();
    const both = (make: () => Client): Record<Role, Client> => ({ push: make(), pull: make() });
    clients["docker"] = both(docker);
    for (const name of ["podman", "buildah", "skopeo"] as const) {
      clients[name] = { push: containers.client(name), pull: reader.client(name) };
    }
    clients["helm"] = both(() => helm(programs));
    clients["oras"] = both(() => oras(programs));
  });
  after(async () => {
    containers?.end();
    if (!dockerWasUp) await stopDocker(lab);
  });

  const client = (name: string, role: Role = "push"): Client => {
    const found = clients[name]?.[role];
    if (!found) throw new Error(`${name} was not set up`);
    return found;
  };

  const refusals: [name: string, message: RegExp][] = [
    ["docker", /401 Unauthorized/],
    ["podman", /invalid username\/password/],
    ["buildah", /invalid username\/password/],
    ["skopeo", /invalid username\/password/],
    ["helm", /401/],
    ["oras", /401/],
  ];
  for (const [name, message] of refusals) {
    it(`${name} says that a wrong password is wrong, and logs in with the right one`, async () => {
      for (const role of ["push", "pull"] as const) {
        const refused = await client(name, role).login({ ...credentials(role), password: "wrong" });
        assert.notEqual(refused.exitCode, 0);
        assert.match(refused.all, message);
        succeeded(await client(name, role).login(credentials(role)));
      }
    });
  }

  it("docker builds, pushes and pulls", async () => {
    const target = reference("clients/docker");
    succeeded(await client("docker").run("build", "--tag", target, context("docker")));
    succeeded(await client("docker").run("push", target));
    const id = await dockerId(target);
    succeeded(await client("docker").run("rmi", "--force", id));
    assert.notEqual((await client("docker").run("image", "inspect", id)).exitCode, 0);
    succeeded(await client("docker", "pull").run("pull", target));
    assert.equal(await dockerId(target), id);
  });

  it("docker tells a user of role pull that a push is denied", async () => {
    const target = reference("clients/refused");
    succeeded(await client("docker").run("build", "--tag", target, context("refused")));
    const refused = await client("docker", "pull").run("push", target);
    assert.notEqual(refused.exitCode, 0);
    assert.match(refused.all, /denied: this user may not do this here/);
    assert.equal((await ask(host(), "/v2/clients/refused/tags/list", { auth: credentials("push").auth })).status, 404);
  });

  it("podman builds, pushes zstd layers and pulls", async () => {
    const target = reference("clients/podman");
    const podman = client("podman");
    succeeded(await podman.run("build", "--tag", target, context("podman")));
    succeeded(await podman.run("push", ...podman.trust, "--compression-format", "zstd", target));
    const { layers } = await manifest("clients/podman", "1");
    assert.deepEqual(
      layers?.map(({ mediaType }) => mediaType),
      ["application/vnd.oci.image.layer.v1.tar+zstd"],
    );
    const format = ["image", "inspect", "--format", "{{.Id}}", target];
    const id = succeeded(await podman.run(...format)).stdout;
    const reader = client("podman", "pull");
    succeeded(await reader.run("pull", ...reader.trust, target)); // its images are in another folder
    assert.equal(succeeded(await reader.run(...format)).stdout, id);
    const refused = await reader.run("push", ...reader.trust, target, reference("clients/refused"));
    assert.notEqual(refused.exitCode, 0);
    assert.match(refused.all, /denied/);
  });

  it("buildah pushes an image for two platforms with an attestation, skopeo copies it, docker pulls its own", async () => {
    const buildah = client("buildah");
    const folder = context("buildah");
    succeeded(await buildah.run("manifest", "create", "platforms"));
    for (const platform of ["linux/amd64", "linux/arm64"]) {
      const args = ["--platform", platform, "--format", "oci", "--manifest", "platforms"];
      succeeded(await buildah.run("build", ...args, folder));
    }
    const target = `docker://${reference("clients/platforms")}`;
    succeeded(await buildah.run("manifest", "push", ...buildah.trust, "--all", "platforms", target));
    const pushed = await manifest("clients/platforms", "1");
    assert.deepEqual(
      pushed.manifests?.map(({ platform }) => platform?.architecture),
      ["amd64", "arm64"],
    );
    const attested = await attest(client("oras"), "clients/platforms", pushed);

    const skopeo = client("skopeo");
    const trust = ["src", "dest"].flatMap((side) => [`--${side}-cert-dir`, containers.certificates]);
    const [from, to] = ["platforms", "copy"].map((name) => `docker://${reference(`clients/${name}`, "attested")}`);
    succeeded(await skopeo.run("copy", "--all", ...trust, from ?? "", to ?? ""));
    const raw = succeeded(await skopeo.run("inspect", ...skopeo.trust, "--raw", to ?? "")).stdout;
    assert.equal(raw, attested);
    const seen = await skopeo.run("inspect", ...skopeo.trust, "--override-arch", "arm64", to ?? "");
    assert.equal((JSON.parse(succeeded(seen).stdout) as { Architecture: string }).Architecture, "arm64");

    const copy = reference("clients/copy", "attested");
    succeeded(await client("docker", "pull").run("pull", "--platform", "linux/amd64", copy));
    const format = ["image", "inspect", "--format", "{{.Os}}/{{.Architecture}}", copy];
    assert.equal(succeeded(await client("docker").run(...format)).stdout, "linux/amd64");
  });

  it("helm packages a chart, pushes it and pulls it", async () => {
    const folder = folderFor("chart");
    fs.mkdirSync(path.join(folder, "greeting/templates"), { recursive: true });
    fs.writeFileSync(path.join(folder, "greeting/Chart.yaml"), "apiVersion: v2\nname: greeting\nversion: 0.1.0\n");
    const map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: greeting\n";
    fs.writeFileSync(path.join(folder, "greeting/templates/map.yaml"), map);
    const helm = client("helm");
    succeeded(await helm.run("package", path.join(folder, "greeting"), "--destination", folder));
    const chart = path.join(folder, "greeting-0.1.0.tgz");
    const url = `oci://${host()}/charts`;
    succeeded(await helm.run("push", ...helm.trust, chart, url));
    const back = path.join(folder, "back");
    fs.mkdirSync(back);
    const reader = client("helm", "pull");
    const args = ["--version", "0.1.0", "--destination", back];
    succeeded(await reader.run("pull", ...reader.trust, `${url}/greeting`, ...args));
    assert.ok(fs.readFileSync(path.join(back, "greeting-0.1.0.tgz")).equals(fs.readFileSync(chart)));
    assert.match(succeeded(await reader.run("template", ...reader.trust, `${url}/greeting`)).stdout, /kind: ConfigMap/);
    const refused = await reader.run("push", ...reader.trust, chart, `oci://${host()}/refused`);
    assert.notEqual(refused.exitCode, 0);
    assert.match(refused.all, /403/);
  });

  describe("oras", () => {
    const SBOM = "application/vnd.example.sbom+json";
    const target = (tag: string): string => reference("clients/artifacts", tag);
    let folder: string;
    /** Digests of the images, by tag. */
    const digests: Record<string, string> = {};

    before("two images, the first one older, each with two artifacts about it", async () => {
      folder = context("oras");
      const oras = client("oras").in(folder);
      for (const name of ["model.bin", "sbom.json", "provenance.json"]) {
        fs.writeFileSync(path.join(folder, name), `${name} ${process.hrtime.bigint()}\n`);
      }
      for (const [tag, year] of Object.entries({ older: "2025", newer: "2026" })) {
        const created = ["--annotation", `org.opencontainers.image.created=${year}-01-01T00:00:00Z`];
        const type = ["--artifact-type", "application/vnd.example.model"];
        succeeded(await oras.run("push", ...oras.trust, ...type, ...created, target(tag), "model.bin"));
        for (const [of, file] of Object.entries({ [SBOM]: "sbom.json", [IN_TOTO]: "provenance.json" })) {
          const about = ["--artifact-type", of, ...created, target(tag), `${file}:${of}`];
          succeeded(await oras.run("attach", ...oras.trust, ...about));
        }
        digests[tag] = succeeded(await oras.run("resolve", ...oras.trust, target(tag))).stdout.trim();
      }
    });

    it("finds by the referrers tag what is about an image, as the registry has no API for it", async () => {
      const digest = digests["newer"] ?? "";
      const auth = credentials("push").auth;
      assert.equal((await ask(host(), `/v2/clients/artifacts/referrers/${digest}`, { auth })).status, 404);
      const index = await manifest("clients/artifacts", digest.replace(":", "-"));
      assert.deepEqual(index.manifests?.map(({ artifactType }) => artifactType).sort(), [SBOM, IN_TOTO].sort());

      const reader = client("oras", "pull");
      const found = await reader.run("discover", ...reader.trust, "--format", "json", target("newer"));
      const { referrers } = JSON.parse(succeeded(found).stdout) as { referrers: Referrer[] };
      const provenance = referrers.find(({ artifactType }) => artifactType === IN_TOTO)?.reference ?? "";
      const back = folderFor("oras-back");
      succeeded(await reader.in(back).run("pull", ...reader.trust, provenance));
      const [pulled, pushed] = [back, folder].map((each) =>
        fs.readFileSync(path.join(each, "provenance.json"), "utf8"),
      );
      assert.equal(pulled, pushed);
    });

    it("is told as a user of role pull that an attachment is denied", async () => {
      const reader = client("oras", "pull").in(folder);
      const args = ["--artifact-type", SBOM, target("newer"), "model.bin"];
      const refused = await reader.run("attach", ...reader.trust, ...args);
      assert.notEqual(refused.exitCode, 0);
      assert.match(refused.all, /denied: this user may not do this here/);
    });

    it("loses to retention only what is about an image that goes", async () => {
      const rules = path.join(folder, "retention.yaml");
      fs.writeFileSync(rules, "rules:\n  - repositories: clients/artifacts\n    keepLast: 1\n");
      const { user, password } = credentials("push");
      const args = ["--registry", `https://${host()}`, "--ca-file", labVariable("LAB_CA_FILE"), "--rules", rules];
      const variables = { ...env, REGISTRY_USER: user, REGISTRY_PASSWORD: password };
      const ran = await onClient("npm", ["run", "--silent", "retention", "--", ...args], { env: variables });
      const gone = succeeded(ran).stdout.match(/(?<=^ {2}would delete )\S+(?= \()/gm);
      assert.deepEqual(gone?.sort(), ["older", digests["older"]?.replace(":", "-")].sort());
    });
  });

  async function dockerId(target: string): Promise<string> {
    return succeeded(await client("docker").run("image", "inspect", "--format", "{{.Id}}", target)).stdout.trim();
  }
});
