import { flatKey, type FlatName, goneKeys, isFlat } from "../../config/flat-keys";
import type { Settings } from "./settings";
import { isEmpty, isEncrypted, isTrue, plainOf } from "./values";

/** A reason to drop some keys if there is one. */
type Rule = [keys: readonly FlatName[], reason: (settings: Settings) => string | undefined];

const without = (needed: FlatName) => (settings: Settings) =>
  settings.has(needed) ? undefined : `had no effect without ${needed}`;
const forIssuer = (issuer: string) => (settings: Settings) => {
  const value = settings.value("certificateIssuer");
  if (isEncrypted(value)) return undefined;
  return plainOf(value) === issuer ? undefined : `had no effect without the issuer ${issuer}`;
};
const noMetrics = (settings: Settings) => {
  const value = settings.value("metrics");
  return isTrue(value) || isEncrypted(value) ? undefined : "had no effect without metrics: true";
};
const noUi = (after: string) => (settings: Settings) =>
  plainOf(settings.given("uiKind")) === "none" ? after : undefined;
const noStore = (settings: Settings) => {
  const stores = ["storageS3", "storageGcs", "storageAzure"] as const;
  return stores.some((store) => settings.has(store)) ? undefined : "had no effect without an object store";
};

/** What had no effect in 0.1.0, and what this version refuses or no longer knows. */
const RULES: readonly Rule[] = [
  [["uiKind"], noUi("none is gone: there is no UI without ui.host")],
  [["uiHost"], noUi("uiKind: none asked for no UI; new certificates are without this name")],
  [["storagePath"], without("storageNode")],
  [["cleaningDeleteUntagged", "cleaningKubectlImage"], without("cleaningSchedule")],
  [
    ["metricsServiceMonitor", "metricsRules", "metricsDashboard", "metricsLabels", "metricsCertificateHours"],
    noMetrics,
  ],
  [["proxyUsername", "proxyPassword", "proxyTtlHours"], without("proxyRemoteUrl")],
  [["storageRedirects"], noStore],
  [["providedChain", "providedKey"], forIssuer("provided")],
  [["privateCa"], forIssuer("private-ca")],
];

/** The flat keys of the file that are dropped, and why. */
export function droppedKeys(settings: Settings): Map<FlatName, string> {
  const names = settings.entries.map(({ name }) => name).filter(isFlat);
  const reasons = names.map((name) => [name, reasonFor(name, settings)] as const);
  return new Map(reasons.filter((entry): entry is [FlatName, string] => entry[1] !== undefined));
}

function reasonFor(name: FlatName, settings: Settings): string | undefined {
  const value = settings.given(name);
  if (flatKey(name).places.length === 0) return goneKeys[name];
  if (isEmpty(value)) return "an empty value stood for nothing";
  if (name === "renewBeforeHours" && plainOf(value) === 0) return "0 stood for nothing";
  return RULES.filter(([keys]) => keys.includes(name))
    .map(([, reason]) => reason(settings))
    .find((reason) => reason !== undefined);
}
