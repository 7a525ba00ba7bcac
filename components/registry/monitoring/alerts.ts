import { lastGoodRun, ofJob, ofProbe, ofRegistry, type Target } from "./target";

/** An alert of Prometheus. */
interface Alert {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: string };
  annotations: { summary: string; runbook_url: string };
}

/** Where each alert's runbook is, in this repository. */
const RUNBOOKS = {
  PrivateRegistryDown: "docs/troubleshooting.md#clients-get-502-or-504",
  PrivateRegistryErrors: "docs/troubleshooting.md#the-registry-answers-with-errors",
  PrivateRegistryStorageSlow: "docs/troubleshooting.md#the-store-of-images-is-slow",
  PrivateRegistryVolumeFull: "docs/runbooks/disk-full.md#the-disk-with-the-images-is-full",
  PrivateRegistryNodeFull: "docs/runbooks/disk-full.md#the-disk-with-the-images-is-full",
  PrivateRegistryBackupFailed: "docs/runbooks/backup.md#what-can-go-wrong",
  PrivateRegistryDrillFailed: "docs/runbooks/drill.md#when-it-fails",
  PrivateRegistryDrillLate: "docs/runbooks/drill.md#the-drill-of-a-restore",
  PrivateRegistryGatewayDown: "docs/troubleshooting.md#the-registrys-address-does-not-answer",
  PrivateRegistryCertificateLate: "docs/runbooks/renewal-fails.md#a-renewal-fails",
  PrivateRegistryNotAsked: "docs/watching.md#asking-from-outside",
  PrivateRegistryMirrorDown: "docs/mirrors.md#when-a-mirror-is-down",
  PrivateRegistryMirrorStuck: "docs/mirrors.md#when-a-mirror-is-stuck",
  PrivateRegistryMirrorFull: "docs/mirrors.md#when-a-mirror-is-full",
} as const;

/**
 * The alerts, as the spec of a PrometheusRule: on what the registry says, the cluster's kube-state-metrics and kubelet,
 * and for gateways and certificate a blackbox exporter that asks the registry's address.
 */
export function alerts(of: Target): { groups: { name: string; rules: Alert[] }[] } {
  const gateways = of.registryHost ? ofTheGateways(of, of.registryHost) : [];
  const base = of.runbookUrl === undefined ? "" : `${of.runbookUrl.replace(/\/+$/, "")}/`;
  const registry = [...ofThePod(of), ...ofTheStore(of), ...ofTheSnapshots(of), ...gateways];
  const rules = (of.isMirror ? ofTheMirror(of) : registry).map(({ annotations, ...rest }): Alert => ({
    ...rest,
    annotations: { ...annotations, runbook_url: `${base}${annotations.runbook_url}` },
  }));
  return { groups: [{ name: of.deployment, rules }] };
}

function rule(alert: keyof typeof RUNBOOKS, expr: string, minutes: number, severity: string, summary: string): Alert {
  return {
    alert,
    expr,
    for: `${minutes}m`,
    labels: { severity },
    annotations: { summary, runbook_url: RUNBOOKS[alert] },
  };
}

function ofThePod(of: Target): Alert[] {
  const registry = ofRegistry(of);
  const workload = `namespace="${of.namespace}",deployment="${of.deployment}"`;
  return [
    rule(
      "PrivateRegistryDown",
      `absent(kube_deployment_status_replicas_available{${workload}} > 0)`,
      5,
      "critical",
      "No pod of the registry is ready: nobody can push or pull.",
    ),
    rule(
      "PrivateRegistryErrors",
      `sum(rate(registry_http_requests_total{${registry},code=~"5.."}[5m])) / sum(rate(registry_http_requests_total{${registry}}[5m])) > 0.05`,
      10,
      "warning",
      "More than 5% of the registry's answers are errors of its own; see its log.",
    ),
  ];
}

function ofTheStore(of: Target): Alert[] {
  const slow = rule(
    "PrivateRegistryStorageSlow",
    `histogram_quantile(0.95, sum(rate(registry_storage_action_seconds_bucket{${ofRegistry(of)}}[5m])) by (le)) > 5`,
    15,
    "warning",
    "The store of images takes more than 5 s for 5% of its actions.",
  );
  const claim = `namespace="${of.namespace}",persistentvolumeclaim="${of.claim}"`;
  const full = rule(
    "PrivateRegistryVolumeFull",
    `kubelet_volume_stats_available_bytes{${claim}} / kubelet_volume_stats_capacity_bytes{${claim}} < 0.1`,
    10,
    "critical",
    "The volume of images has less than a tenth left; the registry goes out of service when it is full.",
  );
  const pressed = rule(
    "PrivateRegistryNodeFull",
    `kube_node_status_condition{node="${of.node}",condition="DiskPressure",status="true"} == 1`,
    5,
    "critical",
    "The disk of the node with the images is nearly full; the node sends pods away, and the registry goes out of service.",
  );
  return [slow, ...(of.claim ? [full] : []), ...(of.node ? [pressed] : [])];
}

/** A mirror that is away stops nobody who has another way, so none of it is critical. */
function ofTheMirror(of: Target): Alert[] {
  const manifests = `${ofRegistry(of)},handler="manifest"`;
  const workload = `namespace="${of.namespace}",deployment="${of.deployment}"`;
  const claim = `namespace="${of.namespace}",persistentvolumeclaim="${of.claim}"`;
  const full = rule(
    "PrivateRegistryMirrorFull",
    `kubelet_volume_stats_available_bytes{${claim}} / kubelet_volume_stats_capacity_bytes{${claim}} < 0.1`,
    10,
    "warning",
    "The volume of a mirror has less than a tenth left; when it is full, nothing new is kept.",
  );
  return [
    rule(
      "PrivateRegistryMirrorDown",
      `absent(kube_deployment_status_replicas_available{${workload}} > 0)`,
      10,
      "warning",
      `No pod of ${of.deployment} is ready: nothing new is fetched, and nodes ask the registry itself, if they may.`,
    ),
    rule(
      "PrivateRegistryMirrorStuck",
      `sum(registry_http_in_flight_requests{${manifests}}) > 0 and sum(rate(registry_http_requests_total{${manifests}}[5m])) == 0`,
      5,
      "warning",
      `${of.deployment} has not answered for 5 minutes: its registry hangs, or the mirror does since that did; start it anew.`,
    ),
    ...(of.claim ? [full] : []),
  ];
}

function ofTheSnapshots(of: Target): Alert[] {
  const backup = rule(
    "PrivateRegistryBackupFailed",
    lastRunFailed(of, "backup"),
    5,
    "warning",
    "The last backup failed, or its snapshot is suspect; the job's log says why, and docs/runbooks/backup.md what to do.",
  );
  return [...(of.backup ? [backup] : []), ...(of.lateDrillDays ? ofTheDrill(of, of.lateDrillDays) : [])];
}

function ofTheDrill(of: Target, days: number): Alert[] {
  return [
    rule(
      "PrivateRegistryDrillFailed",
      lastRunFailed(of, "drill"),
      5,
      "warning",
      "The newest snapshot could not be restored in full, or that was not found out; the job's log names what is wrong, and docs/runbooks/drill.md says what to do.",
    ),
    rule(
      "PrivateRegistryDrillLate",
      `time() - max(${lastGoodRun(of, "drill")} or kube_cronjob_created{${ofJob(of, "drill")}}) > ${days * 86_400}`,
      60,
      "warning",
      `No drill has ended well for ${days} days: nobody knows whether the snapshots can be restored. Run npm run drill.`,
    ),
  ];
}

/** True if a run has failed that began after the last one that ended well; one that somebody has started counts too. */
function lastRunFailed(of: Target, job: "backup" | "drill"): string {
  const namespace = `namespace="${of.namespace}"`;
  const failed = `kube_job_failed{${namespace},condition="true"} == 1`;
  const owned = `kube_job_owner{${namespace},owner_kind="CronJob",owner_name="${of.deployment}-${job}"}`;
  const began = `kube_job_status_start_time{${namespace}} and on (job_name) (${failed}) and on (job_name) ${owned}`;
  return `max(${began}) > (max(${lastGoodRun(of, job)}) or vector(0))`;
}

function ofTheGateways(of: Target, registryHost: string): Alert[] {
  const probe = ofProbe(registryHost);
  return [
    rule(
      "PrivateRegistryGatewayDown",
      `probe_success{${probe}} == 0`,
      5,
      "critical",
      "The registry's address does not answer from outside, though its pods may be well: see the gateways.",
    ),
    rule(
      "PrivateRegistryCertificateLate",
      `(probe_ssl_earliest_cert_expiry{${probe}} - time()) / 3600 < ${of.certificateHours}`,
      60,
      "critical",
      `The certificate that is served ends in less than ${of.certificateHours} hours; the next pulumi up renews it.`,
    ),
    rule(
      "PrivateRegistryNotAsked",
      `absent(probe_success{${probe}})`,
      60,
      "warning",
      "No blackbox exporter asks the registry's address, so nobody would notice a gateway that is down or a certificate that ends.",
    ),
  ];
}
