import assert from "node:assert/strict";
import { labIn } from "../../lab/lab";
import { summary } from "../../lab/start/summary";

describe("lab: the summary of npm start", () => {
  const text = summary(labIn("/var/lib/lab", "/checkout"), {
    outputs: {
      registryUrl: "https://registry.lab.test",
      uiUrl: "https://ui.lab.test",
      certificateNotAfter: "2027-02-22T03:58:13Z",
      certificateRenewAt: "2027-01-23T17:59:13Z",
      dockerConfigs: { alice: "a-secret" },
    },
    timings: [
      { title: "Network", seconds: 0.01 },
      { title: "Kubernetes cluster", seconds: 9.66 },
      { title: "Programs", seconds: 725 },
    ],
    seconds: 800,
    image: { reference: "registry.lab.test/hello/world:1", digest: "sha256:abc", layers: 4, mebibytes: 16 },
  });

  it("has both URLs, the certificate's end and next renewal, the image, the picture, and how to go on", () => {
    for (const words of [
      "https://registry.lab.test",
      "https://ui.lab.test",
      "until 2027-02-22T03:58:13Z, next renewal 2027-01-23T17:59:13Z",
      "registry.lab.test/hello/world:1@sha256:abc, 4 layers, 16 MiB",
      "/var/lib/lab/ui.png",
      `eval "$(npm run --silent lab -- env)"`,
      "crane auth login $LAB_REGISTRY_HOST -u $LAB_USER --password-stdin",
      "npm run lab -- down",
    ]) {
      assert.ok(text.includes(words), words);
    }
  });

  it("tells how long each step took, in seconds or minutes, and leaves out what took no time", () => {
    assert.match(text, / 9\.7 s {2}Kubernetes cluster\n +12 min 5 s {2}Programs\n +13 min 20 s {2}in all/);
    assert.equal(text.includes("Network"), false);
  });

  it("shows no secret", () => {
    assert.equal(text.includes("a-secret"), false);
  });
});
