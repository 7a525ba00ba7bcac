import { block, directive } from "../text";

/*
 * What the gateway's servers depend on they say themselves, whatever the host's nginx.conf says for all sites: a
 * directive at the http level holds for every server that is silent about it. A `deny` there, or `auth_basic`, or
 * `proxy_cache_valid any`, would otherwise change who gets in, and what is remembered of it.
 */

/**
 * Of the servers for registry and UI: only the access server decides who gets in.
 * @param extra Directives of the user's own for the same server: what is said there is not said twice.
 */
export function siteDefaults(extra: string): string[] {
  const own = {
    satisfy: "all",
    auth_basic: "off",
    ssl_verify_client: "off",
    ssl_early_data: "off",
    expires: "off",
    mirror: "off",
  };
  return Object.entries(own).flatMap(([name, value]) => (says(extra, name) ? [] : [directive(name, value)]));
}

/** True if a text of directives has this one. */
export function says(extra: string, name: string): boolean {
  return new RegExp(`(^|[\\s;{}])${name}\\s`).test(extra);
}

/** After the user's own directives, of which the first that fits decides: no `deny` of the host's for all sites. */
export const everybody = directive("allow", "all");

/** Of every request that is passed on: nothing else keeps, changes or repeats what the other side says. */
export function passedOnAsItIs(): string[] {
  return [
    directive("proxy_pass_request_headers", "on"),
    directive("proxy_pass_request_body", "on"),
    directive("proxy_store", "off"),
    directive("proxy_limit_rate", 0),
    directive("proxy_bind", "off"),
  ];
}

/** At the http level: a limit that counts nothing. */
export function noLimits(id: string): string[] {
  return [
    ...block(`map "" $${id}_nothing`, [directive("default", '""')]),
    directive("limit_req_zone", `$${id}_nothing`, `zone=${id}_nothing:32k`, "rate=1r/s"),
    directive("limit_conn_zone", `$${id}_nothing`, `zone=${id}_no_conn:32k`),
  ];
}

/**
 * Of the access server, which only nginx itself asks: all its clients have one address, so a limit of the host's for
 * each address would hold for all users together.
 */
export function accessServerDefaults(id: string): string[] {
  return [
    directive("limit_req", `zone=${id}_nothing`),
    directive("limit_conn", `${id}_no_conn`, 1),
    directive("satisfy", "all"),
    directive("auth_basic", "off"),
    directive("auth_delay", 0),
    directive("allow", "127.0.0.0/8"),
    directive("deny", "all"),
    directive("open_file_cache", "off"),
    directive("proxy_store", "off"),
    directive("recursive_error_pages", "off"),
  ];
}
