import * as assert from "node:assert/strict";
import { Checks } from "../../smoke/checks";
import { checkHosts } from "../../smoke/hosts";

describe("the gateways of a smoke test, from inside", () => {
  it("are right, wrong, or not to be asked from here; a warning is told and no failure", async () => {
    const checks = new Checks();
    const report = { differences: [], warnings: [] };
    await checkHosts(checks, [
      { ...report, name: "main-gateway-a", host: "192.0.2.1" },
      { ...report, name: "main-gateway-b", host: "192.0.2.2", warnings: ["its nginx has no njs"] },
      {
        ...report,
        name: "main-gateway-c",
        host: "192.0.2.3",
        differences: ["/etc/x: is missing", "nginx: is not running"],
      },
      { ...report, name: "main-gateway-d", host: "192.0.2.4", failure: "connect ECONNREFUSED" },
    ]);
    assert.deepEqual(
      checks.all.map(({ where, what, status, detail }) => [where, what, status, detail]),
      [
        ["192.0.2.1", "what is on it (main-gateway-a)", "passed", "as the stack wrote it"],
        [
          "192.0.2.2",
          "what is on it (main-gateway-b)",
          "passed",
          "as the stack wrote it; warning: its nginx has no njs",
        ],
        [
          "192.0.2.3",
          "what is on it (main-gateway-c)",
          "failed",
          "/etc/x: is missing; nginx: is not running; to write it again: npm run drift -- --fix",
        ],
        [
          "192.0.2.4",
          "what is on it (main-gateway-d)",
          "unchecked",
          "it can't be asked over SSH from here: connect ECONNREFUSED",
        ],
      ],
    );
  });
});
