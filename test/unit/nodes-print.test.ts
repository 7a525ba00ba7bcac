import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { registryOf } from "../../cli/nodes";
import { commandsFor, type NodeRegistry, type Runtime, RUNTIMES } from "../../cli/nodes/runtimes";
import { makeCertificate } from "../support/acme-made";

const { caPem: rootsPem } = makeCertificate(["registry.example.com"]);
const registry: NodeRegistry = { host: "registry.example.com", port: 443, rootsPem };
const paths = (runtime: Runtime, of = registry): (string | undefined)[] =>
  RUNTIMES[runtime](of).files.map(({ path }) => path);
const file = (runtime: Runtime, path: string | undefined): string =>
  RUNTIMES[runtime](registry).files.find((each) => each.path === path)?.text ?? "";

describe("npm run nodes -- --print", () => {
  it("has each runtime's own places, with the port where there is one", () => {
    assert.deepEqual(paths("containerd"), [
      "/etc/containerd/certs.d/registry.example.com/hosts.toml",
      "/etc/containerd/certs.d/registry.example.com/ca.crt",
    ]);
    assert.deepEqual(paths("k3s"), ["/etc/rancher/k3s/registry.example.com.crt", "/etc/rancher/k3s/registries.yaml"]);
    assert.deepEqual(paths("crio"), ["/etc/containers/certs.d/registry.example.com/ca.crt"]);
    assert.deepEqual(paths("docker"), ["/etc/docker/certs.d/registry.example.com/ca.crt"]);
    assert.deepEqual(paths("docker", { ...registry, port: 8443 }), [
      "/etc/docker/certs.d/registry.example.com:8443/ca.crt",
    ]);
  });

  it("has files in each runtime's own form", () => {
    assert.match(
      file("containerd", paths("containerd")[0]),
      /^server = .*\nca = "\/etc\/containerd\/certs\.d\/registry/,
    );
    assert.deepEqual(parse(file("k3s", "/etc/rancher/k3s/registries.yaml")), {
      configs: { "registry.example.com": { tls: { ca_file: "/etc/rancher/k3s/registry.example.com.crt" } } },
    });
    const talos = parse(file("talos", undefined)) as Record<string, string>;
    assert.deepEqual(
      [talos["apiVersion"], talos["kind"], talos["name"]],
      ["v1alpha1", "RegistryTLSConfig", registry.host],
    );
    assert.equal(new X509Certificate(talos["ca"] ?? "").ca, true);
  });

  it("prints commands that write the files as they are", () => {
    const commands = commandsFor(RUNTIMES.docker(registry));
    const folder = "/etc/docker/certs.d/registry.example.com";
    assert.equal(commands, `mkdir -p '${folder}'\ncat >'${folder}/ca.crt' <<'END'\n${rootsPem.trimEnd()}\nEND\n`);
  });

  it("has for each runtime the files and what to know of them as in test/golden/nodes.txt", () => {
    const text = Object.entries(RUNTIMES)
      .map(([runtime, made]) => {
        const { files, notes } = made({ host: "registry.example.com", port: 8443, rootsPem: "the roots" });
        return `== ${runtime}\n${commandsFor({ files, notes })}${notes.map((note) => `-- ${note}\n`).join("")}`;
      })
      .join("");
    const golden = join(__dirname, "../golden/nodes.txt");
    if (process.env["GOLDEN"] === "write") writeFileSync(golden, text);
    assert.equal(text, readFileSync(golden, "utf8"));
  });

  it("goes by the stack's outputs", () => {
    assert.deepEqual(registryOf({ registryUrl: "https://registry.example.com:8443", trustedRootsPem: rootsPem }), {
      ...registry,
      port: 8443,
    });
    assert.equal(registryOf({ registryUrl: "https://registry.example.com" }).rootsPem, "");
    assert.throws(() => registryOf({}), /run pulumi up first/);
  });
});
