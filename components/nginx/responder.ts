import type { Blueprint } from "../hosts/release";
import { NGINX_HOST, PROBE_HEADER } from "./kind";
import { block, directive, fileText, listen, serverName, word } from "./text";

/** What the port-80 site serves. */
export interface ResponderSite {
  site: string;
  /** Host names, ASCII. */
  names: string[];
  /** SHA-256 thumbprint of the ACME account's key, base64url (RFC 7638); without it there are no answers. */
  thumbprint?: string;
  httpPort: number;
  httpsPort: number;
}

/** `$http_...` variable of the probe's header. */
export const PROBE_VARIABLE = `$http_${PROBE_HEADER.toLowerCase().replace(/-/g, "_")}`;

/**
 * The port-80 site: it answers every HTTP-01 challenge of one ACME account (RFC 8555 section 8.3) by itself, since the
 * answer is the token and the account's thumbprint, and sends everything else to https.
 */
export function responderBlueprint(site: ResponderSite): Blueprint {
  const names = [...new Set(site.names)].sort();
  const port = site.httpsPort === 443 ? "" : `:${site.httpsPort}`;
  const probes = names.map((host) => ({ scheme: "http" as const, port: site.httpPort, host }));
  return {
    kind: NGINX_HOST,
    site: site.site,
    probes,
    files: (place) => [
      {
        path: "site.conf",
        readers: "all",
        content: fileText(
          `# Written by Pulumi (private-registry, site ${site.site}); a change made here is lost.`,
          block("server", [
            ...listen(place, site.httpPort),
            directive("server_name", ...names.map(serverName)),
            directive("server_tokens", "off"),
            "",
            ...block(`if (${PROBE_VARIABLE} = ${word(place.hash)})`, [directive("return", 204)]),
            ...(site.thumbprint === undefined ? [] : answers(site.thumbprint)),
            ...block("location /", [directive("return", 301, `https://$host${port}$request_uri`)]),
          ]),
        ),
      },
      {
        path: "when-ipv6-listen.conf",
        readers: "all",
        content: fileText(directive("listen", `[::]:${site.httpPort}`)),
      },
    ],
  };
}

function answers(thumbprint: string): string[] {
  return block(`location ~ "^/\\.well-known/acme-challenge/([A-Za-z0-9_-]+)$"`, [
    directive("default_type", "text/plain"),
    directive("return", 200, `"$1.${checkedThumbprint(thumbprint)}"`),
  ]);
}

function checkedThumbprint(value: string): string {
  if (!/^[A-Za-z0-9_-]{43}$/.test(value)) throw new Error("an account thumbprint is 43 characters of base64url");
  return value;
}
