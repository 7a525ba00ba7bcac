import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { RegistryLogFormat, RegistryLogLevel } from "../../components/registry/args";
import { container, deployment, pod, templateOf, variables, waitFor } from "../../rig/registry/pod";

describe("cleaning", () => {
  it("collects before the registry starts, while no other runs", async () => {
    const made = await deployment({ cleaning: {} });
    assert.deepEqual((made.inputs["spec"] as { strategy: unknown }).strategy, { type: "Recreate" });
    assert.equal(
      waitFor(made),
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
    assert.equal(first?.["image"], "registry:2");
  });

  it("restarts the pod on a schedule, with the right to that and to nothing else", async () => {
    const run = await pod({ cleaning: { schedule: "30 2 * * *" } });
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
    const cleaning = { deleteUntagged: true };
    const wrong = pod({ cleaning });
    await assert.rejects(wrong, /cleaning\.deleteUntagged must be false with registry:2: .*use registry:3/);
    for (const image of ["registry:3", "registry:3.0.0", "docker.io/library/registry:3.1-alpine"]) {
      const made = await deployment({ cleaning, registry: { image } });
      const [first] = templateOf(made).spec["initContainers"] as { args: string[] }[];
      assert.ok(first?.args.includes("--delete-untagged"), image);
    }
  });

  it("waits in an object store until no other pod can live any more", async () => {
    const args = {
      cleaning: {},
      storage: { s3: { bucket: "images" } },
      shutdown: { waitSeconds: 3, drainSeconds: 60 },
    };
    const { spec } = templateOf(await deployment(args));
    const [first] = spec["initContainers"] as { command: string[] }[];
    assert.match(first?.command[2] ?? "", /^\(sleep "\$0" && registry "\$@"\) \|\| echo /);
    assert.equal(first?.command[3], "73");
    assert.equal(spec["terminationGracePeriodSeconds"], 73);
    assert.equal(spec.containers[0]?.["command"], undefined);
  });

  it("of several pods needs a registry that takes no pushes", async () => {
    const args = { cleaning: {}, storage: { s3: { bucket: "images" } }, replicas: 2 };
    await assert.rejects(pod(args), /replicas must be 1 with cleaning, got 2; set registry\.readOnly to true/);
    const made = await deployment({ ...args, registry: { readOnly: true } });
    assert.deepEqual((made.inputs["spec"] as { strategy: unknown }).strategy, { type: "Recreate" });
    assert.match(waitFor(made) ?? "", /updatedReplicas\}=2"/);
    const [first] = templateOf(made).spec["initContainers"] as { command: string[] }[];
    assert.match(first?.command[2] ?? "", /^registry "\$@" \|\| echo /);
  });

  it("makes nothing unless asked for", async () => {
    const run = await pod();
    assert.equal(templateOf(run.one("apps/v1:Deployment")).spec.containers[0]?.["command"], undefined);
    assert.equal(run.all("CronJob").length + run.all("ConfigMap").length + run.all("ServiceAccount").length, 0);
    assert.equal(templateOf(run.one("apps/v1:Deployment")).spec["initContainers"], undefined);
    await assert.rejects(pod({ cleaning: { schedule: "daily" } }), /cleaning\.schedule must be five fields of cron/);
  });
});

describe("a cache of another registry", () => {
  it("keeps its password in the secret", async () => {
    const proxy = { remoteUrl: "https://registry-1.docker.io", username: "me", password: pulumi.secret("hunter2") };
    const found = await variables("registry", { proxy });
    assert.equal(found["REGISTRY_PROXY_REMOTEURL"], "https://registry-1.docker.io");
    assert.equal(found["REGISTRY_PROXY_TTL"], "168h");
    assert.equal(found["REGISTRY_STORAGE_DELETE_ENABLED"], "true");
    assert.equal(typeof found["REGISTRY_PROXY_PASSWORD"], "object");
    await assert.rejects(pod({ proxy: { remoteUrl: "docker.io" } }), /proxy\.remoteUrl must be a URL/);
    const half = { remoteUrl: "https://registry.test", username: "me" };
    await assert.rejects(pod({ proxy: half }), /proxy\.password must be given, since username is/);
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
    const run = await pod({ notifications });
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
    assert.equal((await variables("registry", { notifications }))["REGISTRY_LOG_LEVEL"], "warn");
    const telling = pod({ notifications, registry: { logLevel: RegistryLogLevel.Info } });
    await assert.rejects(telling, /registry\.logLevel must be one of error, warn, got "info"; .*logs the secrets/);
    const wrong = pod({ notifications: [{ name: "audit", url: "hunter2" }] });
    await assert.rejects(wrong, (error: Error) => !error.message.includes("hunter2"));
  });
});

describe("the rest of the pod", () => {
  it("logs as asked for", async () => {
    const registry = { logLevel: RegistryLogLevel.Debug, logFormat: RegistryLogFormat.Json };
    const found = await variables("registry", { registry });
    assert.equal(found["REGISTRY_LOG_LEVEL"], "debug");
    assert.equal(found["REGISTRY_LOG_FORMATTER"], "json");
  });

  it("is read-only as asked for, and forgets uploads as asked for", async () => {
    const found = await variables("registry", { registry: { readOnly: true, uploadHours: 24 } });
    assert.equal(
      found["REGISTRY_STORAGE_MAINTENANCE"],
      "{uploadpurging: {enabled: true, age: 24h, interval: 24h, dryrun: false}, readonly: {enabled: true}}",
    );
  });

  it("runs where it is told to, without leaving the images", async () => {
    const made = await deployment({
      scheduling: {
        nodeSelector: { disk: "ssd", "kubernetes.io/hostname": "another" },
        tolerations: [{ key: "images", operator: "Exists", effect: "NoExecute", tolerationSeconds: 60 }],
        affinity: { nodeAffinity: {} },
        priorityClassName: "system-cluster-critical",
        labels: { team: "infra", "k8s-app": "mine" },
        annotations: { note: "x" },
      },
    });
    const { spec, metadata } = templateOf(made);
    assert.deepEqual(spec["nodeSelector"], { disk: "ssd", "kubernetes.io/hostname": "node-1" });
    assert.deepEqual(spec["tolerations"], [
      { key: "images", operator: "Exists", effect: "NoExecute", tolerationSeconds: 60 },
    ]);
    assert.deepEqual(spec["affinity"], { nodeAffinity: {} });
    assert.equal(spec["priorityClassName"], "system-cluster-critical");
    assert.deepEqual(metadata.labels, { team: "infra", "k8s-app": "kube-registry", version: "v0" });
    assert.equal(metadata.annotations["note"], "x");
  });

  it("runs its UI as another user on a high port only", async () => {
    const ui = { runAsUser: 101, port: 8080 };
    assert.deepEqual((await container("registry-ui", { ui }))["securityContext"], {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      runAsUser: 101,
      runAsGroup: 101,
      runAsNonRoot: true,
    });
    await assert.rejects(pod({ ui: { runAsUser: 101 } }), /ui\.port must be 1024-65535, got 80; give a port from 1024/);
  });
});
