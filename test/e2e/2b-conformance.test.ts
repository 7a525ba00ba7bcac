import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type ConformanceTarget, countVerdicts, runConformance, type Verdicts } from "../support/conformance";
import { credentials } from "../../rig/stack/images";
import { labVariable } from "../../rig/stack/lab";
import { settle, withConfig } from "../../rig/stack/stack";

/** What neither version of the registry claims to have. */
const WITHOUT_EXTRAS = {
  OCI_DATA_SHA512: "false",
  OCI_API_REFERRER: "false",
  OCI_DATA_NONDISTRIBUTABLE: "false",
};

/** A folder of the gateway's host. */
const CACHE = "/var/cache/blobs";

/** Through the gateway, from the client host, as a user with role push. */
function gateway(): Pick<ConformanceTarget, "command" | "registry" | "login"> {
  const { user, password } = credentials("push");
  const command = [...labVariable("LAB_EXEC").split(" "), program()];
  return { command, registry: labVariable("LAB_REGISTRY_HOST"), login: { user, password } };
}

/** At the registry's NodePort, under the name in its certificate. */
function direct(hostsFile: string): Pick<ConformanceTarget, "command" | "registry"> {
  const script = 'mount --bind "$1" /etc/hosts && exec "$2"';
  const command = ["unshare", "--mount", "sh", "-c", script, "conformance", hostsFile, program()];
  return { command, registry: `${labVariable("LAB_REGISTRY_HOST")}:30299` };
}

const program = (): string => path.join(labVariable("LAB_DIR"), "bin", "conformance");

describe("2b. OCI's conformance suite", () => {
  let folder: string;
  let hostsFile: string;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "conformance-hosts-"));
    hostsFile = path.join(folder, "hosts");
    fs.writeFileSync(hostsFile, `${labVariable("LAB_NODE_IP")} ${labVariable("LAB_REGISTRY_HOST")}\n`);
  });
  after(async () => {
    fs.rmSync(folder, { recursive: true });
    await settle();
  });

  for (const image of ["registry:2", "registry:3"]) {
    it(`says the same of ${image} through the gateway and directly, test by test`, async () => {
      // The suite has no client certificate to show to the registry, and wants more than a tenth of a processor.
      const pod = {
        "registry.image": image,
        "registry.resources.limits.cpu": "1",
        "registry.deleteEnabled": true,
        "backend.requireClientCertificate": false,
      };
      await withConfig(pod, async () => {
        await settle();
        const run = (target: ReturnType<typeof direct>, name: string, settings = {}): Promise<Verdicts> =>
          runConformance({
            ...target,
            caFile: labVariable("LAB_CA_FILE"),
            repositories: `conformance/${image.replace(":", "-")}-${name}`,
            settings,
          });
        const [through, straight] = [await run(gateway(), "through"), await run(direct(hostsFile), "straight")];
        assert.deepEqual(through, straight);
        console.log(`      ${image}: ${JSON.stringify(countVerdicts(through))}`);
        if (image !== "registry:3") return;
        const claimed = await run(gateway(), "claimed", WITHOUT_EXTRAS);
        assert.deepEqual(
          claimed.filter((verdict) => /: (failure|error)$/.test(verdict)),
          [],
        );
        console.log(`      ${image} without what it does not claim: ${JSON.stringify(countVerdicts(claimed))}`);
        await withConfig({ "nginx.blobCache.sizeGiB": 1, "nginx.blobCache.path": CACHE }, async () => {
          await settle();
          assert.deepEqual(await run(gateway(), "kept"), straight, "with a cache of blobs on the gateway");
        });
      });
    });
  }
});
