import assert from "node:assert/strict";
import { PrivateRegistry, type PrivateRegistryArgs } from "../../components";
import { policies } from "../../policy/policies";
import { answer, smallest } from "../support/contract";
import { command, judge, pod, PRIVATE_KEY, type Seen } from "../support/policy-judge";
import { underMocks } from "../../rig/pulumi/mocks";

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

async function resourcesOf(args: Partial<PrivateRegistryArgs> = {}): Promise<Seen[]> {
  const all: PrivateRegistryArgs = { ...smallest, ui: { host: "ui.example.com" }, ...args };
  const run = await underMocks(() => new PrivateRegistry("main", all), { answer });
  return run.resources.filter(({ custom }) => custom).map(({ type, urn, inputs }) => ({ type, urn, props: inputs }));
}

const COMMAND = "command:remote:Command";
const CLAIM = "kubernetes:core/v1:PersistentVolumeClaim";
const container = (more: object): Seen => pod({ containers: [{ name: "one", image: "registry:2.8.3", ...more }] });
const registry = (...env: [string, string][]): object => ({
  env: [["REGISTRY_HTTP_ADDR", ":5000"], ...env].map(([name, value]) => ({ name, value })),
});
const site = (text: string): Seen =>
  command({ stdin: `put 0644 all 'site.conf' <<'.' || return 1\n${Buffer.from(text).toString("base64")}\n.\n` });

describe("the policy pack", () => {
  const choices: [string, Partial<PrivateRegistryArgs>][] = [
    [
      "with mirrors",
      {
        mirrors: {
          host: "mirror.example.com",
          upstreams: [{ name: "docker.io", storage: { hostPath: { nodeName: "node-1" } } }],
        },
      },
    ],
    ["with its defaults", {}],
    ["with images in a claim", { storage: { claim: { sizeGiB: 10 } } }],
    [
      "with images in a bucket",
      { storage: { s3: { bucket: "b", region: "r", secretAccessKey: "s", accessKeyId: "i" } } },
    ],
    [
      "that cleans and watches itself",
      { storage: { ...smallest.storage, garbageCollection: { schedule: "0 3 * * 0" } }, monitoring: { metrics: true } },
    ],
  ];
  for (const [what, args] of choices) {
    it(`finds nothing in a registry ${what}`, async () => {
      const resources = await resourcesOf(args);
      assert.ok(resources.length > 10);
      for (const resource of resources) {
        for (const { name } of policies)
          assert.deepEqual(await judge(name, resource), [], `${name} of ${resource.type}`);
      }
    });
  }

  it("host-key-pinned: refuses a connection, and a proxy, that takes any host", async () => {
    assert.equal((await judge("host-key-pinned", { type: COMMAND, props: { connection: { host: "gw" } } })).length, 1);
    const proxied = { host: "gw", hostKey: HOST_KEY, proxy: { host: "jump", hostKey: " " } };
    assert.match(
      (await judge("host-key-pinned", { type: "command:remote:CopyToRemote", props: { connection: proxied } })).join(),
      /jump/,
    );
    const whole = { ...proxied, proxy: { host: "jump", hostKey: HOST_KEY } };
    assert.deepEqual(await judge("host-key-pinned", { type: COMMAND, props: { connection: whole } }), []);
  });

  it("no-plain-secret: refuses passwords and keys in the clear, and output that may quote them", async () => {
    const rule = "no-plain-secret";
    const said = await judge(rule, container({ env: [{ name: "REGISTRY_HTTP_SECRET", value: "abc" }] }));
    assert.match(said.join(), /REGISTRY_HTTP_SECRET of container one/);
    assert.ok(!said.join().includes("abc"));
    const config = { type: "kubernetes:core/v1:ConfigMap", props: { data: { "tls.key": PRIVATE_KEY } } };
    assert.match((await judge(rule, config)).join(), /tls\.key/);
    assert.match((await judge(rule, command({ create: `echo '${PRIVATE_KEY}' > key` }))).join(), /create/);
    assert.match((await judge(rule, command({ environment: { DB_PASSWORD: "x" } }))).join(), /DB_PASSWORD/);
    assert.match((await judge(rule, command({ stdin: "x" }))).join(), /logging/);
    assert.deepEqual(await judge(rule, command({ stdin: "x", logging: "none" })), []);
    const reference = { name: "REGISTRY_HTTP_SECRET", valueFrom: { secretKeyRef: { name: "s", key: "k" } } };
    const path = { name: "TOKEN_FILE", value: "/run/token" };
    assert.deepEqual(await judge(rule, container({ env: [reference, path] })), []);
  });

  it("image-has-tag: refuses an image without a tag, and latest", async () => {
    const images = async (image: string): Promise<number> =>
      (await judge("image-has-tag", container({ image }))).length;
    for (const bad of ["registry", "registry:latest", "localhost:5000/registry", ""])
      assert.equal(await images(bad), 1, bad);
    const digest = `registry@sha256:${"a".repeat(64)}`;
    for (const good of ["registry:2", "localhost:5000/registry:3.0", digest]) assert.equal(await images(good), 0, good);
    const init = pod({ containers: [], initContainers: [{ name: "init", image: "busybox" }] });
    assert.match((await judge("image-has-tag", init)).join(), /container init/);
    const job = {
      spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: "j", image: "kubectl" }] } } } } },
    };
    assert.equal((await judge("image-has-tag", { type: "kubernetes:batch/v1:CronJob", props: job })).length, 1);
  });

  it("host-path-pinned: refuses a hostPath on whatever node the pod lands", async () => {
    const volumes = [{ name: "images", hostPath: { path: "/data" } }];
    assert.match((await judge("host-path-pinned", pod({ volumes }))).join(), /\/data/);
    assert.deepEqual(await judge("host-path-pinned", pod({ volumes, nodeSelector: { host: "a" } })), []);
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: {} } };
    assert.deepEqual(await judge("host-path-pinned", pod({ volumes, affinity })), []);
    const daemon = { ...pod({ volumes }), type: "kubernetes:apps/v1:DaemonSet" };
    assert.deepEqual(await judge("host-path-pinned", daemon), []);
  });

  it("images-are-kept: refuses images in an emptyDir, and a claim that goes with the stack", async () => {
    const images = registry(["REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", "/var/lib/registry/data"]);
    const mounted = (volume: object): Seen =>
      pod({
        containers: [{ name: "one", ...images, volumeMounts: [{ name: "v", mountPath: "/var/lib/registry" }] }],
        volumes: [{ name: "v", ...volume }],
      });
    assert.equal((await judge("images-are-kept", mounted({ emptyDir: {} }))).length, 1);
    assert.equal((await judge("images-are-kept", container(images))).length, 1);
    assert.deepEqual(await judge("images-are-kept", mounted({ persistentVolumeClaim: { claimName: "c" } })), []);
    assert.equal((await judge("images-are-kept", { type: CLAIM, props: {} })).length, 1);
    assert.deepEqual(await judge("images-are-kept", { type: CLAIM, props: {}, protect: true }), []);
    const going = await resourcesOf({
      storage: { claim: { sizeGiB: 10, deleteImages: "kube-registry-images" } },
    });
    const claim = going.find(({ type }) => type === CLAIM);
    assert.equal((await judge("images-are-kept", claim ?? { type: "", props: {} })).length, 1);
  });

  it("images-are-kept: takes the claim of a mirror, of which nothing is lost", async () => {
    const upstreams = [{ name: "ghcr.io", storage: { claim: { sizeGiB: 10 } } }];
    const made = await resourcesOf({ mirrors: { host: "mirror.example.com", upstreams } });
    const claims = made.filter(({ type }) => type === CLAIM);
    assert.equal(claims.length, 1);
    for (const claim of claims) assert.deepEqual(await judge("images-are-kept", claim), []);
  });

  it("mutual-tls: refuses a registry that takes everybody who reaches its port", async () => {
    const open = await resourcesOf({ backend: { requireClientCertificate: false } });
    const said = await Promise.all(open.map((resource) => judge("mutual-tls", resource)));
    assert.match(said.flat().join(), /container registry takes everybody/);
    assert.equal((await judge("mutual-tls", container(registry()))).length, 2);
    const own = registry(["REGISTRY_HTTP_TLS_CERTIFICATE", "/c"], ["REGISTRY_AUTH_HTPASSWD_PATH", "/auth/htpasswd"]);
    assert.deepEqual(await judge("mutual-tls", container(own)), []);
    assert.deepEqual(await judge("mutual-tls", container({ image: "nginx:1.28" })), [], "another program's pod");
  });

  it("tls-floor: refuses a site with older protocols, or that leaves them to nginx", async () => {
    const old = "server {\n  listen 443 ssl;\n  ssl_protocols TLSv1 TLSv1.1 TLSv1.2;\n}\n";
    assert.match((await judge("tls-floor", site(old))).join(), /TLSv1 and TLSv1\.1/);
    assert.match((await judge("tls-floor", site("server {\n  listen 443 ssl;\n}\n"))).join(), /names no ssl_protocols/);
    assert.deepEqual(await judge("tls-floor", site("server {\n  listen 80;\n}\n")), []);
    const changed = command({ stdin: "put 'site.conf' 0644 all <<EOF\nc2VydmVyIHt9\nEOF\n" });
    assert.match(
      (await judge("tls-floor", changed)).join(),
      /no file of the release can be read/,
      "it would fall silent",
    );
    const extra = await resourcesOf({ nginx: { extraRegistryDirectives: "ssl_protocols TLSv1.1 TLSv1.2;" } });
    const said = await Promise.all(extra.map((resource) => judge("tls-floor", resource)));
    assert.match(said.flat().join(), /TLSv1\.1/);
  });
});
