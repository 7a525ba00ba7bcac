import assert from "node:assert/strict";
import { complaint, gateway, HOST_KEY, KEY_PEM, read } from "../support/stack-config";

describe("the stack's config", () => {
  it("is the registry's arguments as they stand in the file, and nothing is filled in", () => {
    assert.deepEqual(read(), {
      registryHost: "registry.example.com",
      nodeAddresses: ["192.0.2.10"],
      gateways: [{ address: "gw1.example.com", hostKey: HOST_KEY }],
      ssh: { privateKey: KEY_PEM },
      users: [{ name: "ci", role: "push", password: "hunter2" }],
      certificate: { termsAgreed: true },
      ui: { host: "ui.example.com" },
      storage: { hostPath: { nodeName: "node-1" } },
    });
  });

  it("has what is the stack's own beside them", () => {
    const own = { kubeconfig: "apiVersion: v1\nkind: Config\n", kubeContext: "prod", smokeTest: true };
    const { kubeconfig, kubeContext, smokeTest } = read(own);
    assert.deepEqual({ kubeconfig, kubeContext, smokeTest }, own);
    assert.match(complaint({ smokeTest: "perhaps" }), / {2}- smokeTest must be true or false, got "perhaps"/);
  });

  it("takes numbers and booleans as texts where a text is meant, at any depth", () => {
    const args = read({
      "users[0].name": 12345,
      "users[0].password": 678,
      "users[1]": { name: "b", role: "pull", generation: 2 },
      "backend.generation": 1,
      "certificate.generation": 2027,
      "registry.environment": { REGISTRY_CATALOG_MAXENTRIES: 5000, REGISTRY_X: true },
      "registry.resources.limits.cpu": 2,
      "scheduling.tolerations": [{ key: "k", value: true }],
      "scheduling.labels": { "example.com/rack": 7 },
    });
    assert.deepEqual(args.users[0], { name: "12345", role: "push", password: "678" });
    assert.equal(args.users[1]?.generation, "2");
    assert.equal(args.backend?.generation, "1");
    assert.equal(args.certificate.generation, "2027");
    assert.deepEqual(args.registry?.environment, { REGISTRY_CATALOG_MAXENTRIES: "5000", REGISTRY_X: "true" });
    assert.equal(args.registry.resources?.limits?.cpu, "2");
    assert.deepEqual(args.scheduling, {
      tolerations: [{ key: "k", value: "true" }],
      labels: { "example.com/rack": "7" },
    });
  });

  it("takes a list or table that is one JSON text, at any depth", () => {
    const args = read({
      users:
        '[{"name":"ci","role":"push","password":"hunter2","repositories":"[{\\"pattern\\":\\"a/*\\",\\"role\\":\\"pull\\"}]"}]',
      "storage.s3": '{"bucket":"images","encrypt":"true"}',
      "storage.hostPath": undefined,
      "registry.secretEnvironment": '{"A":"b"}',
      "registry.replicas": "2",
    });
    assert.deepEqual(args.users[0]?.repositories, [{ pattern: "a/*", role: "pull" }]);
    assert.deepEqual(args.storage, { s3: { bucket: "images", encrypt: true } });
    assert.deepEqual(args.registry, { secretEnvironment: { A: "b" }, replicas: 2 });
  });

  it("takes an empty text for nothing where no text is meant, and switches nothing on by an empty table", () => {
    const args = read({ "registry.replicas": "", "storage.backup": {}, "registry.proxy": {}, monitoring: {} });
    assert.deepEqual(args.registry, { replicas: undefined, proxy: {} });
    assert.deepEqual(args.monitoring, {});
  });

  it("names every problem at once, with its path and what to do", () => {
    const text = complaint({
      registryHost: "https://registry",
      "ui.kind": "pretty",
      "cluster.nodePorts": { registry: 0, ui: "many" },
      nodeAddresses: ["node-1"],
      "storage.hostPath": undefined,
      "registry.deleteEnabled": "perhaps",
      "certificate.termsAgreed": false,
      "certificate.renewBeforeHours": -1,
    });
    assert.deepEqual(text.split("\n").sort(), [
      "  - certificate.renewBeforeHours must be 1-87600, got -1; leave it out to use the CA's window or the lifetime",
      "  - certificate.termsAgreed must be true for the issuer acme, got false; read the CA's terms of service, then set it to true",
      "  - cluster.nodePorts.registry must be 1-65535, got 0; leave it out to use 30299",
      '  - cluster.nodePorts.ui must be 1-65535, got "many"; leave it out to use 30949',
      '  - nodeAddresses[0] must be an IP address, got "node-1"; give the address; a name that can\'t be resolved stops nginx',
      '  - registry.deleteEnabled must be true or false, got "perhaps"; leave it out to use false',
      '  - registryHost must be a host name such as registry.example.com, without scheme, port or path, got "https://registry"; give the name that `docker login` uses',
      "  - storage must be set, got nothing; give the place of the images, such as hostPath with the nodeName of `kubectl get nodes`",
      '  - ui.kind must be joxit or konradkleine, got "pretty"; leave it out to use joxit',
      "Pulumi.test.yaml: 9 settings are not right",
    ]);
  });

  it("says which name was meant by an unknown one, and how it goes", () => {
    const said = (more: Record<string, unknown>) => complaint(more).split("\n").slice(1).join("\n");
    assert.equal(
      said({ registryHots: "x" }),
      "  - registryHots must be a setting that exists, got an unknown one; did you mean registryHost? Rename it, or remove it: pulumi config rm registryHots",
    );
    assert.equal(
      said({ colour: "red" }),
      "  - colour must be a setting that exists, got an unknown one; remove it: pulumi config rm colour",
    );
    assert.equal(
      said({ "gateways[0].hostkey": "x" }),
      "  - gateways[0].hostkey must be a setting that exists, got an unknown one; did you mean gateways[0].hostKey? Rename it, or remove it: pulumi config rm --path 'gateways[0].hostkey'",
    );
    assert.equal(
      said({ "storage.claim.bucket": "x", "storage.claim.sizeGiB": 1, "storage.hostPath": undefined }),
      "  - storage.claim.bucket must be a setting that exists, got an unknown one; remove it: pulumi config rm --path 'storage.claim.bucket'",
    );
  });

  it("names the new place of a key of 0.1.0, and what moves all of them", () => {
    const text = complaint({ uiHost: "ui.example.com", clientMaxBodyMiB: 5, sshPrivateKey: "x", registryCpu: "1" });
    const moved = "; npm run migrate -- --config Pulumi.test.yaml moves every setting of 0.1.0";
    assert.deepEqual(text.split("\n"), [
      "Pulumi.test.yaml: 4 settings are not right",
      `  - uiHost must be a setting that exists, got one of 0.1.0; it is ui.host now${moved}`,
      `  - clientMaxBodyMiB must be a setting that exists, got one of 0.1.0; clientMaxBodyMiB is gone: a gateway accepts requests of any size${moved}`,
      `  - sshPrivateKey must be a setting that exists, got one of 0.1.0; it is ssh.privateKey now${moved}`,
      `  - registryCpu must be a setting that exists, got one of 0.1.0; it is registry.resources.requests.cpu and registry.resources.limits.cpu now${moved}`,
    ]);
  });

  it("gives the command for what is missing, with --secret where it is one", () => {
    const text = complaint({ registryHost: undefined, ssh: undefined, users: undefined, certificate: undefined });
    assert.match(text, /registryHost must be set, got nothing; .*: pulumi config set registryHost <value>/);
    assert.match(
      text,
      /ssh\.privateKey must be set, got nothing; .*: pulumi config set --secret --path 'ssh\.privateKey' < file/,
    );
    assert.match(text, /users must be set, got nothing; add one, or nobody can use the registry$/m);
    assert.match(text, /certificate must be set, got nothing; say where it comes from/);
  });

  it("checks every gateway and user, and never shows a password", () => {
    const long = "hunter2".repeat(20);
    const text = complaint({
      gateways: [{ address: "a b", port: 0 }, "gw2"],
      users: [
        { name: "a:b", role: "admin", password: long },
        { name: "b", role: "pull", password: "" },
      ],
    });
    assert.match(text, /gateways\[0\]\.address must be a host name or an IP address, got "a b"/);
    assert.match(text, /gateways\[0\]\.hostKey must be set, got nothing; get it with/);
    assert.match(text, /gateways\[0\]\.port must be 1-65535, got 0/);
    assert.match(text, /gateways\[1\] must be a table of address.*, got a text/);
    assert.match(text, /users\[0\]\.name must be .*, got "a:b"/);
    assert.match(text, /users\[0\]\.role must be pull or push, got "admin"/);
    assert.match(text, /users\[0\]\.password must be 1-72 bytes/);
    assert.match(text, /users\[1\]\.password must be .*, got a secret of 0 bytes/);
    assert.doesNotMatch(text, /hunter2/);
  });

  it("refuses one name or port for two things", () => {
    const said = (more: Record<string, unknown>) => complaint(more);
    assert.match(said({ "ui.host": "registry.example.com" }), /ui\.host must be a name other than registryHost/);
    assert.match(said({ "ui.path": "/v2/" }), /ui\.path must be a path such as \/ui\//);
    assert.match(said({ "cluster.nodePorts.ui": 30299 }), /nodePorts\.ui must be a port other than cluster\.nodePorts/);
    assert.match(said({ "registry.port": 80 }), /ui\.port must be a port other than registry\.port, got 80/);
    assert.match(said({ "gateways[1]": gateway }), /gateways\[1\]\.name must be a name that no other host has/);
    assert.match(
      said({ "nodeAddresses[1]": "192.0.2.10" }),
      /nodeAddresses\[1\] must be an address that is not there yet/,
    );
  });
});
