import { dashboard } from "../components/registry/monitoring/dashboard";

/**
 * docs/grafana-dashboard.json: the dashboard for the recipe's names and registry.example.com, to be imported by hand.
 */
export function dashboardFile(): string {
  const names = { deployment: "kube-registry-v0", namespace: "kube-system", registryHost: "registry.example.com" };
  const alerted = { isMirror: false, certificateHours: 336, runbookUrl: undefined, lateDrillDays: undefined };
  const of = { ...names, ...alerted, claim: "kube-registry-images", node: undefined, backup: true };
  return `${JSON.stringify(dashboard(of), null, 2)}\n`;
}
