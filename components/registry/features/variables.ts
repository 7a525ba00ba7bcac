import * as pulumi from "@pulumi/pulumi";
import type { Checked } from "../../checks/value";
import type { Settings } from "../environment";
import type { NOTIFICATION } from "./notification-args";
import { isVersion2 } from "../versions";
import type { PROXY } from "./proxy-args";
import { CA_SETTINGS, LOGIN_SETTINGS } from "./upstream-login";

/** Settings of the registry that everybody may see, and those that are secrets. */
export interface ProxySettings {
  plain: pulumi.Output<Settings>;
  secret: pulumi.Output<Settings>;
}

/**
 * The settings of a cache of another registry. Version 2 takes the login in its variables only; what is known of no
 * version is taken for version 3.
 */
export function proxySettings(proxy: Checked<typeof PROXY> | undefined, image: pulumi.Output<string>): ProxySettings {
  const none = pulumi.output<Settings>({});
  if (!proxy) return { plain: none, secret: none };
  const { remoteUrl, ttlHours, username, password } = proxy;
  const plain = pulumi.all([remoteUrl, ttlHours, image]).apply(([remote, hours, name]): Settings => ({
    REGISTRY_PROXY_REMOTEURL: remote,
    REGISTRY_PROXY_TTL: `${hours}h`,
    ...(isVersion2(name) ? {} : LOGIN_SETTINGS),
    ...(proxy.caPem ? CA_SETTINGS : {}),
  }));
  if (username === undefined || password === undefined) return { plain, secret: none };
  const secret = pulumi.secret(
    pulumi
      .all([username, password, image])
      .apply(([user, word, name]): Settings => (isVersion2(name) ? login(user, word) : {})),
  );
  return { plain, secret };
}

const login = (user: string, password: string): Settings => ({
  REGISTRY_PROXY_USERNAME: user,
  REGISTRY_PROXY_PASSWORD: password,
});

/** The setting of the endpoints that get notices; the whole of it is a secret. */
export function notificationSettings(list: readonly Checked<typeof NOTIFICATION>[]): pulumi.Output<Settings> {
  if (list.length === 0) return pulumi.output<Settings>({});
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
  return pulumi.secret(pulumi.all(endpoints).apply((all): Settings => ({ REGISTRY_NOTIFICATIONS_ENDPOINTS: all })));
}
