import { lastGoodRun, ofProbe, ofRegistry, type Target } from "./target";

interface Query {
  expr: string;
  legend: string;
}

interface Panel {
  title: string;
  unit: string;
  queries: Query[];
}

/** The dashboard of a registry, as Grafana imports it; its source of data is chosen on the page. */
export function dashboard(of: Target): object {
  const title = `${of.isMirror ? "Mirror" : "Private registry"} ${of.registryHost ?? of.deployment}`;
  return {
    title,
    uid: `private-registry-${of.namespace}-${of.deployment}`.slice(0, 40),
    tags: ["private-registry"],
    schemaVersion: 39,
    editable: true,
    refresh: "1m",
    time: { from: "now-6h", to: "now" },
    timezone: "",
    templating: { list: [{ name: "datasource", label: "Data source", type: "datasource", query: "prometheus" }] },
    panels: panels(of).map(drawn),
  };
}

/** Every query of the dashboard. */
export function dashboardQueries(of: Target): string[] {
  return panels(of).flatMap(({ queries }) => queries.map(({ expr }) => expr));
}

function panels(of: Target): Panel[] {
  const registry = ofRegistry(of);
  const workload = `namespace="${of.namespace}",deployment="${of.deployment}"`;
  const rate = (metric: string, by: string, more = ""): string =>
    `sum(rate(${metric}{${registry}${more}}[5m])) by (${by})`;
  const p95 = (metric: string, by: string): string =>
    `histogram_quantile(0.95, sum(rate(${metric}_bucket{${registry}}[5m])) by (le, ${by}))`;
  return [
    panel("Requests by status code", "reqps", rate("registry_http_requests_total", "code"), "{{code}}"),
    panel("Request duration (p95)", "s", p95("registry_http_request_duration_seconds", "handler"), "{{handler}}"),
    panel(
      "Server errors (5xx)",
      "reqps",
      rate("registry_http_requests_total", "handler", ',code=~"5.."'),
      "{{handler}}",
    ),
    panel(
      "In-flight requests",
      "short",
      `sum(registry_http_in_flight_requests{${registry}}) by (handler)`,
      "{{handler}}",
    ),
    {
      title: "Traffic",
      unit: "Bps",
      queries: [
        { expr: `sum(rate(registry_http_response_size_bytes_sum{${registry}}[5m]))`, legend: "pulled" },
        { expr: `sum(rate(registry_http_request_size_bytes_sum{${registry}}[5m]))`, legend: "pushed" },
      ],
    },
    panel("Storage operation duration (p95)", "s", p95("registry_storage_action_seconds", "action"), "{{action}}"),
    panel("Ready pods", "short", `kube_deployment_status_replicas_available{${workload}}`, "ready"),
    ...fetched(of),
    ...spaceLeft(of),
    ...sinceLastSnapshot(of),
    ...seenFromOutside(of),
  ];
}

/** What a mirror had, and what it had to fetch. */
function fetched(of: Target): Panel[] {
  if (!of.isMirror) return [];
  const sum = (metric: string): string => `sum(rate(registry_proxy_${metric}_total{${ofRegistry(of)}}[5m]))`;
  return [
    {
      title: "Requests that were kept, and that were fetched",
      unit: "reqps",
      queries: [
        { expr: sum("hits"), legend: "kept" },
        { expr: sum("misses"), legend: "fetched" },
      ],
    },
    {
      title: "Fetched and handed out",
      unit: "Bps",
      queries: [
        { expr: sum("pulled_bytes"), legend: "fetched" },
        { expr: sum("pushed_bytes"), legend: "handed out" },
      ],
    },
  ];
}

function spaceLeft({ claim, namespace }: Target): Panel[] {
  if (!claim) return [];
  const stats = (kind: string): string =>
    `kubelet_volume_stats_${kind}_bytes{namespace="${namespace}",persistentvolumeclaim="${claim}"}`;
  const queries = ["available", "capacity"].map((kind) => ({ expr: stats(kind), legend: kind }));
  return [{ title: "Image volume", unit: "bytes", queries }];
}

function sinceLastSnapshot(of: Target): Panel[] {
  if (!of.backup) return [];
  const jobs = ["backup", "drill"] as const;
  const queries = jobs.map((job) => ({ expr: `time() - ${lastGoodRun(of, job)}`, legend: job }));
  return [{ title: "Since the last good backup and drill", unit: "s", queries }];
}

function seenFromOutside({ registryHost }: Target): Panel[] {
  if (!registryHost) return [];
  const probe = ofProbe(registryHost);
  return [
    panel("Reachable from outside", "short", `probe_success{${probe}}`, "{{instance}}"),
    panel("Certificate validity left", "s", `probe_ssl_earliest_cert_expiry{${probe}} - time()`, "{{instance}}"),
  ];
}

function panel(title: string, unit: string, expr: string, legend: string): Panel {
  return { title, unit, queries: [{ expr, legend }] };
}

/** Two panels a row. */
function drawn({ title, unit, queries }: Panel, index: number): object {
  const datasource = { type: "prometheus", uid: "${datasource}" };
  return {
    id: index + 1,
    type: "timeseries",
    title,
    datasource,
    gridPos: { x: (index % 2) * 12, y: Math.floor(index / 2) * 8, w: 12, h: 8 },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: queries.map(({ expr, legend }, target) => ({
      refId: String.fromCharCode(65 + target),
      datasource,
      expr,
      legendFormat: legend,
    })),
  };
}
