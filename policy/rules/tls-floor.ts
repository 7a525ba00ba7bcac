import type { ResourceValidationPolicy } from "@pulumi/policy";

const ALLOWED = new Set(["TLSv1.2", "TLSv1.3"]);
const FILE = /^put \S+ \S+ '([^']+)' <<'\.'.*\n((?:[A-Za-z0-9+/=]+\n)*)\.$/gm;

/** RFC 8996 retires TLS 1.0 and 1.1. nginx before 1.23.4 has them on where nothing is said. */
export const tlsFloor: ResourceValidationPolicy = {
  name: "tls-floor",
  description: "Every nginx site that a release puts on a gateway speaks TLS 1.2 or 1.3 and nothing older.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps: "Take the older protocols out of nginx.extraRegistryDirectives.",
  validateResource: ({ type, props }, report) => {
    if (type !== "command:remote:Command" || typeof props["stdin"] !== "string") return;
    const files = [...props["stdin"].matchAll(FILE)];
    // The text is written by components/nginx/release/release.ts: a policy that no longer reads it must not fall
    // silent.
    if (files.length === 0 && /^put /m.test(props["stdin"]))
      report("no file of the release can be read by this policy");
    for (const [, path = "", encoded = ""] of files) {
      if (!path.endsWith(".conf")) continue;
      for (const fault of faultsOf(Buffer.from(encoded, "base64").toString("utf8"))) report(`${path}: ${fault}`);
    }
  },
};

function faultsOf(text: string): string[] {
  const lines = [...text.matchAll(/^\s*ssl_protocols\s+([^;]+);/gm)].map(([, list = ""]) => list.trim().split(/\s+/));
  const old = [...new Set(lines.flat())].filter((protocol) => !ALLOWED.has(protocol));
  if (old.length > 0) return [`it allows ${old.join(" and ")}`];
  // A part that a site includes has no server block of its own.
  const serves = /^\s*server\s*\{/m.test(text) && /^\s*listen\s[^;]*\bssl\b/m.test(text);
  return serves && lines.length === 0 ? ["it serves TLS and names no ssl_protocols"] : [];
}
