import * as fc from "fast-check";
import { LogFormat } from "../../components/nginx/gateway/logs";
import { UserRole } from "../../components/nginx/users/role";

const label = fc.oneof(
  fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/),
  fc.stringMatching(/^[a-z0-9][a-z0-9-]{61}[a-z0-9]$/),
  fc.constantFrom("xn--bcher-kva", "0", "default", "localhost", "server", "if"),
);
const hostName = fc
  .tuple(label, label, fc.array(label, { maxLength: 2 }))
  .map(([one, two, rest]) => [one, two, ...rest].join("."))
  .filter((name) => name.length <= 253 && !/\d+(\.\d+){3}$/.test(name));

const user = fc.record({
  name: fc.oneof(
    fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._@+-]{0,20}$/),
    fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._@+-]{63}$/),
    fc.constantFrom("default", "volatile", "hostnames", "include", "a.+b", "__proto__"),
  ),
  role: fc.constantFrom(UserRole.Pull, UserRole.Push),
  password: fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
    // eslint-disable-next-line no-control-regex -- what a password may not hold
    .filter((text) => Buffer.byteLength(text) <= 72 && !/[\u0000-\u001f\u007f]/.test(text)),
});

/** nginx opens its logs when it tests a configuration: so all of them are in a folder that there is. */
const log = fc.stringMatching(/^[A-Za-z0-9._@+-]{1,20}$/).map((name) => `/var/log/nginx/log-${name}`);

/** Directives that somebody may put into the registry's server. */
const extra = fc.constantFrom(
  "",
  "client_header_timeout 60s;",
  "large_client_header_buffers 4 32k;\r\nkeepalive_requests 10;\r\n",
  'add_header X-Odd "a;b{c}d\\"e" always;',
  "location = /robots.txt { return 200 'User-agent: *\\nDisallow: /\\n'; }\n# a comment { that is none;",
  'if ($http_user_agent ~* "(bot|crawl{1,2}er)") { return 403; }',
  "\tallow 2001:db8::/32;\n\tallow 192.0.2.0/24;\n\tdeny all;",
  "gzip off; # and more\n",
);

/** Everything that the checks of `NginxGateway` let through, odd values before all. */
export const anyGateway = fc
  .record({
    site: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$/),
    registryHost: hostName,
    uiHost: fc.option(hostName, { nil: undefined }),
    uiPath: fc.oneof(fc.constant("/"), fc.stringMatching(/^(\/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,20}){1,3}\/$/)),
    nodeAddresses: fc.uniqueArray(fc.oneof(fc.ipV4(), fc.ipV6()), { minLength: 1, maxLength: 12 }),
    registryNodePort: fc.integer({ min: 30000, max: 32767 }),
    uiNodePort: fc.integer({ min: 30000, max: 32767 }),
    realm: fc.stringMatching(/^[ !#%-[\]-~]{1,80}$/),
    people: fc.uniqueArray(user, { minLength: 1, maxLength: 12, selector: ({ name }) => name.toLowerCase() }),
    readTimeoutSeconds: fc.integer({ min: 1, max: 86400 }),
    guessesPerMinute: fc.integer({ min: 1, max: 6000 }),
    hstsSeconds: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 63072000 })),
    logFormat: fc.constantFrom(LogFormat.Combined, LogFormat.Json),
    accessLog: log,
    errorLog: log,
    extraRegistryDirectives: extra,
    blobCache: fc.option(
      fc.record({
        sizeGiB: fc.integer({ min: 1, max: 65536 }),
        path: fc.stringMatching(/^\/var\/log\/[A-Za-z0-9@+_-][A-Za-z0-9.@+_-]{0,40}$/),
      }),
      { nil: undefined },
    ),
  })
  .filter(({ registryHost, uiHost }) => registryHost !== uiHost);
