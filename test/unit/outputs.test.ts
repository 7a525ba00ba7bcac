import assert from "node:assert/strict";
import { PrivateRegistry } from "../../components";
import { outputsOf } from "../../components/outputs";
import schema from "../../provider/schema.json";
import { underMocks } from "../../rig/pulumi/mocks";
import { answer, smallest } from "../support/contract";

describe("what a component registers as its outputs", () => {
  it("is what the package's schema promises, and nothing of the SDK's own", async () => {
    const run = await underMocks(() => Object.keys(outputsOf(new PrivateRegistry("main", smallest))), { answer });
    const promised = Object.keys(schema.resources["private-registry:index:PrivateRegistry"].properties);
    assert.deepEqual(run.result.sort(), promised.sort());
  });
});
