import assert from "node:assert/strict";
import { NodeFlavour, NodeHosts, type NodeHostsArgs, PrivateRegistry } from "../../components";
import { doneLine, fileIn, wordIn } from "../../components/hosts/release";
import { releasesIn } from "../../cli/gateways/written";
import { type Run, underMocks, valueOf } from "../../rig/pulumi/mocks";
import { makeCertificate } from "../support/acme-made";
import { smallest } from "../support/contract";
import { warned } from "../support/warned";

const KEY = smallest.gateways[0]?.privateKey as string;
const HOST_KEY = smallest.gateways[0]?.hostKey as string;
const { caPem } = makeCertificate(["registry.example.com"]);
const host = (number: number) => ({ address: `192.0.2.${number}`, hostKey: HOST_KEY });
const required: NodeHostsArgs = {
  nodeHosts: [10, 11, 12, 13, 14, 15].map(host),
  ssh: { privateKey: KEY },
  registryHost: "registry.example.com",
  trustedRootsPem: caPem,
};
const DONE = { problem: "", refused: false };

type Outcome = { problem: string; refused: boolean };

const nodes = (
  args: Partial<NodeHostsArgs> = {},
  outcome: (address: string) => Outcome = () => DONE,
): Promise<Run<NodeHosts>> =>
  underMocks(() => new NodeHosts("main-nodes", { ...required, ...args }), {
    answer: (type, _name, inputs) =>
      type.endsWith(":NodeRelease")
        ? { ...outcome(String(inputs["host"])), stdout: doneLine(String(inputs["stdin"]), "create") }
        : undefined,
  });
const input = (run: Run<unknown>, name: string): string => String(run.one("NodeRelease", name).inputs["stdin"]);

describe("NodeHosts", () => {
  it("brings each node the registry's folder, with the roots twice, as containerd wants them", async () => {
    const run = await nodes();
    const stdin = input(run, "main-nodes-192-0-2-10");
    const [, hash] = [wordIn(stdin, "site"), wordIn(stdin, "release")];
    assert.equal(await valueOf(run.result.releaseHash), hash);
    const folder = `/etc/private-registry/main-nodes/releases/${hash}/registry.example.com`;
    assert.equal(
      fileIn(stdin, "registry.example.com/hosts.toml"),
      [
        "# Written by Pulumi (private-registry, site main-nodes); a change made here is lost.",
        'server = "https://registry.example.com"',
        `ca = "${folder}/ca.crt"`,
        "",
        '[host."https://registry.example.com"]',
        '  capabilities = ["pull", "resolve", "push"]',
        `  ca = "${folder}/ca.crt"`,
        "",
      ].join("\n"),
    );
    assert.equal(fileIn(stdin, "registry.example.com/ca.crt"), caPem);
    assert.match(stdin, /^flavour='containerd'$/m);
    assert.match(stdin, /^restart=''$/m);
    assert.match(stdin, /^probes=\('https 443 registry\.example\.com'\)$/m);
    assert.equal(wordIn(stdin, "owner"), "private-registry/test/main-nodes 192-0-2-10 192.0.2.10:22");
  });

  it("names a port in the folder, and has no roots where every system knows the CA", async () => {
    const { trustedRootsPem: _, ...rest } = required;
    const run = await underMocks(() => new NodeHosts("main-nodes", { ...rest, httpsPort: 8443 }), {});
    const stdin = input(run, "main-nodes-192-0-2-10");
    assert.match(
      fileIn(stdin, "registry.example.com:8443/hosts.toml") ?? "",
      /^server = "https:\/\/registry\.example\.com:8443"\n\n\[host/m,
    );
    assert.equal(fileIn(stdin, "registry.example.com:8443/ca.crt"), undefined);
  });

  it("hands on what a node says of itself", async () => {
    const nodeHosts = [
      { ...host(10), flavour: NodeFlavour.K3s, user: "deploy", port: 2222, name: "one" },
      { ...host(11), restartContainerd: true },
    ];
    const run = await nodes({ nodeHosts });
    const { inputs } = run.one("NodeRelease", "main-nodes-one");
    assert.deepEqual([inputs["user"], inputs["port"], inputs["host"]], ["deploy", 2222, "192.0.2.10"]);
    assert.match(input(run, "main-nodes-one"), /^flavour='k3s'$/m);
    assert.match(input(run, "main-nodes-192-0-2-11"), /^restart='yes'$/m);
    const releases = ["one", "192-0-2-11"].map((name) => wordIn(input(run, `main-nodes-${name}`), "release"));
    assert.equal(releases[0], releases[1], "what differs between nodes is no part of the release");
  });

  it("sends to the first by itself, and then to four at a time", async () => {
    const run = await nodes();
    const after = (number: number): string[] =>
      run.one("NodeRelease", `main-nodes-192-0-2-${number}`).after.filter((name) => name.startsWith("main-nodes-192"));
    assert.deepEqual(after(10), []);
    for (const number of [11, 12, 13, 14]) assert.deepEqual(after(number), ["main-nodes-192-0-2-10"]);
    assert.deepEqual(after(15), ["main-nodes-192-0-2-11"]);
    const first = run.all("NodeRelease").map(({ inputs }) => inputs["first"]);
    assert.deepEqual(first, [true, false, false, false, false, false]);
  });

  it("keeps what goes to a node, and its key, secret", async () => {
    const run = await nodes();
    for (const { secrets, options } of run.all("NodeRelease")) {
      assert.deepEqual(secrets.sort(), ["privateKey", "stdin"]);
      assert.deepEqual(options.secretOutputs.sort(), ["privateKey", "stdin", "stdout"]);
    }
  });

  it("ends well though a node does not answer, and badly with the words of all that refuse", async () => {
    const away = (address: string): Outcome =>
      /1[14]$/.test(address) ? { problem: `${address}: no route`, refused: false } : DONE;
    const { result, said } = await warned(() => nodes({}, away));
    assert.match(await valueOf(result.result.releaseHash), /^[0-9a-f]{20}$/);
    assert.deepEqual(said, [
      "2 of 6 nodes did not answer, and pull as they did before; the next up tries them again, and drift counts them " +
        "as differing. Take nodes that are gone out of nodeHosts.\n192.0.2.11: no route\n192.0.2.14: no route",
    ]);
    assert.deepEqual((await warned(() => nodes())).said, []);
    const refusing = (address: string): Outcome =>
      /1[13]$/.test(address) ? { problem: `${address}: has no config_path`, refused: true } : DONE;
    const { said: none } = await warned(() => assert.rejects(nodes({}, refusing)));
    assert.deepEqual(none, [], "one that refuses has answered");
    await assert.rejects(nodes({}, refusing), (error: Error) => {
      assert.match(error.message, /2 of 6 nodes refused their release/);
      assert.match(error.message, /192\.0\.2\.11: has no config_path\n192\.0\.2\.13: has no config_path/);
      return true;
    });
  });

  it("shows in a preview the files, and of roots what they say", async () => {
    const run = await nodes();
    const { inputs } = run.one("ReleaseFiles");
    assert.match(
      String(inputs["registry.example.com/hosts.toml"]),
      /releases\/<release>\/registry\.example\.com\/ca\.crt/,
    );
    assert.match(String(inputs["registry.example.com/ca.crt"]), /SHA-256: /);
    assert.doesNotMatch(String(inputs["registry.example.com/ca.crt"]), /BEGIN/);
    assert.match(String(inputs["activation"]), /SHA-256 of the program/);
  });
});

describe("nodeHosts of a registry", () => {
  const registry = (nodeHosts: unknown): Promise<Run<PrivateRegistry>> =>
    underMocks(() => new PrivateRegistry("main", { ...smallest, ssh: { privateKey: KEY }, nodeHosts } as never), {
      answer: (type) => (type.endsWith(":NodeRelease") ? { ...DONE, stdout: "" } : undefined),
    });

  it("come after the gateways, and none are there without any", async () => {
    const run = await registry([host(10)]);
    const [release] = run.all("NodeRelease");
    assert.equal(release?.name, "main-nodes-192-0-2-10");
    assert.ok(run.one("NodeHosts").after.includes("main-gateway-192-0-2-1"), "its children wait for what it waits for");
    assert.deepEqual((await registry([])).all("NodeRelease"), []);
    assert.equal(await valueOf((await registry([])).result.nodeReleaseHash), "");
  });

  it("are told what is wrong with them, under their own paths, all at once", async () => {
    const wrong = [
      { address: "not a name!", hostKey: "x", flavour: "docker", restart: true },
      { ...host(11), name: "same" },
      { ...host(12), name: "same", restartContainerd: "yes" },
    ];
    await assert.rejects(registry(wrong), (error: Error) => {
      for (const said of [
        /nodeHosts\[0\]\.address/,
        /nodeHosts\[0\]\.hostKey/,
        /nodeHosts\[0\]\.flavour.*containerd, k3s, rke2/s,
        /nodeHosts\[0\]\.restart\b/,
        /nodeHosts\[2\]\.name/,
        /nodeHosts\[2\]\.restartContainerd/,
      ])
        assert.match(error.message, said);
      return true;
    });
  });
});

describe("a node's release in a stack's state", () => {
  const stdin = "site='main-nodes'\nrelease='abc'\n# end of the release";
  const outputs = { host: "192.0.2.10", port: 22, user: "root", privateKey: "key", hostKey: "k", stdin };
  const of = (type: string, stdout: string) =>
    releasesIn({
      deployment: { resources: [{ urn: "urn::a::b::c::main-nodes-one", type, outputs: { ...outputs, stdout } }] },
    });

  it("is known to drift, in a Node program and of the package, and confirmed only by the node's own word", () => {
    for (const type of ["pulumi-nodejs:dynamic/private-registry:NodeRelease", "private-registry:index:NodeRelease"]) {
      const [done] = of(type, "private-registry: done create main-nodes abc 1\n");
      assert.deepEqual([done?.name, done?.host, done?.confirmed], ["main-nodes-one", "192.0.2.10", true]);
      assert.equal(of(type, "")[0]?.confirmed, false);
    }
  });
});
