import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../../checks/problems";
import type { Checker } from "../../checks/checker";
import { integer, text } from "../../checks/rules";
import type { Variables } from "../environment";
import type { RegistryNotificationArgs } from "./notification-args";
import type { RegistryProxyArgs } from "./proxy-args";

/** Variables, by name, that everybody may see and that are secrets. */
export interface FeatureVariables {
  plain: pulumi.Output<Record<string, string>>;
  secret: pulumi.Output<Record<string, string>>;
}

const url = (advice: string) => (value: string) =>
  typeof value === "string" && /^https?:\/\/[^\s/]+\S*$/.test(value)
    ? undefined
    : { expected: "a URL that begins with https:// or http://", advice };

/** The variables of a cache of another registry. */
export function proxyVariables(checker: Checker, args: RegistryProxyArgs | undefined): FeatureVariables {
  if (!args) return { plain: pulumi.output<Variables>({}), secret: pulumi.output<Variables>({}) };
  const remote = checker.check("proxy.remoteUrl", args.remoteUrl, url("give the URL of the other registry"));
  const ttl = checker.check("proxy.ttlHours", args.ttlHours ?? 168, integer(1, 87600, "leave it out to use 168"));
  checker.add(half(args));
  const { username, password } = args;
  const plain = pulumi.all([remote, ttl]).apply(([remoteUrl, hours]): Variables => ({
    REGISTRY_PROXY_REMOTEURL: remoteUrl,
    REGISTRY_PROXY_TTL: `${hours}h`,
  }));
  if (username === undefined || password === undefined) return { plain, secret: pulumi.output<Variables>({}) };
  const secret = pulumi.secret(
    pulumi
      .all([username, password])
      .apply(([user, word]): Variables => ({ REGISTRY_PROXY_USERNAME: user, REGISTRY_PROXY_PASSWORD: word })),
  );
  return { plain, secret };
}

function half({ username, password }: RegistryProxyArgs): Problem | undefined {
  if ((username === undefined) === (password === undefined)) return undefined;
  const [missing, there] = username === undefined ? ["username", "password"] : ["password", "username"];
  const advice = "give both or neither";
  return { property: `proxy.${missing}`, expected: `given, since ${there} is`, got: "nothing", advice };
}

/** The variable of the endpoints that get notices; the whole of it is a secret. */
export function notificationVariables(
  checker: Checker,
  list: RegistryNotificationArgs[] = [],
): pulumi.Output<Record<string, string>> {
  if (list.length === 0) return pulumi.output<Variables>({});
  const endpoints = list.map((args, index) => {
    const path = `notifications[${index}]`;
    const seconds = integer(1, 300, "leave it out to use 5");
    const name = checker.check(`${path}.name`, args.name, text(64, "give the endpoint a name"));
    const target = checker.check(`${path}.url`, args.url, url("give the endpoint's URL"), { secret: true });
    const timeout = checker.check(`${path}.timeoutSeconds`, args.timeoutSeconds ?? 5, seconds);
    return pulumi
      .all([name, target, timeout, pulumi.output(args.headers ?? {})])
      .apply(([label, to, wait, headers]) => ({
        name: label,
        url: to,
        headers: Object.fromEntries(Object.entries(headers).map(([header, value]) => [header, [value]])),
        timeout: `${wait}s`,
        threshold: 5,
        backoff: "10s",
      }));
  });
  return pulumi.secret(
    pulumi.all(endpoints).apply((all): Variables => ({ REGISTRY_NOTIFICATIONS_ENDPOINTS: JSON.stringify(all) })),
  );
}
