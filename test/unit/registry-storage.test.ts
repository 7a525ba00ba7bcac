import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { ClaimAccessMode, type RegistryStorageArgs } from "../../components/registry/storage/args";
import type { Registered } from "../../rig/pulumi/mocks";
import { container, deployment, pod, required, templateOf, variables, waitFor } from "../../rig/registry/pod";

const secret = (text: string): pulumi.Output<string> => pulumi.secret(text);
const s3: RegistryStorageArgs = {
  s3: {
    bucket: "images",
    accessKeyId: secret("0123e5"),
    secretAccessKey: secret("hunter2"),
    endpoint: "http://s3.test",
  },
};
const claim: RegistryStorageArgs = { claim: { sizeGiB: 20 } };

describe("images in a directory of a node", () => {
  it("may be found by the node's labels", async () => {
    const storage = { hostPath: { nodeLabels: { "example.com/images": "yes" } } };
    assert.deepEqual(templateOf(await deployment({ storage })).spec["nodeSelector"], { "example.com/images": "yes" });
  });

  it("can't be lost by a pod that moves", async () => {
    const nowhere = { hostPath: { path: "/srv/images" } };
    await assert.rejects(pod({ storage: nowhere }), /storage\.hostPath\.nodeName must be the node/);
    await assert.rejects(pod({ storage: {} }), /storage must be set, got nothing; give the place of the images/);
    for (const storage of [{ hostPath: {} }, { redirects: false }]) {
      const none = /storage must be with one of hostPath, claim, s3, gcs, azure, got nothing/;
      await assert.rejects(pod({ storage }), none);
    }
    const both = { hostPath: { nodeName: "node-1" }, ...s3 };
    await assert.rejects(pod({ storage: both }), /storage must be with one of .*, got hostPath and s3/);
  });
});

describe("images in a claim's volume", () => {
  it("outlive the stack", async () => {
    const made = (await pod({ storage: claim })).one("PersistentVolumeClaim");
    assert.equal(made.options.retainOnDelete, true);
    assert.deepEqual(made.inputs, {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: {
        name: "kube-registry-images",
        namespace: "kube-system",
        annotations: { "pulumi.com/skipAwait": "true", "private-registry/on-destroy": "keep" },
      },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "20Gi" } } },
    });
  });

  it("are deleted with the stack when that was asked for", async () => {
    const storage = { claim: { sizeGiB: 1, deleteImages: "mine", storageClass: "fast", name: "mine" } };
    const made = (await pod({ storage })).one("PersistentVolumeClaim");
    assert.equal(made.options.retainOnDelete, false);
    assert.match(JSON.stringify(made.inputs), /"name":"mine".*"storageClassName":"fast"/);
  });

  it("are deleted only if that was asked twice", async () => {
    const asked = (claim: object) => pod({ storage: { claim: { sizeGiB: 1, ...claim } } });
    const once = /storage\.claim\.deleteImages must be kube-registry-images, the claim's name, got "yes"; give it/;
    await assert.rejects(asked({ deleteImages: "yes" }), once);
    await assert.rejects(asked({ deleteImages: true }), /storage\.claim\.deleteImages must be a text, got true; write/);
    const other = asked({ name: "mine", deleteImages: "kube-registry-images" });
    await assert.rejects(other, /must be mine, the claim's name/);
    const later = asked({ name: pulumi.output("mine"), deleteImages: "other" });
    await assert.rejects(later, /storage\.claim\.deleteImages must be mine, the claim's name, got "other"/);
    const made = await asked({ name: pulumi.output("mine"), deleteImages: "mine" });
    assert.equal(made.one("PersistentVolumeClaim").options.retainOnDelete, false);
    const no = await asked({ name: "mine" });
    assert.equal(no.one("PersistentVolumeClaim").options.retainOnDelete, true);
  });

  it("in a directory or a bucket are nothing that the stack could delete", async () => {
    for (const storage of [{ hostPath: { nodeName: "node-1" } }, s3]) {
      const run = await pod({ storage });
      const kinds = run.resources.map(({ type }) => type.split(":").pop()).sort();
      assert.deepEqual(kinds, ["Deployment", "RegistryPod", "Secret"]);
    }
  });

  it("may be in a claim of the user's own, of which nothing is made", async () => {
    const run = await pod({ storage: { claim: { existingName: "my-claim" } } });
    assert.equal(run.all("PersistentVolumeClaim").length, 0);
    const volumes = templateOf(run.one("apps/v1:Deployment")).spec.volumes;
    assert.deepEqual(volumes[0], { name: "image-store", persistentVolumeClaim: { claimName: "my-claim" } });
  });

  it("are used by a registry that is not root and may nothing", async () => {
    const { spec } = templateOf(await deployment({ storage: claim }));
    assert.deepEqual(spec["securityContext"], { seccompProfile: { type: "RuntimeDefault" }, fsGroup: 1000 });
    assert.deepEqual(spec.containers[0]?.["securityContext"], {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
      runAsUser: 1000,
      runAsGroup: 1000,
      runAsNonRoot: true,
    });
  });

  it("go from the old pod to the new one where only one may have them", async () => {
    const made = (accessMode: ClaimAccessMode) =>
      deployment({ storage: { claim: { sizeGiB: 1, accessMode } }, waitWithKubectl: false });
    const strategy = ({ inputs }: Registered): string =>
      (inputs["spec"] as { strategy: { type: string } }).strategy.type;
    const [one, many] = [await made(ClaimAccessMode.ReadWriteOnce), await made(ClaimAccessMode.ReadWriteMany)];
    assert.equal(strategy(one), "Recreate");
    assert.match(waitFor(one) ?? "", /updatedReplicas/);
    assert.equal(strategy(many), "RollingUpdate");
    assert.equal(waitFor(many), undefined);
  });

  it("need a size", async () => {
    await assert.rejects(
      pod({ storage: { claim: { name: "mine" } } }),
      /storage\.claim\.sizeGiB must be a whole number from 1 on, got nothing/,
    );
  });
});

describe("images in an object store", () => {
  it("are reached by variables, with the credentials in a secret, quoted so that they stay texts", async () => {
    const run = await pod({ storage: s3 });
    const found = await variables("registry", { storage: s3 });
    assert.equal(found["REGISTRY_STORAGE"], '"s3"');
    assert.equal(found["REGISTRY_STORAGE_S3_BUCKET"], '"images"');
    assert.equal(found["REGISTRY_STORAGE_S3_REGION"], '"us-east-1"');
    assert.equal(found["REGISTRY_STORAGE_S3_REGIONENDPOINT"], '"http://s3.test"');
    assert.equal(found["REGISTRY_STORAGE_S3_FORCEPATHSTYLE"], "true");
    assert.equal(found["REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY"], undefined);
    assert.equal(found["REGISTRY_STORAGE_REDIRECT_DISABLE"], "true");
    const name = "kube-registry-v0-environment";
    const key = "REGISTRY_STORAGE_S3_ACCESSKEY";
    assert.deepEqual(found[key], { secretKeyRef: { name, key } });
    const data = run.one("Secret").inputs["data"] as Record<string, string>;
    assert.equal(Buffer.from(data[key] ?? "", "base64").toString(), '"0123e5"');
    assert.doesNotMatch(JSON.stringify(run.one("apps/v1:Deployment").inputs), /hunter2|0123e5/);
  });

  it("may be encrypted, below a path of their own, and named in the host", async () => {
    const more = { pathStyle: false, rootDirectory: "/registry", encrypt: true, encryptionKeyId: "key-1" };
    const found = await variables("registry", {
      storage: { s3: { bucket: "b", endpoint: "https://s3.test", ...more } },
    });
    assert.equal(found["REGISTRY_STORAGE_S3_FORCEPATHSTYLE"], "false");
    assert.equal(found["REGISTRY_STORAGE_S3_ROOTDIRECTORY"], '"/registry"');
    assert.equal(found["REGISTRY_STORAGE_S3_ENCRYPT"], "true");
    assert.equal(found["REGISTRY_STORAGE_S3_KEYID"], '"key-1"');
    const gcs = await variables("registry", { storage: { gcs: { bucket: "b", rootDirectory: "/registry" } } });
    assert.equal(gcs["REGISTRY_STORAGE_GCS_ROOTDIRECTORY"], '"/registry"');
    const azure = { accountName: "acc", container: "images", realm: "core.chinacloudapi.cn" };
    const realm = (await variables("registry", { storage: { azure } }))["REGISTRY_STORAGE_AZURE_REALM"];
    assert.equal(realm, '"core.chinacloudapi.cn"');
    const wrong = pod({ storage: { s3: { bucket: "b", rootDirectory: "a\nb" } } });
    await assert.rejects(wrong, /storage\.s3\.rootDirectory must be a text/);
  });

  it("need no volume, no node and no root", async () => {
    const { spec } = templateOf(await deployment({ storage: s3 }));
    assert.deepEqual(spec["nodeSelector"], {});
    assert.ok(!JSON.stringify(spec).includes("image-store"));
    assert.equal((spec.containers[0]?.["securityContext"] as { runAsUser: number }).runAsUser, 1000);
  });

  it("may be sent for by redirects", async () => {
    const found = await variables("registry", { storage: { ...s3, redirects: true } });
    assert.equal(found["REGISTRY_STORAGE_REDIRECT_DISABLE"], "false");
  });

  it("are reached by the cloud's identity without credentials", async () => {
    const args = { storage: { s3: { bucket: "images" } }, serviceAccountName: "registry" };
    const found = await variables("registry", args);
    assert.equal(found["REGISTRY_STORAGE_S3_ACCESSKEY"], undefined);
    assert.equal(templateOf(await deployment(args)).spec["serviceAccountName"], "registry");
    const azure = {
      storage: { azure: { accountName: "acc", container: "images" } },
      registry: { image: "registry:2.8" },
    };
    await assert.rejects(pod(azure), /storage\.azure\.accountKey must be a key with registry 2, got nothing; give the/);
    const half = { s3: { bucket: "images", accessKeyId: "id" } };
    await assert.rejects(pod({ storage: half }), /storage\.s3\.secretAccessKey must be set, since accessKeyId is/);
  });

  it("are reached by variables of the user's own secrets", async () => {
    const storage = { s3: { bucket: "images" }, garbageCollection: { schedule: "0 4 * * 0" } };
    const registry = { secretNames: ["s3-credentials", "more"] };
    const made = templateOf(await deployment({ storage, registry })).spec;
    const expected = [{ secretRef: { name: "s3-credentials" } }, { secretRef: { name: "more" } }];
    assert.deepEqual(made.containers[0]?.["envFrom"], expected);
    assert.deepEqual((made["initContainers"] as Record<string, unknown>[])[0]?.["envFrom"], expected);
    assert.equal("envFrom" in (await container("registry", { storage })), false);
    const wrong = pod({ registry: { secretNames: ["more", "A B"] } });
    await assert.rejects(wrong, /registry\.secretNames\[1\] must be lower-case letters, .*, got "A B"; give the name/);
  });

  it("of Google are reached by a key file that lies in the secret", async () => {
    const storage = { gcs: { bucket: "images", keyFileJson: secret('{"private_key":"hunter2"}') } };
    const run = await pod({ storage });
    const found = await variables("registry", { storage });
    assert.equal(found["REGISTRY_STORAGE"], '"gcs"');
    assert.equal(found["REGISTRY_STORAGE_GCS_KEYFILE"], '"/storage-credentials/gcs-key.json"');
    const data = run.one("Secret").inputs["data"] as Record<string, string>;
    assert.match(Buffer.from(data["gcs-key.json"] ?? "", "base64").toString(), /hunter2/);
    assert.ok(
      (await container("registry", { storage })).volumeMounts?.some((each) =>
        JSON.stringify(each).includes("/storage-credentials"),
      ),
    );
    assert.ok(!JSON.stringify((await container("registry", { storage })).env).includes('gcs-key.json","valueFrom'));
  });

  it("of Azure are reached by the account's key", async () => {
    const storage = { azure: { accountName: "acc", container: "images", accountKey: secret("hunter2") } };
    const found = await variables("registry", { storage });
    assert.equal(found["REGISTRY_STORAGE"], '"azure"');
    assert.equal(found["REGISTRY_STORAGE_AZURE_ACCOUNTNAME"], '"acc"');
    assert.equal(found["REGISTRY_STORAGE_AZURE_CREDENTIALS"], '{"type":"shared_key"}');
    assert.ok(typeof found["REGISTRY_STORAGE_AZURE_ACCOUNTKEY"] === "object");
  });
});

describe("several replicas", () => {
  it("are spread, and go one at a time", async () => {
    const run = await pod({ storage: s3, registry: { replicas: 3 } });
    const made = run.one("apps/v1:Deployment");
    assert.equal((made.inputs["spec"] as { replicas: number }).replicas, 3);
    const spread = templateOf(made).spec["topologySpreadConstraints"] as { matchLabelKeys: string[] }[];
    assert.equal(spread.length, 1);
    assert.deepEqual(spread[0]?.matchLabelKeys, ["pod-template-hash"], "the pods of an earlier version don't count");
    const budget = run.one("PodDisruptionBudget").inputs["spec"];
    const matchLabels = { "k8s-app": "kube-registry", version: "v0" };
    assert.deepEqual(budget, { maxUnavailable: 1, selector: { matchLabels } });
  });

  it("are refused where images are not shared", async () => {
    const made = (replicas: number, more: RegistryStorageArgs = required.storage) =>
      pod({ storage: more, registry: { replicas } });
    await assert.rejects(made(2), /registry\.replicas must be 1 with this storage, got 2; use an object store/);
    await assert.rejects(made(2, claim), /registry\.replicas must be 1 with this storage/);
    await assert.rejects(made(0, s3), /registry\.replicas must be 1-100, got 0/);
    const collected = { ...s3, garbageCollection: { schedule: "0 4 * * 0" } };
    await assert.rejects(made(2, collected), /registry\.replicas must be 1 with garbage collection, got 2/);
  });
});
