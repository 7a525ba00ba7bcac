import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { SsoLogin, TokenVerifier } from "../../components";
import { StoreCheck } from "../../components/registry/args";
import type { RegistryBackupArgs } from "../../components/registry/backup/args";
import { type Run, underMocks } from "../../rig/pulumi/mocks";
import { anchors, textOf } from "../support/docs";
import { container, pod, required, variables } from "../../rig/registry/pod";

const monitoring = { metrics: true };

describe("metrics", () => {
  it("are on a port of the pod that no node opens, only for the readers", async () => {
    const run = await pod({ monitoring, ui: { host: "ui.example.com" } });
    const found = await variables("registry", { monitoring });
    assert.equal(found["REGISTRY_HTTP_DEBUG_ADDR"], '":5001"');
    assert.equal(found["REGISTRY_HTTP_DEBUG_PROMETHEUS_ENABLED"], "true");
    const service = run.one("Service").inputs["spec"] as Record<string, unknown>;
    assert.equal(service["clusterIP"], "None");
    const { ingress } = run.one("NetworkPolicy").inputs["spec"] as { ingress: Record<string, unknown>[] };
    assert.deepEqual(ingress, [
      {
        ports: [
          { port: 5000, protocol: "TCP" },
          { port: 80, protocol: "TCP" },
        ],
      },
      {
        from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } }],
        ports: [{ port: 5001, protocol: "TCP" }],
      },
    ]);
    assert.equal(run.all("CustomResource").length, 0);
  });

  it("are found by the Prometheus operator when asked for, with alerts", async () => {
    const more = { serviceMonitor: true, rules: true, labels: { release: "prometheus" } };
    const run = await pod({ monitoring: { ...monitoring, ...more } });
    const kinds = run.resources.map((each) => each.inputs["kind"]);
    assert.ok(kinds.includes("ServiceMonitor") && kinds.includes("PrometheusRule"), kinds.join());
    const rule = run.resources.find((each) => each.inputs["kind"] === "PrometheusRule");
    assert.match(JSON.stringify(rule?.inputs), /PrivateRegistryDown.*deployment=\\"kube-registry-v0\\"/);
    assert.match(JSON.stringify(rule?.inputs["metadata"]), /"labels":\{"release":"prometheus"\}/);
  });
});

describe("every alert", () => {
  interface Rule {
    alert: string;
    annotations: Record<string, string>;
  }
  const rulesOf = (run: Run<unknown>): Rule[] => {
    const rule = run.resources.find((each) => each.inputs["kind"] === "PrometheusRule");
    return (rule?.inputs["spec"] as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules);
  };
  const ofVerifier = async (runbookUrl?: string): Promise<Rule[]> => {
    const args = { issuer: { name: "github" }, audience: "registry.example.com", tlsSecretName: "a", tlsChecksum: "b" };
    const watched = { alert: true, ...(runbookUrl === undefined ? {} : { runbookUrl }) };
    return rulesOf(await underMocks(() => new TokenVerifier("main", { ...args, ...watched })));
  };
  const ofLogin = async (runbookUrl?: string): Promise<Rule[]> => {
    const args = {
      ...{ issuer: { name: "gitlab" }, clientId: "registry", clientSecret: "secret", cookieSecret: "c".repeat(32) },
      ...{ uiHost: "ui.example.com", tlsSecretName: "a", tlsChecksum: "b", alert: true },
    };
    const watched = { ...args, ...(runbookUrl === undefined ? {} : { runbookUrl }) };
    return rulesOf(await underMocks(() => new SsoLogin("main", watched)));
  };
  const ofMirror = async (runbookUrl?: string): Promise<Rule[]> => {
    const watched = { ...monitoring, rules: true, ...(runbookUrl === undefined ? {} : { runbookUrl }) };
    const registry = { proxy: { remoteUrl: "https://ghcr.io" } };
    return rulesOf(await pod({ storage: { claim: { sizeGiB: 1 } }, registry, readerPort: 5005, monitoring: watched }));
  };
  const alerts = async (runbookUrl?: string): Promise<Rule[]> => {
    const backup = { claimName: "a", drill: { schedule: "0 5 * * 0" } };
    const places = [required.storage, { claim: { sizeGiB: 1 } }];
    const found = places.map(async (place) => {
      const storage = { ...place, backup } as typeof required.storage;
      const watched = { ...monitoring, rules: true, ...(runbookUrl === undefined ? {} : { runbookUrl }) };
      return rulesOf(await pod({ storage, registryHost: "registry.example.com", monitoring: watched }));
    });
    return (await Promise.all([...found, ofMirror(runbookUrl), ofVerifier(runbookUrl), ofLogin(runbookUrl)])).flat();
  };

  it("names a runbook: a heading of a document that is there", async () => {
    const found = await alerts();
    for (const { alert, annotations } of found) {
      const [file = "", anchor = ""] = (annotations["runbook_url"] ?? "").split("#");
      assert.match(file, /^docs\/.*\.md$/, alert);
      assert.ok(anchors(file).includes(anchor), `${alert}: ${file} has no heading ${anchor}`);
    }
    const table = textOf("docs/watching.md").match(/^\| PrivateRegistry\w+/gm) ?? [];
    const named = [...new Set(found.map(({ alert }) => `| ${alert}`))];
    assert.deepEqual(named.sort(), table.sort(), "docs/watching.md has each of them");
  });

  it("has it as an address where the stack knows where the documents are read", async () => {
    for (const base of ["https://git.example.com/registry/blob/main", "https://git.example.com/registry/blob/main/"]) {
      for (const { annotations } of await alerts(base)) {
        assert.match(annotations["runbook_url"] ?? "", /^https:\/\/git\.example\.com\/registry\/blob\/main\/docs\/\w/);
      }
    }
    await assert.rejects(
      alerts("docs"),
      /monitoring\.runbookUrl must be a URL that begins with https:\/\/ or http:\/\//,
    );
  });
});

describe("the alerts of snapshots", () => {
  const alerts = async (backup: RegistryBackupArgs | undefined): Promise<{ alert: string; expr: string }[]> => {
    const storage = { ...required.storage, ...(backup && { backup }) };
    const run = await pod({ storage, monitoring: { ...monitoring, rules: true } });
    const rule = run.resources.find((each) => each.inputs["kind"] === "PrometheusRule");
    const { groups } = rule?.inputs["spec"] as { groups: { rules: { alert: string; expr: string }[] }[] };
    return (groups[0]?.rules ?? []).filter(({ alert }) => /Backup|Drill/.test(alert));
  };
  const names = (found: { alert: string }[]): string[] => found.map(({ alert }) => alert);

  it("are about what runs by itself, and nothing else", async () => {
    assert.deepEqual(names(await alerts(undefined)), []);
    assert.deepEqual(names(await alerts({ claimName: "a" })), ["PrivateRegistryBackupFailed"]);
    const drill = { schedule: "0 5 * * 0", lateDays: 8 };
    const found = await alerts({ claimName: "a", drill });
    const all = ["PrivateRegistryBackupFailed", "PrivateRegistryDrillFailed", "PrivateRegistryDrillLate"];
    assert.deepEqual(names(found), all);
    assert.match(found[2]?.expr ?? "", /cronjob="kube-registry-v0-drill"\}\) > 691200$/);
    assert.match(found[1]?.expr ?? "", /owner_name="kube-registry-v0-drill"/);
    assert.match(found[0]?.expr ?? "", /owner_name="kube-registry-v0-backup"/);
  });
});

describe("the dashboard", () => {
  it("is a ConfigMap that Grafana's sidecar finds, when asked for", async () => {
    assert.equal((await pod({ monitoring })).all("ConfigMap").length, 0);
    const run = await pod({
      monitoring: { ...monitoring, dashboard: true },
      registryHost: pulumi.output("example.com"),
    });
    const { metadata, data } = run.one("ConfigMap", "main-dashboard").inputs as {
      metadata: unknown;
      data: Record<string, string>;
    };
    const labels = { grafana_dashboard: "1" };
    assert.deepEqual(metadata, { name: "kube-registry-v0-dashboard", namespace: "kube-system", labels });
    const text = data["kube-system-kube-registry-v0.json"] ?? "";
    assert.equal((JSON.parse(text) as { title: string }).title, "Private registry example.com");
    const labelled = { ...monitoring, dashboard: true, dashboardLabels: { board: "yes" } };
    const other = (await pod({ monitoring: labelled })).one("ConfigMap");
    assert.deepEqual((other.inputs["metadata"] as { labels: unknown }).labels, { board: "yes" });
    const wrong = pod({ monitoring: { ...monitoring, certificateHours: 0 } });
    await assert.rejects(wrong, /monitoring\.certificateHours must be 1-87600, got 0/);
    const alone = pod({ monitoring: { dashboard: true } });
    await assert.rejects(
      alone,
      /monitoring\.dashboard must be left out without metrics, got a setting; set monitoring/,
    );
  });
});

describe("the probes", () => {
  const ready = async (args: Parameters<typeof container>[1] = {}): Promise<Record<string, unknown>> =>
    (await container("registry", args))["readinessProbe"] as Record<string, unknown>;
  const command = async (args: Parameters<typeof container>[1] = {}): Promise<string[]> =>
    ((await ready(args))["exec"] as { command: string[] }).command;
  const s3 = { storage: { s3: { bucket: "images" } } };
  const health = { path: "/debug/health", port: "metrics" };

  it("take the pod out of service for a broken or full store, and don't restart it", async () => {
    assert.deepEqual(await command(), [
      "/bin/sh",
      "-c",
      'printf "%65536s" x > "$0" && : > "$0"',
      "/var/lib/registry/.room-for-more",
    ]);
    const registry = await container("registry", { monitoring });
    assert.deepEqual((registry["livenessProbe"] as { tcpSocket: unknown }).tcpSocket, { port: "registry" });
    assert.deepEqual((registry["startupProbe"] as { tcpSocket: unknown }).tcpSocket, { port: "registry" });
  });

  it("only read a store that is read-only, and one of which no more is asked", async () => {
    const read = ["/bin/sh", "-c", 'cd "$0"', "/var/lib/registry"];
    assert.deepEqual(await command({ registry: { readOnly: true } }), read);
    assert.deepEqual(await command({ registry: { storeCheck: StoreCheck.Read } }), read);
    const port = { storeCheck: StoreCheck.Port };
    assert.deepEqual((await ready({ registry: port }))["tcpSocket"], { port: "registry" });
    assert.deepEqual((await ready({ registry: port, monitoring }))["httpGet"], health);
    const wrong = { storeCheck: "all" as StoreCheck };
    await assert.rejects(pod({ registry: wrong }), /registry\.storeCheck must be one of write, read, port, got "all"/);
  });

  it("ask the registry about an object store, on loopback", async () => {
    assert.match((await command(s3))[2] ?? "", /wget -q -T 4 -O \/dev\/null "\$0"$/);
    assert.equal((await command(s3))[3], "http://127.0.0.1:5001/debug/health");
    assert.equal((await variables("registry", s3))["REGISTRY_HTTP_DEBUG_ADDR"], '"127.0.0.1:5001"');
    assert.equal((await variables("registry", s3))["REGISTRY_HTTP_DEBUG_PROMETHEUS_ENABLED"], "false");
    const taken = { ...s3, registry: { port: 5001 } };
    assert.equal((await variables("registry", taken))["REGISTRY_HTTP_DEBUG_ADDR"], '"127.0.0.1:5002"');
    assert.deepEqual((await ready({ ...s3, monitoring }))["httpGet"], health);
    assert.equal((await variables("registry", { ...s3, monitoring }))["REGISTRY_HTTP_DEBUG_ADDR"], '":5001"');
    const port = { ...s3, registry: { storeCheck: StoreCheck.Port } };
    assert.equal((await variables("registry", port))["REGISTRY_HTTP_DEBUG_ADDR"], '""');
  });
});
