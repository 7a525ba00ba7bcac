import assert from "node:assert/strict";
import { chmodSync, lstatSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { migrateFile } from "../../cli/migrate";
import { DEFAULTS, fileOf, StackFile } from "../support/migrate";

describe("npm run migrate", () => {
  const stack = new StackFile();

  it("keeps comments, quotes, the order, other namespaces and what is outside config", () => {
    const { after } = stack.migrate(`# the test stack
encryptionsalt: v1:salt:v1:AAAA
config:
  kubernetes:context: 'other' # not ours
  # who serves
  private-registry:registryHost: "r.example.com" # the name

  # the CA
  private-registry:acmeDirectory: 'production' # real
  # the nodes
  private-registry:nodes:
    - 192.0.2.10 # first
    # second
    - "192.0.2.11"
  private-registry:storageS3: {bucket: b, region: r}
  # agreed in May
  private-registry:acmeTermsAgreed: "true"
  private-registry:registryImage: registry:3
  private-registry:registryCpu: 1 # one
  private-registry:registryMemory: 1Gi
  pulumi:disable-default-providers:
    - aws

# the end
`);
    assert.equal(
      after,
      `# the test stack
encryptionsalt: v1:salt:v1:AAAA
config:
  kubernetes:context: 'other' # not ours
  # who serves
  private-registry:registryHost: "r.example.com" # the name

  private-registry:certificate:
    # the CA
    directory: 'production' # real
    # agreed in May
    termsAgreed: true
  # the nodes
  private-registry:nodeAddresses:
    - 192.0.2.10 # first
    # second
    - "192.0.2.11"
  private-registry:storage:
    s3: {bucket: b, region: r}
  private-registry:registry:
    image: registry:3
    resources:
      requests:
        cpu: "1" # one
        memory: 1Gi
      limits:
        cpu: "1"
        memory: 1Gi
  pulumi:disable-default-providers:
    - aws

# the end
`,
    );
  });

  it("keeps the comment of a dropped key, since it may be about the next one too", () => {
    const { after } = stack.migrate(`config:
  private-registry:nodes: [192.0.2.10]
  # about nginx
  private-registry:clientMaxBodyMiB: 0 # no limit
  private-registry:smokeTest: true
  # the last one
  private-registry:uiTitle: ""
`);
    assert.match(
      after,
      /nodeAddresses: \[192\.0\.2\.10\]\n {2}# about nginx\n {2}# no limit\n {2}private-registry:smokeTest: true\n/,
    );
    assert.match(after, /# the last one\n/);
  });

  it("keeps the indentation that Pulumi writes, block texts and lines of any length", () => {
    const long = "x".repeat(300);
    const { after } = stack.migrate(`config:
    private-registry:nodes:
        - 192.0.2.10
    private-registry:providedKey:
        secure: v1:${long}
    private-registry:certificateIssuer: provided
    private-registry:trustedRoots: |
        -----BEGIN CERTIFICATE-----
        AAAA
        -----END CERTIFICATE-----
    private-registry:extraRegistryDirectives: "a ${long};\\nb;\\n"
    private-registry:registryImage: registry:3
    private-registry:registryCpu: "1"
    private-registry:registryMemory: 1Gi
`);
    assert.equal(
      after,
      `config:
    private-registry:nodeAddresses:
        - 192.0.2.10
    private-registry:certificate:
        provided:
            keyPem:
                secure: v1:${long}
        issuer: provided
        trustedRootsPem: |
            -----BEGIN CERTIFICATE-----
            AAAA
            -----END CERTIFICATE-----
    private-registry:nginx:
        extraRegistryDirectives: "a ${long};\\nb;\\n"
    private-registry:registry:
        image: registry:3
        resources:
            requests:
                cpu: "1"
                memory: 1Gi
            limits:
                cpu: "1"
                memory: 1Gi
`,
    );
  });

  it("keeps lists that stand below their key without indentation, and spaces in brackets", () => {
    const { after } = stack.migrate(`config:
  private-registry:nodes:
  - 192.0.2.10
  private-registry:tolerations:
  - { key: k, operator: Exists }
`);
    assert.ok(
      after.startsWith(`config:
  private-registry:nodeAddresses:
  - 192.0.2.10
  private-registry:scheduling:
    tolerations:
    - { key: k, operator: Exists }
`),
      after,
    );
  });

  it("keeps the line ends of Windows", () => {
    const { after } = stack.migrate("config:\r\n  private-registry:nodes:\r\n    - 192.0.2.10\r\n");
    assert.match(after, /^config:\r\n {2}private-registry:nodeAddresses:\r\n/);
    assert.equal(after.replaceAll("\r\n", "").includes("\n"), false);
  });

  it("reads keys without a prefix as the project's own, and writes all of them with it", () => {
    stack.migrate(
      "config:\n  registryHost: r.example.com\n  acmeDirectory: staging\n  private-registry:config:uiTitle: T\n",
    );
    const names = ["registryHost", "certificate", "ui", "registry"].map((name) => `private-registry:${name}`);
    assert.deepEqual(Object.keys(stack.config()), names);
    assert.equal(stack.at("certificate.directory"), "staging");
  });

  it("changes nothing when it runs again", () => {
    const { after } = stack.migrate(
      fileOf({ nodes: ["192.0.2.10"], uiKind: "none", users: [{ name: "a" }], metrics: "true" }),
    );
    const { lines, after: again } = stack.migrate(after);
    assert.deepEqual(lines, [`${stack.file} already has the new shape; nothing was changed`]);
    assert.equal(again, after);
  });

  it("leaves a file of the new shape byte for byte as it is", () => {
    const content =
      "config:   # spaces\n    registryHost:   'r'\n    certificate: {  issuer: acme }\n    nodeAddresses: '[\"::1\"]'";
    assert.equal(stack.migrate(content).after, content);
  });

  it("puts the rest of a half moved file beside what was moved by hand", () => {
    const { lines } = stack.migrate(`config:
  private-registry:acmeTermsAgreed: true
  certificate: {directory: production}
  private-registry:registry: '{"image":"registry:3"}'
  private-registry:registryCpu: 200m
`);
    assert.deepEqual(stack.at("certificate"), { directory: "production", termsAgreed: true });
    assert.deepEqual(stack.at("registry"), {
      image: "registry:3",
      resources: { requests: { cpu: "200m", memory: "100Mi" }, limits: { cpu: "200m", memory: "100Mi" } },
    });
    assert.deepEqual(lines, [
      "acmeTermsAgreed -> certificate.termsAgreed",
      "registryCpu -> registry.resources.requests.cpu and registry.resources.limits.cpu",
      ...DEFAULTS.slice(3),
    ]);
  });

  it("keeps the file's mode, and a link", () => {
    stack.write(fileOf({ nodes: ["192.0.2.10"] }));
    chmodSync(stack.file, 0o640);
    const link = join(stack.folder, "Pulumi.link.yaml");
    symlinkSync(stack.file, link);
    migrateFile(link);
    assert.equal(statSync(stack.file).mode & 0o777, 0o640);
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.deepEqual(stack.at("nodeAddresses"), ["192.0.2.10"]);
    assert.deepEqual(readdirSync(stack.folder).sort(), ["Pulumi.link.yaml", "Pulumi.test.yaml"]);
  });

  it("ends with 0 and what it moved, or with 2 and a sentence", async function () {
    this.timeout(60_000);
    const run = () =>
      execa(
        process.execPath,
        ["-r", "ts-node/register/transpile-only", "cli/main.ts", "migrate", "--config", stack.file],
        {
          cwd: join(__dirname, "../.."),
          reject: false,
        },
      );
    const missing = await run();
    assert.deepEqual([missing.exitCode, missing.stdout, missing.stderr], [2, "", `${stack.file} does not exist`]);
    stack.write(fileOf({ nodes: ["192.0.2.10"] }));
    const done = await run();
    assert.deepEqual(
      [done.exitCode, done.stdout, done.stderr],
      [0, ["nodes -> nodeAddresses", ...DEFAULTS].join("\n"), ""],
    );
  });
});
