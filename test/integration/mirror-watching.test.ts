import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { ensureDebianPackages } from "../../lab/programs/debian";
import { FakeUpstream } from "../../rig/registry/fake-upstream";
import { pod } from "../../rig/registry/pod";
import { RegistryProcess, version3 } from "../../rig/registry/process";

interface Rules {
  groups: { name: string; rules: { alert: string; expr: string; annotations: object; labels: object }[] }[];
}

const NAME = "kube-registry-mirror-ghcr-io";

/** The rules and the queries of the dashboard that a mirror's pod brings. */
async function made(remoteUrl: string): Promise<{ rules: Rules; queries: string[] }> {
  const run = await pod({
    name: NAME,
    registry: { proxy: { remoteUrl } },
    readerPort: 5005,
    storage: { claim: { name: `${NAME}-cache`, sizeGiB: 10 } },
    monitoring: { metrics: true, rules: true, dashboard: true },
  });
  const rule = run.resources.find(({ inputs }) => inputs["kind"] === "PrometheusRule");
  const map = run.resources.find(({ name }) => name === "main-dashboard");
  const [file = "{}"] = Object.values((map?.inputs["data"] ?? {}) as Record<string, string>);
  const { panels } = JSON.parse(file) as { panels: { targets: { expr: string }[] }[] };
  return {
    rules: rule?.inputs["spec"] as Rules,
    queries: panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  };
}

describe("what watches a mirror", function () {
  this.timeout(600_000); // promtool may have to be installed
  let folder: string;
  before(async () => {
    await ensureDebianPackages(["prometheus"], () => undefined);
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "mirror-watching-"));
  });
  after(() => fs.rmSync(folder, { recursive: true }));
  const promtool = async (args: string[], files: Record<string, unknown>): Promise<void> => {
    for (const [name, value] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), stringify(value));
    const { all, exitCode } = await execa("promtool", args, { cwd: folder, all: true, reject: false });
    assert.equal(exitCode, 0, all);
  };

  it("asks for metrics that it has", async () => {
    const fake = await FakeUpstream.start();
    const args = { registry: { proxy: { remoteUrl: fake.url } }, monitoring: { metrics: true } };
    const mirror = await RegistryProcess.prepare(version3, args);
    try {
      await mirror.start();
      const { layer } = fake.image("some/image", "1");
      for (const target of ["manifests/1", `blobs/${layer}`, `blobs/${layer}`])
        assert.equal((await mirror.ask("GET", `/v2/some/image/${target}`)).status, 200);
      const said = await (await fetch(`http://${mirror.debugAddress}/metrics`)).text();
      const { rules, queries } = await made(fake.url);
      const asked = [...rules.groups.flatMap((group) => group.rules.map(({ expr }) => expr)), ...queries];
      const names = new Set(asked.flatMap((expr) => expr.match(/registry_(http|storage|proxy)_[a-z_]+/g) ?? []));
      assert.ok([...names].filter((name) => name.includes("_proxy_")).length >= 4, [...names].join());
      for (const name of names) assert.match(said, new RegExp(`^${name}(\\{| )`, "m"));
      assert.match(said, /^registry_http_requests_total\{[^}]*handler="manifest"/m);
    } finally {
      fake.close();
      await mirror.remove();
    }
  });

  it("fires each alert for what it is about, and none when all is well", async () => {
    const { rules, queries } = await made("https://ghcr.io");
    const all = rules.groups[0]?.rules ?? [];
    assert.deepEqual(
      all.map(({ alert }) => alert),
      ["PrivateRegistryMirrorDown", "PrivateRegistryMirrorStuck", "PrivateRegistryMirrorFull"],
    );
    const manifests = `namespace="kube-system",service="${NAME}-metrics",handler="manifest"`;
    const volume = `namespace="kube-system",persistentvolumeclaim="${NAME}-cache"`;
    const input = (bad: boolean): { series: string; values: string }[] => [
      {
        series: `kube_deployment_status_replicas_available{namespace="kube-system",deployment="${NAME}"}`,
        values: bad ? "0x60" : "1x60",
      },
      { series: `registry_http_in_flight_requests{${manifests}}`, values: "2x60" },
      { series: `registry_http_requests_total{${manifests},code="200"}`, values: bad ? "5x60" : "0+5x60" },
      { series: `kubelet_volume_stats_available_bytes{${volume}}`, values: bad ? "1x60" : "50x60" },
      { series: `kubelet_volume_stats_capacity_bytes{${volume}}`, values: "100x60" },
    ];
    const OWN: Record<string, object> = {
      PrivateRegistryMirrorFull: { namespace: "kube-system", persistentvolumeclaim: `${NAME}-cache` },
    };
    const tests = [true, false].map((bad) => ({
      interval: "1m",
      input_series: input(bad),
      alert_rule_test: all.map(({ alert, annotations, labels }) => ({
        eval_time: "1h",
        alertname: alert,
        exp_alerts: bad ? [{ exp_labels: { ...labels, ...OWN[alert] }, exp_annotations: annotations }] : [],
      })),
    }));
    const test = { rule_files: ["rules.yml"], evaluation_interval: "1m", tests };
    await promtool(["test", "rules", "test.yml"], { "rules.yml": rules, "test.yml": test });
    const record = queries.map((expr, index) => ({ record: `query:${index}`, expr }));
    await promtool(["check", "rules", "dashboard.yml"], {
      "dashboard.yml": { groups: [{ name: "d", rules: record }] },
    });
  });
});
