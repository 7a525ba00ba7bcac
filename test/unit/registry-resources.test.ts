import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { type ContainerResourcesArgs, PodQosClass } from "../../components/registry/container-args";
import { container, deployment, pod, templateOf, withCollection } from "../../rig/registry/pod";

const ui = { host: "ui.example.com" };
const guaranteed = { scheduling: { qosClass: PodQosClass.Guaranteed } };

describe("what the pod's containers ask for and may take", () => {
  const rows: [string, ContainerResourcesArgs, object][] = [
    [
      "nothing: the recipe's requests, no limit of CPU",
      {},
      { requests: { cpu: "100m", memory: "100Mi" }, limits: { memory: "1536Mi" } },
    ],
    [
      "a limit: the request beside it, as in Kubernetes",
      { limits: { cpu: "2", memory: "64Mi" } },
      { requests: { cpu: "2", memory: "64Mi" }, limits: { cpu: "2", memory: "64Mi" } },
    ],
    [
      "a request: the limit stays",
      { requests: { cpu: "2", memory: "200Mi" } },
      { requests: { cpu: "2", memory: "200Mi" }, limits: { memory: "1536Mi" } },
    ],
    [
      "a request above the default limit, which follows it",
      { requests: { memory: "2Gi" } },
      { requests: { cpu: "100m", memory: "2Gi" }, limits: { memory: "2Gi" } },
    ],
    [
      "the recipe's, on both sides",
      { requests: { cpu: "100m", memory: "100Mi" }, limits: { cpu: "0.1", memory: "100Mi" } },
      { requests: { cpu: "100m", memory: "100Mi" }, limits: { cpu: "0.1", memory: "100Mi" } },
    ],
  ];
  for (const [what, resources, expected] of rows) {
    it(`is right for ${what}`, async () => {
      assert.deepEqual((await container("registry", { registry: { resources } })).resources, expected);
    });
  }

  it("is nothing for the UI, unless it is said", async () => {
    assert.equal((await container("registry-ui", { ui })).resources, undefined);
    const resources = { requests: { cpu: "50m" } };
    assert.deepEqual((await container("registry-ui", { ui: { ...ui, resources } })).resources, resources);
  });

  it("is the same on both sides for every container in the class Guaranteed", async () => {
    const storage = withCollection();
    const { spec } = templateOf(await deployment({ ...guaranteed, ui, storage }));
    const all = [...(spec["initContainers"] as typeof spec.containers), ...spec.containers];
    assert.deepEqual(
      all.map(({ name }) => name),
      ["cleaning", "registry", "registry-ui"],
    );
    for (const { name, resources } of all) {
      const { requests, limits } = resources as Record<string, object>;
      assert.deepEqual(requests, limits, name);
      assert.deepEqual(Object.keys(limits ?? {}), ["cpu", "memory"], name);
    }
    const amounts = { requests: { cpu: "2" }, limits: { memory: "3Gi" } };
    const taken = (await container("registry", { ...guaranteed, registry: { resources: amounts } })).resources;
    assert.deepEqual(taken, { requests: { cpu: "2", memory: "3Gi" }, limits: { cpu: "2", memory: "3Gi" } });
  });

  it("is refused where the sides don't go together, known now or later", async () => {
    const less = { requests: { cpu: "1.5", memory: "1Gi" }, limits: { cpu: "1", memory: "1000Mi" } };
    const late = { requests: { cpu: pulumi.output("1.5") }, limits: { cpu: pulumi.output("1") } };
    await assert.rejects(pod({ registry: { resources: less } }), (error: Error) => {
      assert.match(error.message, /registry\.resources\.requests\.cpu must be at most the limit, 1, got "1\.5"/);
      assert.match(error.message, /registry\.resources\.requests\.memory must be at most the limit, 1000Mi, got "1Gi"/);
      return true;
    });
    await assert.rejects(
      pod({ registry: { resources: late } }),
      /requests\.cpu must be at most the limit, 1, got "1\.5"/,
    );
    const apart = { requests: { cpu: "100m" }, limits: { cpu: "1" } };
    await assert.rejects(
      pod({ ...guaranteed, ui: { ...ui, resources: apart } }),
      /ui\.resources\.requests\.cpu must be the limit, 1, for the class Guaranteed, got "100m"; give one of the two/,
    );
    const same = { requests: { cpu: "1000m", memory: "1Gi" }, limits: { cpu: "1", memory: "1024Mi" } };
    await pod({ ...guaranteed, registry: { resources: same } });
  });
});
