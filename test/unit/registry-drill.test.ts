import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { RegistryBackupArgs, RegistryDrillArgs } from "../../components/registry/backup/args";
import type { RegistryPodArgs } from "../../components/registry/pod-args";
import type { RegistryStorageArgs } from "../../components/registry/storage/args";
import { onlyOn, pod, required } from "../../rig/registry/pod";

const claim: RegistryStorageArgs = { claim: { sizeGiB: 20 } };
const inClaim: RegistryBackupArgs = { claimName: "backups" };
const onNode: RegistryBackupArgs = { hostPath: "/mnt/backup" };
const made = (drill: RegistryDrillArgs | undefined, backup = inClaim, args: Partial<RegistryPodArgs> = {}) => {
  const storage = { ...(args.storage ?? required.storage), backup: { ...backup, ...(drill && { drill }) } };
  return pod({ ...args, storage });
};
interface Spec {
  schedule: string;
  suspend?: boolean;
  jobTemplate: { spec: { activeDeadlineSeconds?: number; template: { spec: Record<string, unknown> } } };
}
const specOf = async (...args: Parameters<typeof made>): Promise<Spec> =>
  (await made(...args)).one("CronJob", "main-drill").inputs["spec"] as Spec;
const podOf = ({ jobTemplate }: Spec): Record<string, unknown> => jobTemplate.spec.template.spec;

describe("the drill of a backup", () => {
  it("is a job that has the snapshots to read, room of its own, and none of the registry's images", async () => {
    const run = await made({ schedule: "0 5 * * 0" });
    const { inputs } = run.one("CronJob", "main-drill");
    assert.deepEqual(inputs["metadata"], { name: "kube-registry-v0-drill", namespace: "kube-system" });
    const spec = inputs["spec"] as Spec;
    assert.deepEqual(
      [spec.schedule, spec.suspend, spec.jobTemplate.spec.activeDeadlineSeconds],
      ["0 5 * * 0", false, 86400],
    );
    const { containers, volumes, ...rest } = podOf(spec) as {
      containers: Record<string, unknown>[];
      volumes: unknown[];
    };
    assert.deepEqual(volumes, [
      { name: "backups", persistentVolumeClaim: { claimName: "backups" } },
      { name: "scratch", emptyDir: {} },
      { name: "scripts", configMap: { name: "kube-registry-v0-backup" } },
      { name: "tmp", emptyDir: {} },
    ]);
    const [copy] = containers;
    assert.deepEqual(copy?.["command"], ["/bin/sh", "/scripts/drill.sh"]);
    assert.deepEqual(copy?.["env"], [
      { name: "SPARE", value: "20" },
      { name: "BACKUPS", value: "/backups" },
      { name: "SCRATCH", value: "/scratch" },
    ]);
    assert.deepEqual((copy?.["volumeMounts"] as unknown[]).slice(0, 2), [
      { name: "backups", mountPath: "/backups", readOnly: true },
      { name: "scratch", mountPath: "/scratch", readOnly: false },
    ]);
    assert.deepEqual(rest, {
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      nodeSelector: {},
      affinity: onlyOn("node-1"),
      securityContext: { seccompProfile: { type: "RuntimeDefault" }, fsGroup: 1000 },
    });
    const restore = (run.one("CronJob", "main-restore").inputs["spec"] as Spec).jobTemplate.spec.template.spec;
    const [restoring] = restore["containers"] as Record<string, unknown>[];
    for (const name of ["image", "resources", "securityContext"])
      assert.deepEqual(copy?.[name], restoring?.[name], name);
  });

  it("is there to be started by hand with every backup, and runs by itself only when it has a schedule", async () => {
    for (const drill of [undefined, {}, { sizeGiB: 5 }]) {
      const { suspend, schedule } = await specOf(drill);
      assert.deepEqual([suspend, schedule], [true, "0 0 1 1 *"], JSON.stringify(drill));
    }
    assert.equal((await specOf({ schedule: pulumi.output("5 5 * * *") })).suspend, false);
    assert.equal((await pod()).all("CronJob").length, 0);
  });

  it("has a volume that goes with it, all of it to be used, where a size is given", async () => {
    const own = podOf(await specOf({ sizeGiB: 300, storageClass: "slow" }, onNode));
    assert.deepEqual((own["volumes"] as unknown[])[1], {
      name: "scratch",
      ephemeral: {
        volumeClaimTemplate: {
          spec: {
            accessModes: ["ReadWriteOnce"],
            resources: { requests: { storage: "300Gi" } },
            storageClassName: "slow",
          },
        },
      },
    });
    const [copy] = own["containers"] as { env: unknown[]; securityContext: Record<string, unknown> }[];
    assert.deepEqual(copy?.env[0], { name: "SPARE", value: "0" });
    assert.equal(copy?.securityContext["runAsUser"], undefined, "the registry's own user, as a restore");
    assert.deepEqual(own["securityContext"], { seccompProfile: { type: "RuntimeDefault" }, fsGroup: 1000 });
    const { volumes } = podOf(await specOf({ sizeGiB: 1 })) as { volumes: unknown[] };
    assert.doesNotMatch(JSON.stringify(volumes), /storageClassName/);
  });

  it("runs where a restore would, as its user, and lets a cache lack what it has not fetched", async () => {
    const registry = { proxy: { remoteUrl: "https://registry-1.docker.io" } };
    const scheduling = { nodeSelector: { disk: "ssd" }, tolerations: [{ key: "images", operator: "Exists" }] };
    const backup = { ...onNode, nodeName: "node-2" };
    const spec = podOf(await specOf({}, backup, { storage: claim, scheduling, registry }));
    assert.deepEqual(spec["nodeSelector"], { disk: "ssd" });
    assert.deepEqual((spec["affinity"] as { nodeAffinity: unknown }).nodeAffinity, onlyOn("node-2").nodeAffinity);
    assert.deepEqual(spec["tolerations"], scheduling.tolerations);
    assert.deepEqual(spec["securityContext"], { seccompProfile: { type: "RuntimeDefault" } }, "no claim, no group");
    const [copy] = spec["containers"] as { env: unknown[]; securityContext: Record<string, unknown> }[];
    assert.deepEqual(copy?.env.at(-1), { name: "CACHE", value: "true" });
    assert.equal(copy?.securityContext["runAsUser"], 1000);
  });

  it("is refused with a setting that is wrong, or has no effect", async () => {
    const refused = (drill: RegistryDrillArgs, problem: RegExp) => assert.rejects(made(drill), problem);
    await refused(
      { schedule: "weekly" },
      /storage\.backup\.drill\.schedule must be five fields of cron.*; correct it, or/,
    );
    await refused({ sizeGiB: 0 }, /drill\.sizeGiB must be a whole number from 1 on, got 0; give the size/);
    await refused(
      { schedule: "0 5 * * 0", lateDays: 0 },
      /drill\.lateDays must be 1-3660, got 0; leave it out to use 15/,
    );
    await refused(
      { lateDays: 3 },
      /drill\.lateDays must be left out without a schedule, got a setting; give a schedule/,
    );
    await refused(
      { storageClass: "fast" },
      /drill\.storageClass must be left out without sizeGiB, got a setting; give the/,
    );
  });
});
