import assert from "node:assert/strict";
import { command, judge, pod, type Seen } from "../support/policy-judge";

const env = (variables: Record<string, string>) => Object.entries(variables).map(([name, value]) => ({ name, value }));
const of = (type: string, spec: object): Seen => ({ type: `kubernetes:${type}`, props: { spec } });
const count = async (rule: string, seen: Seen): Promise<number> => (await judge(rule, seen)).length;
const TLS = { REGISTRY_HTTP_TLS_CERTIFICATE: "/c", REGISTRY_HTTP_TLS_CLIENTCAS: "[/ca]" };
const registry = (variables: Record<string, string>, more: object = {}): Seen =>
  pod({ containers: [{ name: "r", env: env({ REGISTRY_HTTP_ADDR: ":5000", ...variables }), ...more }] });

describe("the policy pack, when a resource has a different shape", () => {
  it("finds the pod of every kind", async () => {
    const spec = { containers: [{ name: "one", image: "registry" }] };
    const shapes = [
      of("core/v1:Pod", spec),
      { type: "kubernetes:core/v1:PodTemplate", props: { template: { spec } } },
      ...[
        "apps/v1:StatefulSet",
        "apps/v1:DaemonSet",
        "apps/v1:DeploymentPatch",
        "batch/v1:Job",
        "apps/v1beta2:Deployment",
      ].map((type) => of(type, { template: { spec } })),
      of("batch/v1:CronJob", { jobTemplate: { spec: { template: { spec } } } }),
      of("argoproj.io/v1alpha1:Rollout", { template: { spec } }),
      of("example.com/v1:Fleet", { groups: [{ template: { spec } }] }),
      of("core/v1:Pod", { containers: [], ephemeralContainers: spec.containers }),
      of("core/v1:Pod", { containers: [], volumes: [{ name: "v", image: { reference: "models" } }] }),
    ];
    for (const seen of shapes) assert.ok((await count("image-has-tag", seen)) > 0, seen.type);
  });

  it("says that it finds no container where there has to be one", async () => {
    for (const spec of [{}, { template: {} }, { template: { spec: { containers: {} } } }, { podTemplate: "x" }])
      assert.match((await judge("image-has-tag", of("apps/v1:Deployment", spec))).join(), /no container is found/);
    assert.deepEqual(await judge("image-has-tag", of("apps/v1:DeploymentPatch", { replicas: 2 })), []);
    assert.deepEqual(await judge("image-has-tag", of("core/v1:Service", { ports: [] })), []);
  });

  it("mutual-tls: knows a registry by its image, and sees no TLS in a config file", async () => {
    const image = (name: string, more: object = {}) => pod({ containers: [{ name: "r", image: name, ...more }] });
    for (const name of ["registry:2.8.3", "docker.io/library/registry@sha256:0", "ghcr.io/distribution/distribution:3"])
      assert.equal(await count("mutual-tls", image(name)), 2, name);
    assert.equal(await count("mutual-tls", image("registry:3", { command: ["/bin/registry", "serve", "/c.yml"] })), 2);
    for (const more of [{ command: ["sh", "/backup.sh"] }, { command: ["registry", "garbage-collect", "/c.yml"] }])
      assert.equal(await count("mutual-tls", image("registry:3", more)), 0);
    assert.equal(await count("mutual-tls", image("joxit/docker-registry-ui:2.6")), 0);
  });

  it("mutual-tls: takes an empty list, or a certificate that may be left out, for none", async () => {
    assert.equal(await count("mutual-tls", registry(TLS)), 0);
    for (const none of ["", "[]", " [ ] ", "null"])
      assert.equal(await count("mutual-tls", registry({ ...TLS, REGISTRY_HTTP_TLS_CLIENTCAS: none })), 1, none);
    const asked = (how: string) => registry({ ...TLS, REGISTRY_HTTP_TLS_CLIENTAUTH: how });
    assert.equal(await count("mutual-tls", asked("verify-client-cert-if-given")), 1);
    assert.equal(await count("mutual-tls", asked("require-and-verify-client-cert")), 0);
    assert.equal(
      await count("mutual-tls", registry({ ...TLS, REGISTRY_HTTP_TLS_CLIENTCAS: "", REGISTRY_AUTH_HTPASSWD_PATH: "" })),
      1,
    );
  });

  it("mutual-tls: looks at a sidecar, too", async () => {
    const [container] = (registry({}).props["spec"] as { template: { spec: { containers: object[] } } }).template.spec
      .containers;
    const sidecar = pod({ containers: [], initContainers: [{ ...container, restartPolicy: "Always" }] });
    assert.equal(await count("mutual-tls", sidecar), 2);
    assert.equal(await count("mutual-tls", pod({ containers: [], initContainers: [container] })), 0);
  });

  it("images-are-kept: looks for the images where the registry has them if nothing is said", async () => {
    const rule = "images-are-kept";
    const mounted = (volumes: object[], mounts: [string, string][]) => {
      const volumeMounts = mounts.map(([name, mountPath]) => ({ name, mountPath }));
      return pod({ containers: [{ name: "r", env: env(TLS), image: "registry:3", volumeMounts }], volumes });
    };
    const claim = { name: "c", persistentVolumeClaim: { claimName: "c" } };
    assert.equal(await count(rule, mounted([], [])), 1, "in the container");
    assert.equal(await count(rule, mounted([claim], [["c", "/var/lib/registry"]])), 0);
    assert.equal(await count(rule, mounted([{ name: "n", nfs: {} }], [["n", "/var/lib"]])), 0);
    const passing = [claim, { name: "e", emptyDir: {} }];
    const both = [
      ["c", "/var/lib/registry"],
      ["e", "/var/lib/registry/docker"],
    ] as [string, string][];
    assert.equal(await count(rule, mounted(passing, both)), 1, "an emptyDir below");
    assert.equal(
      await count(
        rule,
        mounted(passing, [
          ["c", "/var/lib"],
          ["e", "/var/lib/registry"],
        ]),
      ),
      1,
    );
    assert.equal(await count(rule, mounted([{ name: "p", ephemeral: {} }], [["p", "/var/lib/registry"]])), 1);
    assert.equal(await count(rule, registry({ ...TLS, REGISTRY_STORAGE: "inmemory" })), 1);
    assert.equal(await count(rule, registry({ ...TLS, REGISTRY_STORAGE_S3_BUCKET: "b" })), 0);
  });

  it("images-are-kept: follows the claims of a StatefulSet", async () => {
    const set = (whenDeleted: string) =>
      of("apps/v1:StatefulSet", {
        volumeClaimTemplates: [{ metadata: { name: "c" } }],
        persistentVolumeClaimRetentionPolicy: { whenDeleted },
        template: {
          spec: {
            containers: [
              { name: "r", image: "registry:3", volumeMounts: [{ name: "c", mountPath: "/var/lib/registry" }] },
            ],
          },
        },
      });
    assert.equal(await count("images-are-kept", set("Retain")), 0);
    assert.equal(await count("images-are-kept", set("Delete")), 1);
  });

  it("host-path-pinned: takes a label of all nodes for no pin, and looks at volumes", async () => {
    const volumes = [{ name: "v", hostPath: { path: "/data" } }];
    const selected = (label: string) => pod({ volumes, nodeSelector: { [label]: "x" } });
    assert.equal(await count("host-path-pinned", selected("kubernetes.io/os")), 1);
    assert.equal(await count("host-path-pinned", selected("kubernetes.io/hostname")), 0);
    const volume = (more: object) => of("core/v1:PersistentVolume", { hostPath: { path: "/data" }, ...more });
    assert.equal(await count("host-path-pinned", volume({})), 1);
    assert.equal(await count("host-path-pinned", volume({ nodeAffinity: { required: {} } })), 0);
  });

  it("host-key-pinned: finds an SSH client in a command's text", async () => {
    for (const option of ["StrictHostKeyChecking=no", "StrictHostKeyChecking no", "UserKnownHostsFile=/dev/null"]) {
      const seen = { type: "command:local:Command", props: { create: `ssh -o '${option}' gw true` } };
      assert.equal(await count("host-key-pinned", seen), 1, option);
      assert.equal(await count("host-key-pinned", command({ delete: seen.props.create })), 1, option);
    }
    assert.equal(await count("host-key-pinned", command({ create: "ssh -o StrictHostKeyChecking=yes gw" })), 0);
  });
});
