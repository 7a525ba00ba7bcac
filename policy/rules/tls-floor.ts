import type { ResourceValidationPolicy } from "@pulumi/policy";
import { allOf, type Directive, directives } from "../reading/nginx";
import { END_MARK, readRelease } from "../reading/release";
import { COMMAND, CONFIG_MAP, SHELL_TEXTS, textsIn, textsOf } from "./workload";

const ALLOWED = new Set(["TLSv1.2", "TLSv1.3"]);
const PROTOCOLS = /^(\w+_)?ssl_protocols$/;

/** Components of this project whose commands give a release to a gateway, as a child's URN names them. */
const OURS = /private-registry:index:(NginxGateway|AcmeResponder)\$command:remote:Command::/;

/** RFC 8996 retires TLS 1.0 and 1.1. nginx before 1.23.4 has them on where nothing is said. */
export const tlsFloor: ResourceValidationPolicy = {
  name: "tls-floor",
  description: "Every nginx site that a release puts on a gateway speaks TLS 1.2 or 1.3 and nothing older.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps:
    "Take the older protocols out of nginx.extraRegistryDirectives. If a release can't be read, the policy pack and " +
    "the program are of different versions: take both from one.",
  validateResource: ({ type, urn, props }, report) => {
    const texts = CONFIG_MAP.test(type) ? textsIn(props["data"]) : [];
    if (COMMAND.test(type)) {
      texts.push(...textsOf(props, [...SHELL_TEXTS, "stdin"]));
      for (const fault of ofRelease(texts, props["stdin"], urn)) report(fault);
    }
    for (const [place, text] of texts)
      for (const fault of retired(directives(spread(text)))) report(`${place}: ${fault}`);
  },
};

/** What is wrong with a release, if the command is one; that it can't be read is wrong, too. */
function ofRelease(texts: readonly [string, string][], stdin: unknown, urn: string | undefined): string[] {
  const ours = OURS.test(urn ?? "") || texts.some(([, text]) => text.includes(END_MARK));
  if (typeof stdin !== "string") return ours ? ["no release can be read by this policy: nothing is on stdin"] : [];
  if (!ours && !/^[ \t]*put[ \t]|\bnginx\/private-registry\b/m.test(stdin)) return [];
  const { files, unread } = readRelease(stdin);
  const sites = [...files].filter(([path]) => !path.endsWith(".pem") && path !== "MANIFEST");
  const faults = sites.flatMap(([path, content]) => faultsOf(content).map((fault) => `${path}: ${fault}`));
  return [...unread, ...faults];
}

function faultsOf(text: string): string[] {
  const list = directives(text);
  const served = servers(list, false);
  return [...retired(list), ...(served.some((named) => !named) ? ["it serves TLS and names no ssl_protocols"] : [])];
}

function retired(list: readonly Directive[]): string[] {
  const found = allOf(list).flatMap(({ words: [name = "", ...rest] }) => {
    if (PROTOCOLS.test(name)) return rest;
    return name === "ssl_conf_command" && /^(Min)?Protocol$/i.test(rest[0] ?? "") ? rest.slice(1) : [];
  });
  const old = [...new Set(found)].filter((protocol) => !ALLOWED.has(protocol));
  return old.length > 0 ? [`it allows ${old.join(" and ")}`] : [];
}

/** For each server that speaks TLS whether its protocols are named, by itself or around it. */
function servers(list: readonly Directive[], around: boolean): boolean[] {
  const named = around || list.some(({ words: [name] }) => name === "ssl_protocols");
  return list.flatMap(({ words: [name], block }) => {
    if (block === undefined) return [];
    if (name !== "server") return servers(block, named);
    const speaks = block.some(({ words: [first, ...rest] }) =>
      first === "listen" ? rest.some((word) => word === "ssl" || word === "quic") : first === "ssl" && rest[0] === "on",
    );
    return speaks ? [named || block.some(({ words: [first] }) => first === "ssl_protocols")] : [];
  });
}

/** A shell's text or a file with several parts: each mention of protocols begins a directive of its own. */
function spread(text: string): string {
  return [...text.replace(/^\s*#.*$/gm, "").matchAll(/\b(\w+_)?ssl_protocols\s[^;\n]*|\bssl_conf_command\s[^;\n]*/g)]
    .map(([found]) => `${found.replace(/["'{}\\#]/g, " ")};`)
    .join("\n");
}
