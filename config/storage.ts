import * as pulumi from "@pulumi/pulumi";
import type { PrivateRegistryArgs, Problem, RegistryNotificationArgs, RegistryStorageArgs } from "../components";
import { defined, texts } from "./shape";
import { settings, type Values } from "./settings";

/** The arguments of where the images are, and of what keeps, cleans and watches them. */
export function storageArgs(values: Values, problems: Problem[]): Pick<PrivateRegistryArgs, "storage"> & Extras {
  return {
    storage: storage(values, problems),
    ...defined({ replicas: values.replicas, cleaning: cleaning(values), metrics: metrics(values) }),
    ...defined({ backup: values.backup }),
    ...defined({ proxy: proxy(values), notifications: values.notifications && notices(values.notifications) }),
  };
}

type Extras = Partial<
  Pick<PrivateRegistryArgs, "replicas" | "backup" | "cleaning" | "metrics" | "proxy" | "notifications">
>;

/** The keys of the kinds of storage, and the argument that each becomes. */
const KINDS = { storageClaim: "claim", storageS3: "s3", storageGcs: "gcs", storageAzure: "azure" } as const;

function storage(values: Values, problems: Problem[]): RegistryStorageArgs {
  const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
  const chosen = kinds.filter((key) => values[key] !== undefined);
  const all = [...(values.storageNode ? ["storageNode"] : []), ...chosen];
  if (all.length !== 1) {
    const advice =
      "give the one where the images are: storageNode for a directory of a node, as in `kubectl get nodes`";
    const expected = `set, or another one of ${kinds.join(", ")}`;
    problems.push({ property: "storageNode", expected, got: all.join(" and ") || "nothing", advice });
  }
  const { storageNode: nodeName = "", storagePath, storageRedirects: redirects } = values;
  const [key] = chosen;
  if (!key) return { hostPath: { nodeName, ...defined({ path: storagePath }) } };
  return { [KINDS[key]]: sealed(key, values[key] ?? {}), ...defined({ redirects }) };
}

/** The table with its secrets marked as such. */
function sealed(key: keyof typeof settings, table: Record<string, unknown>): Record<string, unknown> {
  const secret = settings[key].secretMembers ?? [];
  return Object.fromEntries(
    Object.entries(table).map(([name, value]) => [name, secret.includes(name) ? pulumi.secret(value) : value]),
  );
}

function cleaning(values: Values): PrivateRegistryArgs["cleaning"] {
  if (!values.cleaningSchedule) return undefined;
  return {
    schedule: values.cleaningSchedule,
    ...defined({ kubectlImage: values.cleaningKubectlImage, deleteUntagged: values.cleaningDeleteUntagged }),
  };
}

function metrics(values: Values): PrivateRegistryArgs["metrics"] {
  if (!values.metrics) return undefined;
  return {
    labels: texts(values.metricsLabels),
    ...defined({ serviceMonitor: values.metricsServiceMonitor, rules: values.metricsRules }),
    ...defined({ dashboard: values.metricsDashboard, certificateHours: values.metricsCertificateHours }),
  };
}

function proxy(values: Values): PrivateRegistryArgs["proxy"] {
  if (!values.proxyRemoteUrl) return undefined;
  return {
    remoteUrl: values.proxyRemoteUrl,
    ...defined({ username: values.proxyUsername, ttlHours: values.proxyTtlHours }),
    ...defined({ password: values.proxyPassword && pulumi.secret(values.proxyPassword) }),
  };
}

function notices(list: unknown[]): RegistryNotificationArgs[] {
  return list.map((item) => {
    const { headers, url, ...open } = item as RegistryNotificationArgs;
    return { ...open, url: pulumi.secret(url), ...(headers ? { headers: pulumi.secret(headers) } : {}) };
  });
}
