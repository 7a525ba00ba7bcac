import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { writeArchive } from "../../lab/images";

describe("an image archive of the lab", () => {
  let folder: string;
  before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "images-"))));
  after(() => fs.rmSync(folder, { recursive: true }));

  const make = async (name: string): Promise<string> => {
    const archive = path.join(folder, name);
    const work = fs.mkdtempSync(path.join(folder, "work-"));
    const spec = {
      names: ["docker.io/library/tiny:1"],
      files: { "/bin/true": { from: "/bin/true" }, "/etc/note": { text: "hello\n" } },
      folders: ["/var/lib/tiny"],
      entrypoint: ["/bin/true"],
      environment: { COLOUR: "blue" },
      ports: [80],
    };
    await writeArchive(spec, archive, work);
    return archive;
  };

  it("is read by skopeo, with its command, variables and ports", async () => {
    const archive = await make("one.tar");
    const { stdout } = await execa("skopeo", ["inspect", "--config", `oci-archive:${archive}`]);
    const { config, rootfs } = JSON.parse(stdout) as {
      config: { Entrypoint: string[]; Env: string[]; ExposedPorts: object };
      rootfs: { diff_ids: string[] };
    };
    assert.deepEqual(config.Entrypoint, ["/bin/true"]);
    assert.ok(config.Env.includes("COLOUR=blue"));
    assert.deepEqual(config.ExposedPorts, { "80/tcp": {} });
    assert.equal(rootfs.diff_ids.length, 1);
  });

  it("holds its files as root's, with a program that can be run", async () => {
    const archive = await make("two.tar");
    const target = path.join(folder, "copied");
    await execa("skopeo", ["copy", "--quiet", `oci-archive:${archive}`, `dir:${target}`]);
    const manifest = JSON.parse(fs.readFileSync(path.join(target, "manifest.json"), "utf8")) as {
      layers: { digest: string }[];
    };
    const layer = path.join(target, (manifest.layers[0]?.digest ?? "").replace("sha256:", ""));
    const { stdout } = await execa("tar", ["-tvf", layer, "--numeric-owner"]);
    assert.match(stdout, /^-rwxr-xr-x 0\/0 .* bin\/true$/m);
    assert.match(stdout, /^-rw-r--r-- 0\/0 .* etc\/note$/m);
    assert.match(stdout, /^drwxr-xr-x 0\/0 .* var\/lib\/tiny\/?$/m);
  });

  it("is the same whenever it is made from the same files", async () => {
    const digests = [await make("three.tar"), await make("four.tar")].map((file) =>
      createHash("sha256").update(fs.readFileSync(file)).digest("hex"),
    );
    assert.equal(digests[0], digests[1]);
  });
});
