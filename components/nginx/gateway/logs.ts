import { block, directive } from "../text";

/** How the access log is written. */
export const LogFormat = {
  /** nginx's "combined", with the path instead of the request line and without the referrer. */
  Combined: "combined",
  /** One JSON object a line. */
  Json: "json",
} as const;
export type LogFormat = (typeof LogFormat)[keyof typeof LogFormat];

/** What is logged, in the order of the JSON form. No query and no referrer: both can hold secrets. */
const JSON_FIELDS = {
  time: "$time_iso8601",
  client: "$remote_addr",
  method: "$request_method",
  host: "$host",
  path: "$uri",
  protocol: "$server_protocol",
  status: "$status",
  bytesIn: "$request_length",
  bytesOut: "$body_bytes_sent",
  seconds: "$request_time",
  upstream: "$upstream_addr",
  upstreamSeconds: "$upstream_response_time",
  agent: "$http_user_agent",
};

/**
 * The `log_format` of a site, which has the site's own name.
 * @param user The variable of the user's name.
 * @param more What the JSON form has beside the rest: names and variables.
 */
export function logFormat(
  id: string,
  format: LogFormat,
  user: string,
  more: Readonly<Record<string, string>> = {},
): string[] {
  if (format === LogFormat.Combined) {
    return [
      `log_format ${id} '$remote_addr - ${user} [$time_local] "$request_method $uri $server_protocol" '`,
      `    '$status $body_bytes_sent "-" "$http_user_agent"';`,
    ];
  }
  const { time, client, ...rest } = JSON_FIELDS;
  const fields = Object.entries({ time, client, user, ...rest, requestId: `$${id}_request_id`, ...more });
  const lines = fields.map(([name, value], index) => `    '${index === 0 ? "{" : ","}"${name}":"${value}"'`);
  return [`log_format ${id} escape=json`, ...lines, "    '}';"];
}

/** Which name a request has, in the logs of gateway and registry alike. */
export function requestIds(id: string): string[] {
  return [
    "# The request's own name for itself, if it is one, or else nginx's.",
    ...block(`map $http_x_request_id $${id}_request_id`, [
      directive("default", "$request_id"),
      directive(`"~^[A-Za-z0-9._-]{1,128}\\z"`, "$http_x_request_id"),
    ]),
  ];
}
