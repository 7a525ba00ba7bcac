import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { ensurePrograms } from "../../lab/programs";
import { accepts, freePorts } from "../../rig/hosts/ports";
import { pullImage, pushImage, pushIndex, tagsOf } from "../../rig/registry/images";
import { RegistryProcess, version2, version3 } from "../../rig/registry/process";
import { blockBelow } from "../support/docs";

const PAGE = "docs/runbooks/leave.md";
const open = { requireClientCertificate: false };

describe("docs/runbooks/leave.md", () => {
  let folder: string;
  let bin: string;
  let old: RegistryProcess;
  let pushed: { index: string; single: string };
  const started: RegistryProcess[] = [];

  before(async function () {
    this.timeout(600_000); // crane and the registry may have to be built
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "leave-"));
    bin = path.dirname((await ensurePrograms(["crane"], () => undefined)).crane);
    old = await RegistryProcess.prepare(version3, open);
    started.push(old);
    await old.start();
    const platforms = [await pushImage(old, "team/app", "amd64"), await pushImage(old, "team/app", "arm64")];
    const index = await pushIndex(old, "team/app", platforms, ["1", "latest"]);
    const single = await pushImage(old, "tools/single", "single", { tags: ["v1"] });
    const attached = await pushImage(old, "tools/single", "attestation", { subject: single });
    await pushIndex(old, "tools/single", [attached], [single.replace(":", "-")]); // as ORAS does
    await pushImage(old, "tools/single", "signature", { tags: [`${single.replace(":", "-")}.sig`] }); // as cosign does
    pushed = { index, single };
  });
  after(async () => {
    for (const registry of started) await registry.remove();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  /** Runs a block of the page with the names of processes here. */
  const follow = async (name: string, hosts: Record<string, RegistryProcess>): Promise<string> => {
    const roots = path.join(folder, "roots.pem");
    fs.writeFileSync(roots, started.map((one) => fs.readFileSync(one.file("domain.crt"), "utf8")).join("\n"));
    let script = blockBelow(PAGE, name);
    for (const [host, registry] of Object.entries(hosts)) {
      assert.ok(script.includes(host), `${name} names ${host}`);
      script = script.replaceAll(host, `localhost:${registry.port}`);
    }
    const env = { PATH: `${bin}:${process.env["PATH"] ?? ""}`, SSL_CERT_FILE: roots, DOCKER_CONFIG: folder };
    return (await execa("bash", ["-euo", "pipefail", "-c", script], { env })).stdout;
  };

  it("copies every tag, platform and signature to a different registry, and the lists are the same", async () => {
    const target = await RegistryProcess.prepare(version2, open);
    started.push(target);
    await target.start();
    await follow("copy", { "registry.example.com": old, "new.example.com": target });
    assert.equal(await pullImage(target, "team/app", "latest"), pushed.index);
    assert.equal(await pullImage(target, "tools/single", "v1"), pushed.single);
    assert.deepEqual(await tagsOf(target, "tools/single"), await tagsOf(old, "tools/single"));
    const [here, there] = [
      await follow("compare", { "new.example.com": old }),
      await follow("compare", { "new.example.com": target }),
    ];
    assert.ok(here.includes(`team/app:1 ${pushed.index}`), here);
    assert.deepEqual(there.split("\n").sort(), here.split("\n").sort());
  });

  for (const version of [version2, version3]) {
    it(`serves the same files with a plain ${version.name}, which knows nothing of this project`, async () => {
      const [port = 0] = await freePorts(1);
      const config = path.join(folder, `${version.name}.yml`);
      fs.writeFileSync(
        config,
        version.config.replace(', debug: {addr: ":5001", prometheus: {enabled: true, path: /metrics}}', ""),
      );
      const variables = {
        REGISTRY_HTTP_ADDR: `127.0.0.1:${port}`,
        REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: old.file("images"),
        OTEL_TRACES_EXPORTER: "none",
      };
      const plain = execa(await version.program(), ["serve", config], { env: variables, reject: false });
      try {
        for (let tries = 0; tries < 100 && !(await accepts(port)); tries++)
          await new Promise((next) => setTimeout(next, 50));
        for (const [repository, tag, digest] of [
          ["team/app", "latest", pushed.index],
          ["tools/single", "v1", pushed.single],
        ] as const) {
          const answer = await fetch(`http://127.0.0.1:${port}/v2/${repository}/manifests/${tag}`, {
            headers: { accept: "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json" },
          });
          assert.equal(answer.status, 200);
          assert.equal(answer.headers.get("docker-content-digest"), digest);
        }
      } finally {
        plain.kill("SIGKILL");
        await plain;
      }
    });
  }
});
