import * as pulumi from "@pulumi/pulumi";
import type { Checked } from "../../checks/value";
import type { Variables } from "../environment";
import type { NOTIFICATION } from "./notification-args";
import type { PROXY } from "./proxy-args";

/** Variables, by name, that everybody may see and that are secrets. */
export interface ProxyVariables {
  plain: pulumi.Output<Record<string, string>>;
  secret: pulumi.Output<Record<string, string>>;
}

/** The variables of a cache of another registry. */
export function proxyVariables(proxy: Checked<typeof PROXY> | undefined): ProxyVariables {
  const none = pulumi.output<Variables>({});
  if (!proxy) return { plain: none, secret: none };
  const { remoteUrl, ttlHours, username, password } = proxy;
  const plain = pulumi.all([remoteUrl, ttlHours]).apply(([remote, hours]): Variables => ({
    REGISTRY_PROXY_REMOTEURL: remote,
    REGISTRY_PROXY_TTL: `${hours}h`,
  }));
  if (username === undefined || password === undefined) return { plain, secret: none };
  const secret = pulumi.secret(
    pulumi
      .all([username, password])
      .apply(([user, word]): Variables => ({ REGISTRY_PROXY_USERNAME: user, REGISTRY_PROXY_PASSWORD: word })),
  );
  return { plain, secret };
}

/** The variable of the endpoints that get notices; the whole of it is a secret. */
export function notificationVariables(
  list: readonly Checked<typeof NOTIFICATION>[],
): pulumi.Output<Record<string, string>> {
  if (list.length === 0) return pulumi.output<Variables>({});
  const endpoints = list.map(({ name, url, timeoutSeconds, headers }) =>
    pulumi.all([name, url, timeoutSeconds, headers]).apply(([label, to, wait, all]) => ({
      name: label,
      url: to,
      headers: Object.fromEntries(Object.entries(all).map(([header, value]) => [header, [value]])),
      timeout: `${wait}s`,
      threshold: 5,
      backoff: "10s",
    })),
  );
  return pulumi.secret(
    pulumi.all(endpoints).apply((all): Variables => ({ REGISTRY_NOTIFICATIONS_ENDPOINTS: JSON.stringify(all) })),
  );
}
