import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { RegistryLogFormat, RegistryLogLevel } from "../../components/registry/args";
import type { RegistryGarbageCollectionArgs } from "../../components/registry/garbage-collection/args";
import type { RegistryStorageArgs } from "../../components/registry/storage/args";
import { container, deployment, onlyOn, pod, required, templateOf, variables, waitFor } from "../../rig/registry/pod";

const schedule = "0 4 * * 0";
const s3 = { s3: { bucket: "images" } };
const collecting = (
  garbageCollection: RegistryGarbageCollectionArgs,
  storage: RegistryStorageArgs = required.storage,
) => ({
  storage: { ...storage, garbageCollection },
});

describe("garbage collection", () => {
  it("collects before the registry starts, while no other runs", async () => {
    const made = await deployment(collecting({ schedule }));
    assert.deepEqual((made.inputs["spec"] as { strategy: unknown }).strategy, { type: "Recreate" });
    assert.equal(
      waitFor(await deployment({ ...collecting({ schedule }), waitWithKubectl: false })),
      '["jsonpath={.status.updatedReplicas}=1","jsonpath={.status.availableReplicas}=1","jsonpath={.status.replicas}=1"]',
    );
    const [first] = templateOf(made).spec["initContainers"] as Record<string, unknown>[];
    assert.deepEqual(first?.["args"], ["garbage-collect", "/etc/registry-cleaning/config.yml"]);
    assert.deepEqual((first?.["command"] as string[]).slice(0, 2), ["/bin/sh", "-c"]);
    assert.match((first?.["command"] as string[])[2] ?? "", /flock -x 9 && registry "\$@"\) \|\| echo /);
    const [registry] = templateOf(made).spec.containers;
    const lock = "/var/lib/registry/.collection-lock";
    assert.equal((first?.["command"] as string[])[3], lock);
    assert.equal((registry?.["command"] as string[])[3], lock);
    assert.match((registry?.["command"] as string[])[2] ?? "", /flock -s 9/);
    assert.deepEqual(first?.["env"], (await container("registry")).env);
    assert.equal(first?.["image"], "registry:3");
  });

  it("restarts the pod on a schedule, with the right to that and to nothing else", async () => {
    const run = await pod(collecting({ schedule: "30 2 * * *" }));
    const spec = run.one("CronJob").inputs["spec"] as Record<string, unknown>;
    assert.equal(spec["schedule"], "30 2 * * *");
    assert.equal(spec["concurrencyPolicy"], "Forbid");
    assert.match(JSON.stringify(spec), /"args":\["rollout","restart","deployment\/kube-registry-v0"\]/);
    assert.match(JSON.stringify(spec), /"image":"registry.k8s.io\/kubectl:v[0-9.]+"/);
    assert.deepEqual(run.one("rbac.authorization.k8s.io/v1:Role").inputs["rules"], [
      { apiGroups: ["apps"], resources: ["deployments"], resourceNames: ["kube-registry-v0"], verbs: ["get", "patch"] },
    ]);
  });

  it("takes images without a tag only where that is safe", async () => {
    const args = collecting({ schedule, deleteUntagged: true });
    const no = /storage\.garbageCollection\.deleteUntagged must be false with registry:2, got true; .*use registry:3/;
    for (const image of ["registry:2", pulumi.output("registry:2")])
      for (const deleteUntagged of [true, pulumi.output(true)])
        await assert.rejects(pod({ ...collecting({ schedule, deleteUntagged }), registry: { image } }), no);
    for (const image of ["registry:3", "registry:3.0.0", "docker.io/library/registry:3.1-alpine"]) {
      const made = await deployment({ ...args, registry: { image } });
      const [first] = templateOf(made).spec["initContainers"] as { args: string[] }[];
      assert.ok(first?.args.includes("--delete-untagged"), image);
    }
  });

  it("waits in an object store until no other pod can live any more", async () => {
    const args = { ...collecting({ schedule }, s3), registry: { shutdown: { waitSeconds: 3, drainSeconds: 60 } } };
    const { spec } = templateOf(await deployment(args));
    const [first] = spec["initContainers"] as { command: string[] }[];
    assert.match(first?.command[2] ?? "", /^\(sleep "\$0" && registry "\$@"\) \|\| echo /);
    assert.equal(first?.command[3], "73");
    assert.equal(spec["terminationGracePeriodSeconds"], 73);
    assert.equal(spec.containers[0]?.["command"], undefined);
  });

  it("of several pods needs a registry that takes no pushes", async () => {
    const args = collecting({ schedule }, s3);
    const wrong = pod({ ...args, registry: { replicas: 2 } });
    const no = /registry\.replicas must be 1 with garbage collection, got 2; set registry\.readOnly to true/;
    await assert.rejects(wrong, no);
    const made = await deployment({ ...args, registry: { replicas: 2, readOnly: true } });
    assert.deepEqual((made.inputs["spec"] as { strategy: unknown }).strategy, { type: "Recreate" });
    const byPulumi = { ...args, registry: { replicas: 2, readOnly: true }, waitWithKubectl: false };
    assert.match(waitFor(await deployment(byPulumi)) ?? "", /updatedReplicas\}=2"/);
    const [first] = templateOf(made).spec["initContainers"] as { command: string[] }[];
    assert.match(first?.command[2] ?? "", /^registry "\$@" \|\| echo /);
  });

  it("makes nothing unless asked for", async () => {
    const run = await pod();
    assert.equal(templateOf(run.one("apps/v1:Deployment")).spec.containers[0]?.["command"], undefined);
    assert.equal(run.all("CronJob").length + run.all("ConfigMap").length + run.all("ServiceAccount").length, 0);
    assert.equal(templateOf(run.one("apps/v1:Deployment")).spec["initContainers"], undefined);
    const wrong = pod(collecting({ schedule: "daily" }));
    await assert.rejects(wrong, /storage\.garbageCollection\.schedule must be five fields of cron/);
    const half = pod({ ...collecting({ deleteUntagged: true }), registry: { image: "registry:3" } });
    await assert.rejects(half, /deleteUntagged must be left out without a schedule, got a setting; give a schedule/);
  });
});

describe("a cache of another registry", () => {
  it("of version 2 has its login in variables, since that knows no program for it", async () => {
    const proxy = { remoteUrl: "https://registry-1.docker.io", username: "me", password: pulumi.secret("hunter2") };
    const found = await variables("registry", { registry: { proxy, image: "registry:2" } });
    assert.equal(typeof found["REGISTRY_PROXY_PASSWORD"], "object");
    assert.ok(!("REGISTRY_PROXY_EXEC_COMMAND" in found));
  });

  it("keeps its password in the secret", async () => {
    const proxy = { remoteUrl: "https://registry-1.docker.io", username: "me", password: pulumi.secret("hunter2") };
    const found = await variables("registry", { registry: { proxy } });
    assert.equal(found["REGISTRY_PROXY_REMOTEURL"], '"https://registry-1.docker.io"');
    assert.equal(found["REGISTRY_PROXY_TTL"], '"168h"');
    assert.equal(found["REGISTRY_STORAGE_DELETE_ENABLED"], "true");
    assert.equal(found["REGISTRY_PROXY_EXEC_COMMAND"], '"/upstream-login/proxy-login"');
    assert.equal(found["REGISTRY_PROXY_EXEC_LIFETIME"], '"5m"');
    assert.ok(!("REGISTRY_PROXY_PASSWORD" in found));
    const run = await pod({ registry: { proxy } });
    const data = run.one("Secret").inputs["data"] as Record<string, string>;
    const answer = Buffer.from(data["proxy-login.json"] ?? "", "base64").toString();
    assert.deepEqual(JSON.parse(answer), { ServerURL: "", Username: "me", Secret: "hunter2" });
    assert.deepEqual(run.one("Secret").secrets, ["data"]);
    const { volumes, containers } = templateOf(run.one("apps/v1:Deployment")).spec;
    assert.match(JSON.stringify(volumes), /"key":"proxy-login","mode":365,"path":"proxy-login"/);
    assert.match(
      JSON.stringify(containers[0]?.volumeMounts),
      /"mountPath":"\/upstream-login","name":"upstream-login","readOnly":true/,
    );
    await assert.rejects(
      pod({ registry: { proxy: { remoteUrl: "docker.io" } } }),
      /registry\.proxy\.remoteUrl must be a URL/,
    );
    const half = { remoteUrl: "https://registry.test", username: "me" };
    await assert.rejects(
      pod({ registry: { proxy: half } }),
      /registry\.proxy\.password must be set, since username is/,
    );
  });
});

describe("notices", () => {
  it("go to endpoints whose URL and headers are secret", async () => {
    const notifications = [
      {
        name: "audit",
        url: "https://audit.test/?token=hunter2",
        headers: { Authorization: pulumi.secret("Bearer x") },
      },
    ];
    const run = await pod({ registry: { notifications } });
    assert.doesNotMatch(JSON.stringify(run.one("apps/v1:Deployment").inputs), /hunter2/);
    const data = run.one("Secret").inputs["data"] as Record<string, string>;
    const text = Buffer.from(data["REGISTRY_NOTIFICATIONS_ENDPOINTS"] ?? "", "base64").toString();
    assert.deepEqual(JSON.parse(text), [
      {
        name: "audit",
        url: "https://audit.test/?token=hunter2",
        headers: { Authorization: ["Bearer x"] },
        timeout: "5s",
        threshold: 5,
        backoff: "10s",
      },
    ]);
    assert.equal((await variables("registry", { registry: { notifications } }))["REGISTRY_LOG_LEVEL"], '"warn"');
    const no =
      /registry\.log\.level must be error or warn beside notifications, got "(info|debug)"; .*logs the secrets/;
    for (const level of [RegistryLogLevel.Info, RegistryLogLevel.Debug])
      await assert.rejects(pod({ registry: { notifications, log: { level } } }), no);
    const wrong = pod({ registry: { notifications: [{ name: "audit", url: "hunter2" }] } });
    await assert.rejects(wrong, (error: Error) => {
      assert.match(error.message, /registry\.notifications\[0\]\.url must be a URL/);
      return !error.message.includes("hunter2");
    });
  });
});

describe("the rest of the pod", () => {
  it("logs as asked for", async () => {
    const registry = { log: { level: RegistryLogLevel.Debug, format: RegistryLogFormat.Json } };
    const found = await variables("registry", { registry });
    assert.equal(found["REGISTRY_LOG_LEVEL"], '"debug"');
    assert.equal(found["REGISTRY_LOG_FORMATTER"], '"json"');
  });

  it("is read-only as asked for, and forgets uploads as asked for", async () => {
    const found = await variables("registry", { registry: { readOnly: true, uploadHours: 24 } });
    assert.equal(
      found["REGISTRY_STORAGE_MAINTENANCE"],
      '{"uploadpurging":{"enabled":true,"age":"24h","interval":"24h","dryrun":false},"readonly":{"enabled":true}}',
    );
  });

  it("runs where it is told to, without leaving the images", async () => {
    const zone = { key: "zone", operator: "Exists" };
    const wished = {
      preferredDuringSchedulingIgnoredDuringExecution: [],
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [zone] }, {}] },
    };
    const made = await deployment({
      scheduling: {
        nodeSelector: { disk: "ssd" },
        tolerations: [{ key: "images", operator: "Exists", effect: "NoExecute", tolerationSeconds: 60 }],
        affinity: { nodeAffinity: wished, podAffinity: {} },
        priorityClassName: "system-cluster-critical",
        labels: { team: "infra", "k8s-app": "mine" },
        annotations: { note: "x" },
      },
    });
    const { spec, metadata } = templateOf(made);
    assert.deepEqual(spec["nodeSelector"], { disk: "ssd" });
    assert.deepEqual(spec["tolerations"], [
      { key: "images", operator: "Exists", effect: "NoExecute", tolerationSeconds: 60 },
    ]);
    const [{ matchFields } = { matchFields: [] }] =
      onlyOn("node-1").nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
    assert.deepEqual(spec["affinity"], {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [],
        requiredDuringSchedulingIgnoredDuringExecution: {
          // Terms are alternatives: each of them has to name the node.
          nodeSelectorTerms: [{ matchExpressions: [zone], matchFields }, { matchFields }],
        },
      },
      podAffinity: {},
    });
    assert.equal(spec["priorityClassName"], "system-cluster-critical");
    assert.deepEqual(metadata.labels, { team: "infra", "k8s-app": "kube-registry", version: "v0" });
    assert.equal(metadata.annotations["note"], "x");
  });

  it("runs its UI as another user on a high port only", async () => {
    const host = "ui.example.com";
    const ui = { host, runAsUser: 101, port: 8080 };
    assert.deepEqual((await container("registry-ui", { ui }))["securityContext"], {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      runAsUser: 101,
      runAsGroup: 101,
      runAsNonRoot: true,
    });
    const low = /ui\.port must be 1024-65535 with runAsUser, got 80; give a port from 1024/;
    await assert.rejects(pod({ ui: { host, runAsUser: 101 } }), low);
  });
});
