import assert from "node:assert/strict";
import { labIn } from "../../lab/lab";
import { Findings, summary } from "../../lab/start/summary";

describe("lab: the summary of npm start", () => {
  const findings: Findings = {
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
    client: "docker 28.2.2, its daemon 20.10.24",
  };
  const text = summary(labIn("/var/lib/lab", "/checkout"), findings);

  it("has both URLs, the certificate's end and next renewal, the image, the picture, and how to go on", () => {
    for (const words of [
      "https://registry.lab.test",
      "https://ui.lab.test",
      "until 2027-02-22T03:58:13Z, next renewal 2027-01-23T17:59:13Z",
      "registry.lab.test/hello/world:1@sha256:abc, 4 layers, 16 MiB",
      "pushed by     docker 28.2.2, its daemon 20.10.24",
      "/var/lib/lab/ui.png",
      `eval "$(npm run --silent lab -- env)"`,
      "$LAB_EXEC docker login $LAB_REGISTRY_HOST -u $LAB_USER --password-stdin",
      "$LAB_EXEC docker pull registry.lab.test/hello/world:1",
      "npm run lab -- down",
    ]) {
      assert.ok(text.includes(words), words);
    }
  });

  it("speaks of crane where there is no docker, and why", () => {
    const client = "crane 0.22.1, no docker: this machine has no dockerd";
    const words = summary(labIn("/var/lib/lab", "/checkout"), { ...findings, client });
    assert.match(words, /^pushed by {5}crane 0\.22\.1, no docker: this machine has no dockerd$/m);
    assert.ok(words.includes("crane auth login $LAB_REGISTRY_HOST -u $LAB_USER --password-stdin"));
    assert.doesNotMatch(words, /docker (login|pull)/);
  });

  it("tells how long each step took, in seconds or minutes, and leaves out what took no time", () => {
    assert.match(text, / 9\.7 s {2}Kubernetes cluster\n +12 min 5 s {2}Programs\n +13 min 20 s {2}in all/);
    assert.equal(text.includes("Network"), false);
  });

  it("shows no secret", () => {
    assert.equal(text.includes("a-secret"), false);
  });
});
