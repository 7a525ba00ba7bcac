import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageSchema } from "../../generate/package-schema";

describe("the package's schema", function () {
  this.timeout(120_000);

  it("is the one that callers know, for every component", async () => {
    const schema = await packageSchema();
    const golden = readFileSync(join(__dirname, "../../provider/schema.json"), "utf8");
    assert.equal(schema, golden, "run npm run generate, and look at what changes for callers");
    const { resources } = JSON.parse(schema) as { resources: Record<string, { isComponent: boolean }> };
    assert.deepEqual(Object.keys(resources).sort(), [
      "private-registry:index:AcmeCertificate",
      "private-registry:index:AcmeChain",
      "private-registry:index:AcmeResponder",
      "private-registry:index:NginxGateway",
      "private-registry:index:PrivateRegistry",
      "private-registry:index:RegistryPod",
      "private-registry:index:RegistryService",
      "private-registry:index:TlsSecret",
    ]);
  });
});
