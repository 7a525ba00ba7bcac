import assert from "node:assert/strict";
import { isSecret, valueOf } from "../../rig/pulumi/mocks";
import { complaint, gateway, read } from "../support/stack-config";
import type { Output } from "@pulumi/pulumi";

describe("the stack's config", () => {
  it("becomes the registry's arguments, with a default for all the rest", () => {
    const { registry, kubeconfig, kubeContext, smokeTest } = read();
    assert.equal(smokeTest, false);
    assert.equal(read({ smokeTest: "true" }).smokeTest, true);
    assert.equal(kubeconfig, undefined);
    assert.equal(kubeContext, undefined);
    const { gateways, users, ...rest } = registry;
    assert.equal(gateways[0]?.address, "gw1.example.com");
    assert.equal(users[0]?.name, "ci");
    assert.deepEqual(rest, {
      registryHost: "registry.example.com",
      uiHost: "ui.example.com",
      nodeAddresses: ["192.0.2.10"],
      certificate: { termsAgreed: true, directory: "staging", keyType: "ecdsa-p256", timeoutSeconds: 300 },
      storage: { hostPath: { nodeName: "node-1", path: "/data/docker_registry" } },
      registry: {
        size: { cpu: "100m", memory: "100Mi" },
        environment: {},
        image: "registry:2",
        port: 5000,
        deleteEnabled: false,
        readOnly: false,
        uploadHours: 168,
        storeCheck: "write",
        logFormat: "text",
      },
      replicas: 1,
      registryCertificate: "public",
      mutualTlsGeneration: 0,
      scheduling: { nodeSelector: {}, labels: {}, annotations: {} },
      ui: { environment: {}, kind: "joxit", port: 80 },
      shutdown: { waitSeconds: 5, drainSeconds: 300 },
      nodePorts: { registry: 30299, ui: 30949 },
      names: {
        namespace: "kube-system",
        deployment: "kube-registry-v0",
        service: "kube-registry",
        tlsSecret: "registry-tls-secret",
      },
      requireClientCertificate: true,
      redirectHttp: true,
      gateway: {
        realm: "Restricted",
        uiBasePath: "/",
        readTimeoutSeconds: 900,
        clientMaxBodyMiB: 0,
        accessLog: "/var/log/nginx/docker.access.log",
        errorLog: "/var/log/nginx/docker.error.log",
        bcryptCost: 10,
        hstsSeconds: 0,
        guessesPerMinute: 60,
        logFormat: "combined",
      },
    });
  });

  it("marks what is secret where it is read", async () => {
    const { registry, kubeconfig } = read({ kubeconfig: "apiVersion: v1", registrySecretEnvironment: '{"A":"b"}' });
    const secrets = [
      registry.gateways[0]?.privateKey,
      registry.users[0]?.password,
      registry.registry?.secretEnvironment,
      kubeconfig,
    ] as Output<unknown>[];
    for (const secret of secrets) assert.ok(await isSecret(secret));
    assert.equal(await valueOf(secrets[1] as Output<unknown>), "hunter2");
  });

  it("takes what Pulumi.yaml gives to a key without a default for nothing", () => {
    const { registry } = read({ uiHost: "", renewBeforeHours: "0", acmeContacts: "[]", uiEnvironment: "{}" });
    assert.equal(registry.uiHost, undefined);
    assert.equal(registry.certificate.renewBeforeHours, undefined);
    assert.equal(registry.certificate.contacts, undefined);
  });

  it("takes any one kind of storage, with its secrets marked", async () => {
    const storageS3 = '{"bucket":"images","accessKeyId":"id","secretAccessKey":"hunter2"}';
    const { registry } = read({ storageNode: undefined, storageS3, replicas: "2", storageRedirects: "true" });
    const { s3, ...rest } = registry.storage;
    assert.deepEqual(rest, { redirects: true });
    assert.equal(s3?.bucket, "images");
    assert.ok(await isSecret(s3.secretAccessKey as Output<string>));
    assert.equal(registry.replicas, 2);
    assert.match(complaint({ storageS3 }), /storageNode must be set, or another .*, got storageNode and storageS3/);
    const storageClaim = '{"sizeGib":1}';
    assert.match(complaint({ storageNode: undefined, storageClaim }), /storageClaim\.sizeGib .*did you mean sizeGiB\?/);
    const inTheOpen = complaint({ storageNode: undefined, storageS3 }, (each) => each !== "storageS3");
    assert.match(inTheOpen, /storageS3\.secretAccessKey must be encrypted, got a secret in the open/);
    assert.doesNotMatch(inTheOpen, /hunter2/);
  });

  it("turns on cleaning, metrics, a cache and notices by their keys", () => {
    const { registry } = read({
      cleaningSchedule: "0 4 * * 0",
      metrics: "true",
      metricsRules: "true",
      proxyRemoteUrl: "https://registry-1.docker.io",
      notifications: '[{"name":"audit","url":"https://audit.test"}]',
    });
    assert.deepEqual(registry.cleaning, {
      schedule: "0 4 * * 0",
      kubectlImage: "registry.k8s.io/kubectl:v1.35.0",
      deleteUntagged: false,
    });
    const off = { serviceMonitor: false, dashboard: false };
    assert.deepEqual(registry.metrics, { labels: {}, ...off, rules: true, certificateHours: 336 });
    assert.deepEqual(registry.proxy, { remoteUrl: "https://registry-1.docker.io", ttlHours: 168 });
    assert.equal(registry.notifications?.length, 1);
  });

  it("takes the snapshots' destination as a table", () => {
    const backup = '{"hostPath":"/mnt/backup","keep":3}';
    assert.deepEqual(read({ backup }).registry.backup, { hostPath: "/mnt/backup", keep: 3 });
    assert.equal(read().registry.backup, undefined);
    assert.match(complaint({ backup: '{"path":"/b"}' }), /backup\.path must be a setting that exists/);
  });

  it("takes numbers and booleans for the variables that they are meant to be", () => {
    const { registry } = read({ registryEnvironment: '{"REGISTRY_CATALOG_MAXENTRIES":5000,"REGISTRY_X":true}' });
    assert.deepEqual(registry.registry?.environment, { REGISTRY_CATALOG_MAXENTRIES: "5000", REGISTRY_X: "true" });
  });

  it("names every problem at once, with its key and what to do", () => {
    const text = complaint({
      registryHost: "https://registry",
      uiKind: "pretty",
      registryNodePort: "1",
      uiNodePort: "many",
      nodes: '["node-1"]',
      storageNode: undefined,
      deleteEnabled: "perhaps",
      acmeTermsAgreed: "false",
      renewBeforeHours: "-1",
    });
    assert.match(text, /^Pulumi\.test\.yaml: 9 settings are not right\n/);
    assert.match(text, / {2}- registryHost must be a host name such as .*, got "https:\/\/registry"; give the name/);
    assert.match(text, / {2}- registryNodePort must be 30000-32767, got 1; leave it out to use 30299/);
    assert.match(text, / {2}- uiNodePort must be a whole number, got "many"; leave it out to use 30949/);
    assert.match(text, / {2}- nodes must be IP addresses/);
    assert.match(text, / {2}- storageNode must be set, or another one of storageClaim, .*, got nothing; give the one/);
    assert.match(text, / {2}- deleteEnabled must be true or false, got "perhaps"/);
    assert.match(text, / {2}- acmeTermsAgreed must be true, got false; read the CA's terms/);
    assert.match(text, / {2}- uiKind must be one of joxit, konradkleine, none, got "pretty"/);
  });

  it("says which key was meant by an unknown one", () => {
    assert.match(
      complaint({ registryHots: "x" }),
      /registryHots must be a setting that exists, got an unknown one; did you mean registryHost\?/,
    );
    assert.match(complaint({ colour: "red" }), /colour .* remove it: pulumi config rm colour/);
    const gateways = JSON.stringify([{ ...gateway, hostkey: "x" }]);
    assert.match(complaint({ gateways }), /gateways\[0\]\.hostkey .*did you mean hostKey\?/);
  });

  it("checks every gateway and user, and never shows a password", () => {
    const long = "hunter2".repeat(20);
    const text = complaint({
      gateways: JSON.stringify([{ address: "a b", port: 0 }, "gw2"]),
      users: JSON.stringify([
        { name: "a:b", role: "admin", password: long },
        { name: "b", role: "pull", password: "" },
      ]),
    });
    assert.match(text, /gateways\[0\]\.address must be a host name or an IP address, got "a b"/);
    assert.match(text, /gateways\[0\]\.hostKey must be a line "ssh-ed25519/);
    assert.match(text, /gateways\[0\]\.port must be 1-65535, got 0/);
    assert.match(text, /gateways\[1\] must be a table of address/);
    assert.match(text, /users\[0\]\.name must be .*, got "a:b"/);
    assert.match(text, /users\[0\]\.role must be one of pull, push, got "admin"/);
    assert.match(text, /users\[0\]\.password must be 1-72 bytes/);
    assert.match(text, /users\[1\]\.password must be .*, got a secret of 0 bytes/);
    assert.doesNotMatch(text, /hunter2/);
  });

  it("refuses a secret in the open, without showing it", () => {
    const text = complaint({ kubeconfig: "hunter2" }, (each) => each !== "kubeconfig");
    assert.match(
      text,
      /kubeconfig must be encrypted, got a secret in the open; set it with pulumi config set --secret kubeconfig/,
    );
    assert.doesNotMatch(text, /hunter2/);
    assert.match(complaint({ sshPrivateKey: "hunter2" }), /sshPrivateKey must be an SSH private key .*, got a secret/);
  });

  it("refuses one name or port for two things", () => {
    assert.match(complaint({ uiHost: "registry.example.com" }), /uiHost must be another name than registryHost/);
    assert.match(complaint({ uiBasePath: "/v2/" }), /uiBasePath must be a path such as \/ui\//);
    assert.match(complaint({ uiNodePort: "30299" }), /uiNodePort must be another port than registryNodePort/);
  });
});
