import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RegistryBackupArgs } from "../../components/registry/backup/args";
import { ClaimAccessMode, type RegistryStorageArgs } from "../../components/registry/storage/args";
import type { RegistryPodArgs } from "../../components/registry/pod-args";
import { deployment, onlyOn, pod, required, templateOf } from "../../rig/registry/pod";

const claim: RegistryStorageArgs = { claim: { sizeGiB: 20 } };
const made = async (backup: RegistryBackupArgs, more: Partial<RegistryPodArgs> = {}) =>
  pod({ ...more, storage: { ...(more.storage ?? required.storage), backup } });
const folder = join(__dirname, "../../components/registry/backup");
const script = (name: string): string => readFileSync(join(folder, name), "utf8");

interface Spec {
  schedule: string;
  suspend?: boolean;
  jobTemplate: { spec: { template: { spec: Record<string, unknown> } } };
}
const specOf = (inputs: Record<string, unknown>): Spec => inputs["spec"] as Spec;
const podOf = (inputs: Record<string, unknown>): Record<string, unknown> =>
  specOf(inputs).jobTemplate.spec.template.spec;

describe("snapshots of the images", () => {
  it("are made by a job that only reads the images, on their node", async () => {
    const run = await made({ claimName: "backups", keep: 3 });
    assert.deepEqual(run.one("CronJob", "main-backup").inputs, {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name: "kube-registry-v0-backup", namespace: "kube-system" },
      spec: {
        schedule: "0 2 * * *",
        timeZone: "Etc/UTC",
        concurrencyPolicy: "Forbid",
        startingDeadlineSeconds: 3600,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          spec: {
            backoffLimit: 0,
            template: {
              spec: {
                restartPolicy: "Never",
                automountServiceAccountToken: false,
                enableServiceLinks: false,
                nodeSelector: {},
                affinity: onlyOn("node-1"),
                securityContext: { seccompProfile: { type: "RuntimeDefault" }, fsGroup: 1000 },
                containers: [
                  {
                    name: "copy",
                    image: "registry:3",
                    command: ["/bin/sh", "/scripts/backup.sh"],
                    env: [
                      { name: "KEEP", value: "3" },
                      { name: "LOSSES", value: "refused" },
                      { name: "IMAGES", value: "/images" },
                      { name: "BACKUPS", value: "/backups" },
                    ],
                    resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "256Mi" } },
                    volumeMounts: [
                      { name: "image-store", mountPath: "/images", readOnly: true },
                      { name: "backups", mountPath: "/backups", readOnly: false },
                      { name: "scripts", mountPath: "/scripts", readOnly: true },
                      { name: "tmp", mountPath: "/tmp" },
                    ],
                    securityContext: {
                      allowPrivilegeEscalation: false,
                      readOnlyRootFilesystem: true,
                      capabilities: { drop: ["ALL"] },
                    },
                  },
                ],
                volumes: [
                  { name: "image-store", hostPath: { path: "/data/docker_registry", type: "DirectoryOrCreate" } },
                  { name: "backups", persistentVolumeClaim: { claimName: "backups" } },
                  { name: "scripts", configMap: { name: "kube-registry-v0-backup" } },
                  { name: "tmp", emptyDir: {} },
                ],
              },
            },
          },
        },
      },
    });
    const scripts = run.one("ConfigMap", "main-backup").inputs["data"] as Record<string, string>;
    assert.deepEqual(
      scripts,
      Object.fromEntries(
        readdirSync(folder)
          .filter((name) => !name.endsWith(".ts"))
          .map((name) => [name, script(name)]),
      ),
    );
    const read = Object.values(scripts).flatMap((text) => [...text.matchAll(/"\$here\/([\w.]+)"/g)]);
    for (const [, name = ""] of read) assert.ok(scripts[name], name);
    assert.ok(read.length > 3 && scripts["backup.sh"] && scripts["restore.sh"]);
  });

  it("are put back with a share of the lock that a collection waits for", async () => {
    const storage = { ...required.storage, garbageCollection: { schedule: "0 4 * * 0" } };
    const command = async (args: Partial<RegistryPodArgs>) =>
      (templateOf(await deployment({ storage, ...args })).spec["initContainers"] as { command: string[] }[])[0]
        ?.command ?? [];
    for (const registry of [{ readOnly: false }, { readOnly: true }]) {
      const [, , text = "", file] = await command({ registry });
      assert.match(text, /^\(exec 9<>"\$0" && .* &&\s+flock -x 9 && registry/, JSON.stringify(registry));
      assert.equal(file, "/var/lib/registry/.collection-lock");
    }
    assert.match(script("restore.sh"), /^ *collecting=\$IMAGES\/\.collection-lock$/m);
  });

  it("of a cache may lack what the cache has not", async () => {
    const env = async (args: Partial<RegistryPodArgs>, child: string) => {
      const [copy] = podOf((await made({ claimName: "backups" }, args)).one("CronJob", child).inputs)["containers"] as {
        env: { name: string; value: string }[];
      }[];
      return copy?.env.find(({ name }) => name === "CACHE")?.value;
    };
    for (const child of ["main-backup", "main-restore"]) {
      assert.equal(await env({ registry: { proxy: { remoteUrl: "https://registry-1.docker.io" } } }, child), "true");
      assert.equal(await env({}, child), undefined);
    }
  });

  it("are put back by a job that waits to be started by hand, as the registry's own user", async () => {
    const run = await made({ hostPath: "/mnt/backup", nodeName: "node-2" }, { storage: claim });
    const { inputs } = run.one("CronJob", "main-restore");
    assert.equal(specOf(inputs).suspend, true);
    const [copy] = podOf(inputs)["containers"] as Record<string, unknown>[];
    assert.deepEqual(copy?.["command"], ["/bin/sh", "/scripts/restore.sh"]);
    assert.deepEqual((copy?.["env"] as unknown[])[0], { name: "SNAPSHOT", value: "latest" });
    assert.deepEqual((copy?.["volumeMounts"] as unknown[]).slice(0, 2), [
      { name: "image-store", mountPath: "/images", readOnly: false },
      { name: "backups", mountPath: "/backups", readOnly: true },
    ]);
    assert.deepEqual(copy?.["securityContext"], {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
      runAsUser: 1000,
      runAsGroup: 1000,
      runAsNonRoot: true,
    });
  });

  it("of a claim are made beside the registry, on the node that is named", async () => {
    const scheduling = { nodeSelector: { disk: "ssd" }, tolerations: [{ key: "images", operator: "Exists" }] };
    const backup = { hostPath: "/mnt/backup", nodeName: "node-2", schedule: "5 * * * *", image: "busybox:1.37" };
    const { inputs } = (await made(backup, { storage: claim, scheduling })).one("CronJob", "main-backup");
    const spec = podOf(inputs);
    assert.equal(specOf(inputs).schedule, "5 * * * *");
    assert.deepEqual(spec["nodeSelector"], { disk: "ssd" });
    assert.deepEqual((spec["affinity"] as { nodeAffinity: unknown }).nodeAffinity, onlyOn("node-2").nodeAffinity);
    assert.deepEqual(spec["tolerations"], scheduling.tolerations);
    assert.match(JSON.stringify(spec["affinity"]), /preferredDuring.*"k8s-app":"kube-registry","version":"v0"/);
    const [copy] = spec["containers"] as Record<string, unknown>[];
    assert.equal(copy?.["image"], "busybox:1.37");
    assert.equal((copy?.["securityContext"] as { runAsUser: number }).runAsUser, 0, "the node's directory is root's");
    assert.deepEqual((spec["volumes"] as unknown[])[1], {
      name: "backups",
      hostPath: { path: "/mnt/backup", type: "DirectoryOrCreate" },
    });
  });

  it("are refused where they can't be had", async () => {
    const refused = (backup: RegistryBackupArgs, storage: RegistryStorageArgs, problem: RegExp) =>
      assert.rejects(made(backup, { storage }), problem);
    const node: RegistryStorageArgs = { hostPath: { nodeName: "node-1" } };
    const neither = /storage\.backup must be with claimName or hostPath, got neither; give the one where/;
    await refused({ keep: 3 }, node, neither);
    const none = await made({}, { storage: node });
    assert.equal(none.all("CronJob").length, 0, "an empty table switches nothing on");
    await refused({ claimName: "a", hostPath: "/b" }, node, /got claimName and hostPath/);
    await refused({ hostPath: "b" }, node, /storage\.backup\.hostPath must be an absolute path/);
    await refused({ hostPath: "/b" }, claim, /backup\.nodeName must be the node with hostPath, got nothing/);
    await refused(
      { claimName: "a" },
      { s3: { bucket: "b" } },
      /storage\.backup must be left out with this storage, .* object store's own/,
    );
    const alone = { claim: { sizeGiB: 1, accessMode: ClaimAccessMode.ReadWriteOncePod } };
    await refused({ claimName: "a" }, alone, /can't be read by a second pod/);
    await refused(
      { claimName: "a", keep: 0 },
      node,
      /storage\.backup\.keep must be 1-1000, got 0; leave it out to use 7/,
    );
    await refused(
      { claimName: "a", schedule: "nightly" },
      node,
      /storage\.backup\.schedule must be five fields of cron/,
    );
    await refused({ claimName: "a", image: "busybox" }, node, /storage\.backup\.image must be an image with a tag/);
    await refused({ claimName: "B" }, node, /storage\.backup\.claimName must be lower-case/);
  });

  it("are made of nothing unless asked for", async () => {
    const run = await pod();
    assert.equal(run.all("CronJob").length + run.all("ConfigMap").length, 0);
  });
});
