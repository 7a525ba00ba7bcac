import assert from "node:assert/strict";
import { type MirrorsArgs, PrivateRegistry, type PrivateRegistryArgs } from "../../components";
import { doneLine, fileIn, wordIn } from "../../components/hosts/release";
import { registryOf } from "../../components/mirrors/upstream";
import { type Run, underMocks, valueOf } from "../../rig/pulumi/mocks";
import { smallest } from "../support/contract";

const HOST_KEY = smallest.gateways[0]?.hostKey as string;
const ssh = { privateKey: smallest.gateways[0]?.privateKey as string };
const claim = { claim: { sizeGiB: 50 } };
const required: MirrorsArgs = {
  host: "mirror.example.com",
  upstreams: [
    { name: "docker.io", storage: claim },
    {
      name: "quay.io",
      username: "robot",
      password: "pw",
      repositories: ["acme/**"],
      storage: { hostPath: { nodeName: "node-1" } },
    },
  ],
};
const nodeHosts = [10, 11].map((number) => ({ address: `192.0.2.${number}`, hostKey: HOST_KEY }));

let ports = 31000;
const made = (mirrors: object = {}, more: Partial<PrivateRegistryArgs> = {}): Promise<Run<PrivateRegistry>> =>
  underMocks(
    () =>
      new PrivateRegistry("main", {
        ...smallest,
        ssh,
        nodeHosts,
        ...more,
        mirrors: { ...required, ...mirrors },
      }),
    {
      answer: (type, name, inputs) => {
        if (type.endsWith(":NodeRelease"))
          return { problem: "", refused: false, stdout: doneLine(String(inputs["stdin"]), "create") };
        if (type !== "kubernetes:core/v1:Service" || !name.includes("-mirror-")) return undefined;
        const {
          ports: [port],
        } = inputs["spec"] as { ports: [object] };
        return { ...inputs, spec: { ports: [{ ...port, nodePort: ports++ }] } };
      },
    },
  );
const problems = async (mirrors: object, more: Partial<PrivateRegistryArgs> = {}): Promise<string> => {
  const error = await made(mirrors, more).then(
    () => assert.fail("nothing was refused"),
    (thrown: Error) => thrown,
  );
  return error.message;
};
const upstream = (changes: object): object => ({ upstreams: [{ ...required.upstreams[0], ...changes }] });

describe("mirrors", () => {
  it("have a pod for each registry, with a reader beside the proxy, on a volume of its own", async () => {
    const run = await made();
    const { spec, metadata } = run.one("apps/v1:Deployment", "main-mirror-docker-io").inputs as {
      metadata: { name: string };
      spec: {
        strategy: { type: string };
        template: {
          spec: {
            containers: { name: string; env: { name: string; value?: string }[]; volumeMounts: { name: string }[] }[];
          };
        };
      };
    };
    assert.equal(metadata.name, "kube-registry-mirror-docker-io");
    assert.equal(spec.strategy.type, "Recreate");
    const [proxy, reader] = spec.template.spec.containers;
    assert.deepEqual([proxy?.name, reader?.name], ["registry", "reader"]);
    const value = (of: typeof proxy, name: string): string | undefined =>
      of?.env.find((each) => each.name === name)?.value;
    assert.equal(value(proxy, "REGISTRY_PROXY_REMOTEURL"), '"https://registry-1.docker.io"');
    assert.equal(value(proxy, "REGISTRY_PROXY_TTL"), '"720h"');
    assert.equal(value(reader, "REGISTRY_PROXY_REMOTEURL"), undefined);
    assert.equal(
      value(reader, "REGISTRY_STORAGE_MAINTENANCE"),
      '{"uploadpurging":{"enabled":false},"readonly":{"enabled":true}}',
    );
    assert.equal(value(reader, "REGISTRY_HTTP_TLS_CLIENTCAS"), '["/certs/ca.crt"]');
    assert.deepEqual(
      reader?.volumeMounts.map(({ name }) => name),
      ["image-store", "cert-dir", "tmp"],
    );
    const volume = run.one("core/v1:PersistentVolumeClaim", "main-mirror-docker-io-images").inputs["metadata"];
    assert.equal((volume as { name: string }).name, "kube-registry-mirror-docker-io-cache");
  });

  it("have two services each, of which that of the reader also reaches a pod that is not ready", async () => {
    const run = await made();
    const spec = (name: string) => run.one("core/v1:Service", name).inputs["spec"] as Record<string, unknown>;
    assert.equal(spec("main-mirror-quay-io-reader")["publishNotReadyAddresses"], true);
    assert.equal(spec("main-mirror-quay-io-proxy")["publishNotReadyAddresses"], undefined);
    assert.deepEqual(spec("main-mirror-quay-io-proxy")["selector"], { "k8s-app": "kube-registry-mirror-quay-io" });
  });

  it("are a site of its own on the gateways, which knows the nodes by their names", async () => {
    const run = await made();
    const command = run.all("Command").find(({ name }) => name.startsWith("main-mirror-"));
    const stdin = String(command?.inputs["stdin"]);
    const conf = fileIn(stdin, "site.conf") ?? "";
    assert.match(conf, /server_name mirror\.example\.com;/);
    for (const name of ["192-0-2-10", "192-0-2-11", "_others"])
      assert.match(
        conf,
        new RegExp(`"~\\^SUCCESS \\(\\?:CN=private-registry nodes CA [0-9a-f]{16}\\) CN=${name}\\\\z" ${name};`),
      );
    assert.match(conf, /"~\^quay\\\.io \/v2\/acme\/\S+ 1;\n\s+"~\^quay\\\.io " 0;/);
    assert.equal(wordIn(stdin, "site"), "main-mirror");
  });

  it("reach the nodes with a certificate for each, which opens nothing else", async () => {
    const run = await made();
    const certificates = run.all("LocallySignedCert").filter(({ name }) => name.startsWith("main-node-"));
    assert.deepEqual(
      certificates.map(({ name, inputs }) => [name, inputs["allowedUses"]]),
      [10, 11].map((number) => [`main-node-192-0-2-${number}-certificate`, ["digital_signature", "client_auth"]]),
    );
    const stdin = String(run.one("NodeRelease", "main-nodes-192-0-2-10").inputs["stdin"]);
    const hash = wordIn(stdin, "release");
    const at = `/etc/private-registry/main-nodes/releases/${hash}`;
    assert.equal(
      fileIn(stdin, "docker.io/hosts.toml"),
      [
        "# Written by Pulumi (private-registry, site main-nodes); a change made here is lost.",
        'server = "https://registry-1.docker.io"',
        "",
        '[host."https://mirror.example.com:443"]',
        '  capabilities = ["pull", "resolve"]',
        `  ca = "${at}/mirror-ca.crt"`,
        `  client = [["${at}/node.crt", "${at}/node.key"]]`,
        '  dial_timeout = "2s"',
        "",
      ].join("\n"),
    );
    assert.match(stdin, /^mirrored='docker\.io quay\.io'$/m);
    assert.match(stdin, /^put 0600 root 'node\.key'/m);
  });

  it("are the only way where that is wished, with the empty table that containerd 1.6 needs", async () => {
    const run = await made(
      { fallback: false, image: "registry.example.com/base/registry:3" },
      {
        registry: { image: "registry.example.com/base/registry:3" },
        ui: { host: "ui.example.com", image: "ghcr.io/x/ui:1" },
      },
    );
    const stdin = String(run.one("NodeRelease", "main-nodes-192-0-2-10").inputs["stdin"]);
    const text = fileIn(stdin, "quay.io/hosts.toml") ?? "";
    assert.match(text, /^server = "https:\/\/mirror\.example\.com:443"\ncapabilities[^]*\n\n\[host\]\n$/m);
    assert.ok(!text.includes("quay.io"));
  });

  it("have what other nodes need in an output, as a secret", async () => {
    const run = await made();
    const text = await valueOf(run.result.nodeMirrors);
    const { host, fallback, upstreams, keyPem } = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual(
      [host, fallback, upstreams],
      [
        "mirror.example.com",
        true,
        [
          { name: "docker.io", url: "https://registry-1.docker.io" },
          { name: "quay.io", url: "https://quay.io" },
        ],
      ],
    );
    assert.ok(keyPem);
    const without = await underMocks(() => new PrivateRegistry("main", smallest));
    assert.equal(await valueOf(without.result.nodeMirrors), "");
  });

  it("are refused where a setting would not do", async () => {
    const cases: [object, RegExp][] = [
      [{ host: smallest.registryHost }, /mirrors\.host must be a name other than registryHost/],
      [{ image: "registry:2" }, /mirrors\.image must be version 3/],
      [upstream({ name: "docker" }), /upstreams\[0\]\.name must be a registry's name as images have it/],
      [upstream({ name: smallest.registryHost }), /must be a registry other than the stack's own/],
      [upstream({ username: "robot" }), /upstreams\[0\]\.password must be set, since username is/],
      [
        upstream({ username: "robot", password: "pw" }),
        /upstreams\[0\]\.repositories must be patterns of repositories beside/,
      ],
      [upstream({ storage: {} }), /upstreams\[0\]\.storage must be set, got nothing; give a claim/],
      [upstream({ storage: { hostPath: {} } }), /storage\.hostPath\.nodeName must be the node that keeps/],
      [upstream({ storage: { claim: {} } }), /upstreams\[0\]\.storage must be with one of hostPath, claim/],
      [{ tagTimeoutSeconds: 9 }, /tagTimeoutSeconds must be 1-8/],
      [{ upstreams: [] }, /mirrors\.upstreams must be a list of registries, at least one/],
      [
        { upstreams: [required.upstreams[0], { name: "docker.io", storage: claim }] },
        /upstreams\[1\]\.name must be a name other than/,
      ],
      [{ fallback: false }, /mirrors\.fallback must be true[^]*mirrors\.image \(registry:3\), registry\.image \(/],
    ];
    for (const [mirrors, said] of cases) assert.match(await problems(mirrors), said);
  });

  it("say that they never show a password that is not right", async () => {
    const said = await problems(upstream({ username: "robot", password: ["s3cret-of-quay"], repositories: ["x"] }));
    assert.ok(!said.includes("s3cret"), said);
  });
});

describe("the registry of an image", () => {
  it("is what Docker takes it for", () => {
    const cases = {
      "registry:3": "docker.io",
      "joxit/docker-registry-ui:2": "docker.io",
      "docker.io/library/nginx:1": "docker.io",
      "index.docker.io/library/nginx:1": "docker.io",
      "ghcr.io/x/y:1": "ghcr.io",
      "registry.k8s.io/kubectl:v1": "registry.k8s.io",
      "registry.test:5000/a/b:1": "registry.test:5000",
      "localhost/a:1": "localhost",
    };
    for (const [image, registry] of Object.entries(cases)) assert.equal(registryOf(image), registry, image);
  });
});
