import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import type { RegistryPodArgs } from "../../components/registry/pod-args";
import { ensureDebianPackages } from "../../lab/programs/debian";
import { pod } from "../../rig/registry/pod";
import { pullImage, pushImage } from "../../rig/registry/images";
import { RegistryProcess, version2, version3 } from "../../rig/registry/process";

interface Rules {
  groups: { name: string; rules: { alert: string; expr: string; annotations: object; labels: object }[] }[];
}
interface Dashboard {
  panels: { title: string; gridPos: object; targets: { expr: string }[] }[];
}

const HOST = "registry.example.com";
const monitoring = { metrics: true, rules: true, dashboard: true, certificateHours: 336 };

/** The rules and the dashboard that a pod brings, as the cluster gets them. */
async function made(args: Partial<RegistryPodArgs> = {}): Promise<{ rules: Rules; dashboard: Dashboard }> {
  const run = await pod({ registryHost: HOST, ...args, monitoring });
  const rule = run.resources.find(({ inputs }) => inputs["kind"] === "PrometheusRule");
  const map = run.resources.find(({ name }) => name === "main-dashboard");
  const [file = "{}"] = Object.values((map?.inputs["data"] ?? {}) as Record<string, string>);
  return { rules: rule?.inputs["spec"] as Rules, dashboard: JSON.parse(file) as Dashboard };
}

const claim = { storage: { claim: { sizeGiB: 10 }, backup: { claimName: "backups" } } };
const drilled = { storage: { ...claim.storage, backup: { claimName: "backups", drill: { schedule: "0 5 * * 0" } } } };
const queries = ({ panels }: Dashboard): string[] => panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

describe("what watches the registry", () => {
  let folder: string;
  before(async function () {
    this.timeout(600_000); // promtool may have to be installed
    await ensureDebianPackages(["prometheus"], () => undefined);
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "watching-"));
  });
  after(() => fs.rmSync(folder, { recursive: true }));
  const promtool = async (args: string[], files: Record<string, unknown>): Promise<string> => {
    for (const [name, value] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), stringify(value));
    const { all, exitCode } = await execa("promtool", args, { cwd: folder, all: true, reject: false });
    assert.equal(exitCode, 0, all);
    return all;
  };

  it("has alerts that promtool takes, for every storage", async () => {
    for (const args of [{}, claim, drilled, { storage: { s3: { bucket: "images" } } }]) {
      const { rules } = await made(args);
      const said = await promtool(["check", "rules", "--lint=all", "--lint-fatal", "rules.yml"], {
        "rules.yml": rules,
      });
      assert.match(said, new RegExp(`SUCCESS: ${rules.groups[0]?.rules.length} rules found`));
    }
  });

  it("fires each alert for what it is about, and none when all is well", async () => {
    const { rules } = await made(drilled);
    const node = (await made()).rules.groups[0]?.rules.filter(({ alert }) => alert === "PrivateRegistryNodeFull") ?? [];
    rules.groups[0]?.rules.push(...node);
    const registry = 'namespace="kube-system",service="kube-registry-v0-metrics"';
    const volume = 'namespace="kube-system",persistentvolumeclaim="kube-registry-images"';
    const probe = `instance="https://${HOST}/v2/"`;
    const day = 86_400;
    const series = (bad: boolean): [string, string][] => [
      [
        'kube_deployment_status_replicas_available{namespace="kube-system",deployment="kube-registry-v0"}',
        bad ? "0" : "1",
      ],
      [`kubelet_volume_stats_available_bytes{${volume}}`, bad ? "5" : "50"],
      [`kubelet_volume_stats_capacity_bytes{${volume}}`, "100"],
      ['kube_node_status_condition{node="node-1",condition="DiskPressure",status="true"}', bad ? "1" : "0"],
      [`probe_success{${probe}}`, bad ? "0" : "1"],
      [`probe_ssl_earliest_cert_expiry{${probe}}`, String((bad ? 10 : 60) * day)],
      ...snapshots(bad),
    ];
    const counters = (bad: boolean): [string, string][] => [
      [`registry_http_requests_total{${registry},code="500",handler="manifest"}`, bad ? "0+10x240" : "0+1x240"],
      [`registry_http_requests_total{${registry},code="200",handler="manifest"}`, "0+90x240"],
      [`registry_storage_action_seconds_bucket{${registry},action="Stat",le="1"}`, bad ? "0+1x240" : "0+100x240"],
      [`registry_storage_action_seconds_bucket{${registry},action="Stat",le="10"}`, "0+100x240"],
      [`registry_storage_action_seconds_bucket{${registry},action="Stat",le="+Inf"}`, "0+100x240"],
    ];
    const input = (bad: boolean) => [
      ...series(bad).map(([name, value]) => ({ series: name, values: `${value}x240` })),
      ...counters(bad).map(([name, values]) => ({ series: name, values })),
    ];
    const all = (rules.groups[0]?.rules ?? []).filter(({ alert }) => alert !== "PrivateRegistryNotAsked");
    assert.equal(all.length, 10);
    const alertsAre = (fires: boolean) =>
      all.map(({ alert, annotations, labels }) => {
        const own = OWN_LABELS[alert] ?? {};
        const exp_alerts = fires ? [{ exp_labels: { ...labels, ...own }, exp_annotations: annotations }] : [];
        return { eval_time: "2h", alertname: alert, exp_alerts };
      });
    const silent = {
      interval: "1m",
      input_series: [{ series: "up", values: "1x240" }],
      alert_rule_test: ["PrivateRegistryNotAsked", "PrivateRegistryDown"].map((alertname) => {
        const found = rules.groups[0]?.rules.find(({ alert }) => alert === alertname);
        const own = OWN_LABELS[alertname] ?? {};
        const expected = { exp_labels: { ...found?.labels, ...own }, exp_annotations: found?.annotations };
        return { eval_time: "2h", alertname, exp_alerts: [expected] };
      }),
    };
    const tests = [true, false].map((bad) => ({
      interval: "1m",
      input_series: input(bad),
      alert_rule_test: [...alertsAre(bad), { eval_time: "2h", alertname: "PrivateRegistryNotAsked", exp_alerts: [] }],
    }));
    const test = { rule_files: ["rules.yml"], evaluation_interval: "1m", tests: [...tests, silent] };
    await promtool(["test", "rules", "test.yml"], { "rules.yml": rules, "test.yml": test });
  });

  it("has a dashboard whose queries promtool takes, with panels that don't lie on each other", async () => {
    for (const args of [{}, { storage: { claim: { sizeGiB: 10 } } }, claim]) {
      const { dashboard } = await made(args);
      const record = queries(dashboard).map((expr, index) => ({ record: `query:${index}`, expr }));
      const rules = { groups: [{ name: "dashboard", rules: record }] };
      await promtool(["check", "rules", "dashboard.yml"], { "dashboard.yml": rules });
      const places = dashboard.panels.map(({ gridPos }) => JSON.stringify(gridPos));
      assert.equal(new Set(places).size, places.length);
    }
    const file = JSON.parse(
      fs.readFileSync(path.join(__dirname, "../../docs/grafana-dashboard.json"), "utf8"),
    ) as Dashboard;
    assert.deepEqual(file, (await made(claim)).dashboard, "npm run generate");
  });

  for (const version of [version2, version3]) {
    it(`asks for metrics that ${version.name} has`, async () => {
      const registry = await RegistryProcess.prepare(version, { monitoring: { metrics: true } });
      try {
        await registry.start();
        await pullImage(registry, "some/image", await pushImage(registry, "some/image", "content", { tags: ["1"] }));
        const said = await (await fetch(`http://${registry.debugAddress}/metrics`)).text();
        const { rules, dashboard } = await made();
        const asked = [...(rules.groups[0]?.rules ?? []).map(({ expr }) => expr), ...queries(dashboard)];
        const names = new Set(asked.flatMap((expr) => expr.match(/registry_(http|storage)_[a-z_]+/g) ?? []));
        assert.ok(names.size >= 5, [...names].join());
        for (const name of names) assert.match(said, new RegExp(`^${name}(\\{| )`, "m"));
        for (const label of ["code", "handler", "action", "le"]) assert.match(said, new RegExp(`[{,]${label}="`));
      } finally {
        await registry.remove();
      }
    });
  }
});

/** Labels that an alert has from the series that it is about. */
/**
 * What kube-state-metrics says at two hours after 1970: of good runs, and of ones that have failed, before those or
 * since. The drill has never ended well where all is bad, and is 16 days old.
 */
function snapshots(bad: boolean): [string, string][] {
  const names = ["backup", "drill"].map((job) => `kube-registry-v0-${job}`);
  return names.flatMap((name): [string, string][] => {
    const at = 'namespace="kube-system"';
    const job = `${at},job_name="${name}-1"`;
    return [
      [`kube_cronjob_created{${at},cronjob="${name}"}`, bad ? String(-16 * 86_400) : "0"],
      ...(bad && name.endsWith("drill")
        ? []
        : [[`kube_cronjob_status_last_successful_time{${at},cronjob="${name}"}`, "3600"] as [string, string]]),
      [`kube_job_owner{${job},owner_kind="CronJob",owner_name="${name}",owner_is_controller="true"}`, "1"],
      [`kube_job_failed{${job},condition="true"}`, "1"],
      [`kube_job_status_start_time{${job}}`, bad ? "3601" : "3599"],
      [`kube_job_owner{${job.replace("-1", "-other")},owner_kind="CronJob",owner_name="another"}`, "1"],
      [`kube_job_failed{${job.replace("-1", "-other")},condition="true"}`, "1"],
      [`kube_job_status_start_time{${job.replace("-1", "-other")}}`, "7000"],
    ];
  });
}

const OWN_LABELS: Record<string, Record<string, string>> = {
  PrivateRegistryVolumeFull: { namespace: "kube-system", persistentvolumeclaim: "kube-registry-images" },
  PrivateRegistryNodeFull: { node: "node-1", condition: "DiskPressure", status: "true" },
  PrivateRegistryGatewayDown: { instance: `https://${HOST}/v2/` },
  PrivateRegistryCertificateLate: { instance: `https://${HOST}/v2/` },
};
