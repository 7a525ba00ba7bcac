import type { ResourceValidationPolicy } from "@pulumi/policy";
import { allOf, directives } from "../reading/nginx";
import { readRelease } from "../reading/release";
import { COMMAND, CONFIG_MAP, textsIn } from "./workload";

/**
 * Tokens of an issuer are everybody's: who has a repository at GitHub gets one for any audience. So a verifier has to
 * ask for an audience of its own, and a gateway for the subjects of an owner.
 */
export const identityIsNarrow: ResourceValidationPolicy = {
  name: "identity-is-narrow",
  description: "A verifier of tokens asks for an audience of its own, and no identity takes everybody's tokens.",
  enforcementLevel: "mandatory",
  severity: "critical",
  remediationSteps:
    "Give access.identities[].audience the registry's host name, and let access.identities[].subject name an owner " +
    "before its first *, such as repo:acme/app:ref:refs/heads/*.",
  validateResource: ({ type, props }, report) => {
    if (CONFIG_MAP.test(type))
      for (const [name, text] of textsIn(props["data"]))
        for (const fault of ofVerifier(text)) report(`${name}: ${fault}`);
    if (COMMAND.test(type) && typeof props["stdin"] === "string")
      for (const [path, text] of readRelease(props["stdin"]).files)
        for (const fault of ofGateway(text)) report(`${path}: ${fault}`);
  },
};

/** What is wrong with oauth2-proxy's configuration, if the text is one by which it takes tokens. */
function ofVerifier(text: string): string[] {
  if (setting(text, "skip_jwt_bearer_tokens") !== "true") return [];
  const audience = setting(text, "client_id") ?? "";
  const bare = (url: string): string => url.toLowerCase().replace(/\/+$/, "");
  const issuer = setting(text, "oidc_issuer_url") ?? "";
  const standard = bare(audience) === bare(issuer) || isOwnersUrl(audience, issuer);
  return [
    ...(audience === "" ? ["it asks for no audience (client_id)"] : []),
    ...(audience !== "" && standard ? [`it asks for the issuer's default audience, ${audience}`] : []),
    ...(setting(text, "extra_jwt_issuers") === undefined
      ? []
      : ["it takes tokens of several issuers (extra_jwt_issuers), and one may speak for another"]),
    ...(setting(text, "insecure_oidc_skip_issuer_verification") === "true" ? ["it does not look at the issuer"] : []),
  ];
}

/** GitHub's default: the URL of the repository's owner. */
function isOwnersUrl(audience: string, issuer: string): boolean {
  if (!/^https:\/\/(token\.actions\.githubusercontent\.com$|[^/]+\/_services\/token)/.test(issuer)) return false;
  return /^https:\/\/github\.com(\/|$)/.test(audience) || audience.startsWith(`${new URL(issuer).origin}/`);
}

/** The value of a setting, without its quotes; undefined if it is not there. */
function setting(text: string, name: string): string | undefined {
  const value = new RegExp(`^\\s*${name}\\s*=\\s*(.*?)\\s*$`, "m").exec(text)?.[1];
  return value === undefined ? undefined : value.replace(/^(["'])(.*)\1$/, "$2");
}

/** What is wrong with the maps by which a gateway judges subjects. */
function ofGateway(text: string): string[] {
  if (!/_by_(subject|groups)/.test(text)) return [];
  return allOf(directives(text)).flatMap(({ words: [first, , variable = ""], block = [] }) => {
    if (first !== "map" || !/_by_(subject|groups)$/.test(variable)) return [];
    return block.flatMap(({ words: [key = "", answer = ""] }) => faultOf(key, answer, variable.endsWith("subject")));
  });
}

function faultOf(key: string, answer: string, bySubject: boolean): string[] {
  if (answer !== "yes") return answer === "no" || answer.startsWith("$") ? [] : [`${key} is answered by ${answer}`];
  const [, name, pattern] = /^~\^(\S+) (.+)\\z$/.exec(key) ?? [];
  if (name === undefined || pattern === undefined) return [`the tokens of ${key} are not compared as a whole`];
  if (!bySubject) return [];
  const [before = "", ...stars] = pattern.split(/(?<!\\)(?:\.|\[\^:\])[*+]/);
  const owner = before.replace(/\\(.)/g, "$1");
  if (/(?<!\\)[.?*+[\](){}|^]/.test(before)) return [`${name} takes a pattern that this policy can't read: ${pattern}`];
  return stars.length === 0 || TWO_PARTS.test(owner) ? [] : [`${name} takes everybody's tokens: ${pattern}`];
}

/** Whose tokens they are, before the first place that may be anything. */
const TWO_PARTS = /^(?!system:serviceaccount:$)[^:/|]+[:/|][^:/|]+[:/|]/;
