import assert from "node:assert/strict";
import { newPlaceOf } from "../../config/flat-keys";
import { DEFAULTS, fileOf, StackFile } from "../support/migrate";

const PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

describe("npm run migrate, so that a stack does what it did", () => {
  const stack = new StackFile();

  describe("what it writes out", () => {
    it("is the image and the resources that 0.1.0 had by default", () => {
      const { lines } = stack.migrate(fileOf({ nodes: ["192.0.2.10"] }));
      const size = { cpu: "100m", memory: "100Mi" };
      assert.deepEqual(stack.at("registry"), { image: "registry:2", resources: { requests: size, limits: size } });
      assert.deepEqual(lines, ["nodes -> nodeAddresses", ...DEFAULTS]);
    });

    it("is not what the file says already, in whichever shape", () => {
      stack.migrate(fileOf({ registryImage: "registry:3.1", registryMemory: "1Gi" }));
      const size = { memory: "1Gi", cpu: "100m" };
      assert.deepEqual(stack.at("registry"), { image: "registry:3.1", resources: { requests: size, limits: size } });
      const mine = { image: "registry:3", resources: { requests: { cpu: "1" } } };
      stack.migrate(fileOf({ nodes: ["192.0.2.10"], registry: mine }));
      assert.deepEqual(stack.at("registry"), mine);
    });

    it("is the default too where an empty value stood for it", () => {
      assert.deepEqual(stack.notes({ registryImage: "" }), [
        "registryImage: dropped, an empty value stood for nothing",
      ]);
      assert.equal(stack.at("registry.image"), "registry:2");
    });

    it("is nothing in a file that has been moved before, whose stack may use the defaults of now", () => {
      const { lines } = stack.migrate(fileOf({ nodeAddresses: ["192.0.2.10"], logLevel: "warn", registryCpu: "1" }));
      const size = { cpu: "1" };
      assert.deepEqual(stack.at("registry"), { log: { level: "warn" }, resources: { requests: size, limits: size } });
      assert.deepEqual(lines.slice(2), [
        "registry.image is left to the program; in 0.1.0 it was registry:2",
        "registry.resources.requests.memory is left to the program; in 0.1.0 it was 100Mi",
        "registry.resources.limits.memory is left to the program; in 0.1.0 it was 100Mi",
      ]);
    });

    it("is nothing where the registry's settings are encrypted as a whole", () => {
      stack.migrate(fileOf({ nodes: ["192.0.2.10"], registry: { secure: "v1:r" } }));
      assert.deepEqual(stack.at("registry"), { secure: "v1:r" });
    });
  });

  describe("what it drops, and says", () => {
    const rows: Record<string, [Record<string, unknown>, string[]]> = {
      "empty values": [
        { uiTitle: "", acmeContacts: [], podLabels: {}, allowedCidrs: "[]", uiEnvironment: "{}", acmeProfile: null },
        ["uiTitle", "acmeContacts", "podLabels", "allowedCidrs", "uiEnvironment", "acmeProfile"].map(
          (key) => `${key}: dropped, an empty value stood for nothing`,
        ),
      ],
      "a renewal after 0 hours": [{ renewBeforeHours: 0 }, ["renewBeforeHours: dropped, 0 stood for nothing"]],
      "no UI": [
        { uiHost: "u.example.com", uiKind: "none" },
        [
          "uiHost: dropped, uiKind: none asked for no UI; new certificates are without this name",
          "uiKind: dropped, none is gone: there is no UI without ui.host",
        ],
      ],
      "a path without a node": [
        { storagePath: "/x", storageNode: "" },
        [
          "storagePath: dropped, had no effect without storageNode",
          "storageNode: dropped, an empty value stood for nothing",
        ],
      ],
      "cleaning without a schedule": [
        { cleaningDeleteUntagged: true, cleaningKubectlImage: "k:1" },
        [
          "cleaningDeleteUntagged: dropped, had no effect without cleaningSchedule",
          "cleaningKubectlImage: dropped, had no effect without cleaningSchedule",
        ],
      ],
      "metrics that are off": [
        { metricsServiceMonitor: true, metricsRules: true, metricsDashboard: true, metricsLabels: { a: "b" } },
        ["metricsServiceMonitor", "metricsRules", "metricsDashboard", "metricsLabels"].map(
          (key) => `${key}: dropped, had no effect without metrics: true`,
        ),
      ],
      "metrics that are switched off": [
        { metrics: "false", metricsCertificateHours: 5 },
        ["metricsCertificateHours: dropped, had no effect without metrics: true"],
      ],
      "a cache of nothing": [
        { proxyUsername: "u", proxyPassword: { secure: "v1:p" }, proxyTtlHours: 5 },
        ["proxyUsername", "proxyPassword", "proxyTtlHours"].map(
          (key) => `${key}: dropped, had no effect without proxyRemoteUrl`,
        ),
      ],
      "redirects to a directory": [
        { storageRedirects: true, storageNode: "node-1" },
        ["storageRedirects: dropped, had no effect without an object store"],
      ],
      "redirects to a claim": [
        { storageRedirects: true, storageClaim: { sizeGiB: 1 } },
        ["storageRedirects: dropped, had no effect without an object store"],
      ],
      "certificates of another issuer": [
        { providedChain: PEM, privateCa: { validityDays: 5 } },
        [
          "providedChain: dropped, had no effect without the issuer provided",
          "privateCa: dropped, had no effect without the issuer private-ca",
        ],
      ],
    };
    for (const [what, [settings, said]] of Object.entries(rows)) {
      it(what, () => {
        assert.deepEqual(stack.notes(settings), said);
        for (const line of said) {
          const place = newPlaceOf(line.split(":")[0] ?? "") ?? "";
          assert.equal(stack.at(place), undefined, line);
        }
      });
    }

    it("but not what may have an effect: an encrypted switch, or one of the new shape", () => {
      const secure = { secure: "v1:x" };
      stack.notes({ metrics: secure, metricsRules: true, storage: { s3: { bucket: "b" } }, storageRedirects: true });
      assert.equal(stack.at("monitoring.rules"), true);
      assert.equal(stack.at("storage.redirects"), true);
      stack.notes({ certificateIssuer: secure, providedChain: PEM, privateCa: { validityDays: 5 } });
      assert.deepEqual(stack.at("certificate.privateCa"), { validityDays: 5 });
    });
  });

  describe("a claim to be deleted", () => {
    const claim = (members: object): string[] =>
      stack.migrate(fileOf({ storageClaim: { sizeGiB: 5, ...members } })).lines;

    it("is named by deleteImages", () => {
      const lines = claim({ deleteImages: true, deleteImagesOf: "images" });
      assert.deepEqual(stack.at("storage.claim"), { sizeGiB: 5, deleteImages: "images" });
      assert.equal(lines[0], "storageClaim.deleteImagesOf -> storage.claim.deleteImages");
    });

    it("stays where that was not asked twice", () => {
      const named = claim({ deleteImages: false, deleteImagesOf: "images" });
      assert.deepEqual(stack.at("storage.claim"), { sizeGiB: 5 });
      assert.deepEqual(named.slice(1, 3), [
        "storageClaim.deleteImages: dropped, the images stay, as they did",
        "storageClaim.deleteImagesOf: dropped, the images stay, as they did",
      ]);
      const asked = claim({ deleteImages: true });
      assert.deepEqual(stack.at("storage.claim"), { sizeGiB: 5 });
      assert.equal(asked[1], "storageClaim.deleteImages: dropped, no claim was named, so that the images stay");
    });

    it("is left to the user where it is encrypted", () => {
      assert.deepEqual(stack.notes({ storageClaim: { secure: "v1:c" } }), [
        "storage.claim is encrypted as a whole: if it has deleteImages, put the name of deleteImagesOf there and " +
          "remove deleteImagesOf by hand",
      ]);
      assert.deepEqual(stack.notes({ storageClaim: { deleteImages: { secure: "v1:c" } } }), [
        "storage.claim.deleteImages is encrypted: put the claim's name there and remove deleteImagesOf by hand",
      ]);
    });
  });

  describe("the generation of a user's password", () => {
    it("is a text in quotes, whatever it was, in a file that is otherwise moved too", () => {
      const { lines, after } = stack.migrate(`config:
  private-registry:users:
    - name: a
      passwordGeneration: 20270101 # new
    - {name: b, passwordGeneration: 'x'}
    - name: c
      passwordGeneration: {secure: v1:g}
    - name: d
`);
      assert.match(after, /^ {6}generation: "20270101" # new\n {4}- \{name: b, generation: 'x'\}\n/m);
      assert.match(after, /generation: \{secure: v1:g\}\n/);
      const renamed = [0, 1, 2].map((index) => `users[${index}].passwordGeneration -> users[${index}].generation`);
      assert.deepEqual(lines.slice(0, 3), renamed);
    });

    it("is found in a list that was set as one JSON text", () => {
      stack.migrate(fileOf({ users: '[{"name":"a","passwordGeneration":3}]' }));
      assert.deepEqual(stack.at("users"), [{ name: "a", generation: "3" }]);
    });

    it("is left to the user where the users are encrypted as a whole", () => {
      assert.deepEqual(stack.notes({ nodes: ["192.0.2.10"], users: { secure: "v1:u" } }), [
        "users is encrypted as a whole: rename each passwordGeneration in it to generation, a text, by hand",
      ]);
      assert.deepEqual(stack.at("users"), { secure: "v1:u" });
    });
  });

  it("says which numbers and booleans are encrypted, since they are texts then", () => {
    assert.deepEqual(
      stack.notes({ replicas: { secure: "v1:r" }, readOnly: { secure: "v1:o" }, uiTitle: { secure: "v1:t" } }),
      [
        "registry.replicas is encrypted, so it is read as a text, not as a number: set it again in the clear",
        "registry.readOnly is encrypted, so it is read as a text, not as a boolean: set it again in the clear",
      ],
    );
  });

  it("puts a text in quotes that would be none within a table: Pulumi reads a flat value as a text", () => {
    const values = ["2027-01-15", "yes", "0123", "1.0", "1:30", "1e3", "True"];
    for (const value of values) {
      const { after } = stack.migrate(`config:\n  certificateKeyGeneration: ${value} # why\n`);
      assert.match(after, new RegExp(`^ {4}generation: "${value}" # why$`, "m"));
    }
    assert.match(stack.migrate("config:\n  certificateKeyGeneration: 2027-01\n").after, /generation: 2027-01\n/);
  });

  it("reads numbers as Pulumi does: flat ones as texts, those of a table as numbers", () => {
    stack.migrate("config:\n  replicas: 010\n  uiPort: 8080\n  uiEnvironment: {A: 1.0, B: 010, C: yes, D: true}\n");
    assert.deepEqual([stack.at("registry.replicas"), stack.at("ui.port")], [10, 8080]);
    assert.deepEqual(stack.at("ui.environment"), { A: "1", B: "8", C: "yes", D: "true" });
  });

  it("leaves what is of the wrong type to the program, which says what is wrong", () => {
    stack.migrate(fileOf({ replicas: "two", readOnly: "yes", nodes: "192.0.2.10", podLabels: "a=b" }));
    assert.deepEqual([stack.at("registry.replicas"), stack.at("registry.readOnly")], ["two", "yes"]);
    assert.deepEqual([stack.at("nodeAddresses"), stack.at("scheduling.labels")], ["192.0.2.10", "a=b"]);
  });
});
