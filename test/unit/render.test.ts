import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { makeCertificate } from "../support/acme-made";

const { leafPem: chainPem } = makeCertificate(["registry.example.com", "images.example.com"]);
const checkout = join(__dirname, "../..");

describe("npm run render", function () {
  this.timeout(60_000);
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "render-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs the program as a fork's pull request can: nothing but the checkout, no Pulumi, no secret. */
  const render = (config: string, out: string) =>
    execa(
      process.execPath,
      ["-r", "ts-node/register/transpile-only", "cli/main.ts", "render", "-c", config, "-o", out],
      {
        cwd: checkout,
        env: { PATH: "/nowhere", HOME: "/nowhere", TMPDIR: folder },
        extendEnv: false,
        reject: false,
      },
    );
  const texts = async (config: string): Promise<Record<string, string>> => {
    const out = mkdtempSync(join(folder, "out-"));
    const { exitCode, stderr } = await render(config, out);
    assert.equal(exitCode, 0, stderr);
    const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return Object.fromEntries(
      files.map((file) => {
        const path = join(file.parentPath, file.name);
        return [relative(out, path), readFileSync(path, "utf8")];
      }),
    );
  };
  /** A config file with other values, under a name of its own. */
  const changed = (file: string, values: Record<string, unknown>): string => {
    const { config } = parse(readFileSync(join(checkout, file), "utf8")) as { config: Record<string, unknown> };
    for (const [key, value] of Object.entries(values)) config[`private-registry:${key}`] = value;
    const path = join(folder, "Pulumi.changed.yaml");
    writeFileSync(path, stringify({ config }));
    return path;
  };
  const differences = (one: Record<string, string>, other: Record<string, string>): string[] =>
    [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((path) => one[path] !== other[path]).sort();

  it("writes the nginx files and the manifests of a config file, the same in every run", async () => {
    const [one, two] = await Promise.all([texts("Pulumi.dev.yaml"), texts("Pulumi.dev.yaml")]);
    assert.deepEqual(one, two);
    assert.match(one["nginx/main-gateway/site.conf"] ?? "", /^ {4}server_name registry\.example\.com;$/m);
    assert.match(one["nginx/main-responder/site.conf"] ?? "", /acme-challenge/);
    assert.match(one["nginx/main-gateway/MODES"] ?? "", /^key\.pem: 0600, for root$/m);
    const pod = parse(one["kubernetes/deployment.main-pod.yaml"] ?? "") as { metadata: unknown };
    assert.deepEqual(pod.metadata, {
      name: "kube-registry-v0",
      namespace: "kube-system",
      labels: { "k8s-app": "kube-registry", version: "v0" },
      annotations: { "pulumi.com/waitFor": "jsonpath={.metadata.uid}" },
    });
    for (const [path, text] of Object.entries(one)) assert.doesNotMatch(text, /BEGIN|\$2y\$/, path);
  });

  it("shows a changed setting where it lands, and nowhere else", async () => {
    const [before, after] = await Promise.all([
      texts("Pulumi.dev.yaml"),
      texts(changed("Pulumi.dev.yaml", { nginx: { readTimeoutSeconds: 901 }, registry: { image: "registry:3.1" } })),
    ]);
    assert.deepEqual(differences(before, after), [
      "kubernetes/deployment.main-pod.yaml",
      "nginx/main-gateway/site.conf",
    ]);
    assert.match(after["nginx/main-gateway/site.conf"] ?? "", /proxy_read_timeout 901s;/);
  });

  /** The example of production with a secret wherever there can be one. */
  const withSecrets = (secure: unknown): string =>
    changed("examples/production/Pulumi.production.yaml", {
      ssh: { privateKey: secure },
      users: [{ name: "ci", role: "push", password: secure }],
      storage: { s3: { bucket: "b", region: "r", accessKeyId: secure, secretAccessKey: secure } },
      registry: {
        secretEnvironment: { REGISTRY_MIDDLEWARE: secure, OTHER: secure },
        notifications: [{ name: "audit", url: secure, headers: { Authorization: secure } }],
        proxy: { remoteUrl: "https://registry-1.docker.io", username: "u", password: secure },
      },
      monitoring: {},
      certificate: { issuer: "provided", provided: { chainPem, keyPem: secure } },
      cluster: {},
    });

  it("needs no secret, and shows none that a file has encrypted", async () => {
    const all = JSON.stringify(await texts(withSecrets({ secure: "AAABAQsecretciphertext" })));
    for (const secret of ["ciphertext", "BEGIN"]) assert.ok(!all.includes(secret), secret);
    assert.match(all, /ci \(push\): password \[secret\]/);
  });

  it("refuses secrets that a file has by mistake in clear, and shows none of them", async () => {
    const { exitCode, stdout, stderr } = await render(withSecrets("https://in-clear-by-mistake"), join(folder, "out"));
    assert.equal(exitCode, 2);
    assert.doesNotMatch(stdout + stderr, /in-clear-by-mistake/);
    for (const path of [
      "ssh.privateKey",
      "users[0].password",
      "storage.s3.secretAccessKey",
      "registry.secretEnvironment.REGISTRY_MIDDLEWARE",
      "registry.notifications[0].url",
      "registry.notifications[0].headers.Authorization",
      "registry.proxy.password",
      "certificate.provided.keyPem",
    ]) {
      const sentence = `- ${path} must be encrypted, got a secret in the open; set it with pulumi config set --secret`;
      assert.ok(stderr.includes(sentence), `${path} in ${stderr}`);
    }
    assert.ok(!readdirSync(folder).includes("out"));
  });

  it("renders the other issuers and the example of production", async () => {
    const [own, production] = await Promise.all([
      texts(changed("Pulumi.dev.yaml", { certificate: { issuer: "private-ca" } })),
      texts("examples/production/Pulumi.production.yaml"),
    ]);
    assert.ok("nginx/main-gateway/upstream-ca.pem" in own);
    assert.ok(Object.keys(production).some((path) => path.startsWith("kubernetes/servicemonitor")));
  });

  it("says every setting that is not right, and writes nothing", async () => {
    const out = join(folder, "out");
    const { exitCode, stderr } = await render(
      changed("Pulumi.dev.yaml", { access: { bcryptCost: 3 }, registryHost: "a b" }),
      out,
    );
    assert.equal(exitCode, 2);
    assert.match(stderr, /access\.bcryptCost must be 4-14, got 3/);
    assert.match(stderr, /registryHost must be a host name/);
    assert.ok(!readdirSync(folder).includes("out"));
  });
});
