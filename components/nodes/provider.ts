import type { ReleaseFile } from "../hosts/release";

/** Whose pods pull by the token of their service account, and as whom. */
export interface PodIdentity {
  name: string;
  /** `system:serviceaccount:NAMESPACE:NAME`; a `*` stands for any name. */
  subject: string;
}

/** How pods pull as what they are. */
export interface NodeProvider {
  /** What their tokens are for. */
  audience: string;
  /** For a pod the first that fits. */
  identities: PodIdentity[];
}

interface Site {
  site: string;
  provider?: NodeProvider | undefined;
}

/** The name of a site's provider, at the kubelet and in its folder. */
const providerName = (site: string): string => `private-registry-${site}`;

/** What the node's program has to know of it. */
export function providerWords({ site, provider }: Site): Record<string, string> {
  return provider === undefined ? {} : { provider: providerName(site) };
}

/**
 * The kubelet's settings of the provider, and the provider itself. The kubelet reads the first at its start, from a
 * copy in a folder that all stacks of a node share; a file that is missing there would keep it from starting.
 * @param host The registry as it is in an image's name.
 */
export function providerFiles({ site, provider }: Site, host: string): ReleaseFile[] {
  if (provider === undefined) return [];
  return [
    { path: "kubelet/provider.yaml", readers: "all", content: settings(site, provider, host) },
    { path: "kubelet/provider", readers: "all", content: program(site, provider, host) },
  ];
}

/** CredentialProviderConfig (kubelet.config.k8s.io/v1). A token is asked for each pod anew: each is somebody else. */
function settings(site: string, { audience }: NodeProvider, host: string): string {
  return `# Written by Pulumi (private-registry, site ${site}); a change made here is lost.
apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: ${providerName(site)}
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: [${JSON.stringify(host)}]
    defaultCacheDuration: 0s
    tokenAttributes:
      serviceAccountTokenAudience: ${JSON.stringify(audience)}
      cacheType: Token
      requireServiceAccount: true
`;
}

/**
 * Reads a CredentialProviderRequest and answers with a CredentialProviderResponse. By the claim `sub` it is known under
 * which identity the token is good; nobody is believed here, since the gateway has the token verified. The token passes
 * only through pipes. A pod whom no identity fits gets nothing, and pulls as it would without.
 */
function program(site: string, { identities }: NodeProvider, host: string): string {
  const cases = identities.map(({ name, subject }) => `  ${pattern(subject)}) user='${name}' ;;`);
  return `#!/bin/sh
# Written by Pulumi (private-registry, site ${site}); a change made here is lost.
token=$(sed -n 's/.*"serviceAccountToken" *: *"\\([A-Za-z0-9._-]*\\)".*/\\1/p')
claims=\${token#*.}
claims=\${claims%%.*}
while [ $((\${#claims} % 4)) != 0 ]; do claims="$claims="; done
subject=$(printf '%s' "$claims" | tr -- '-_' '+/' | base64 -d 2>/dev/null |
  sed -n 's/.*"sub" *: *"\\([a-z0-9.:-]*\\)".*/\\1/p')
user=
case $subject in
  *:*:*:*:*) ;;
${cases.join("\n")}
esac
auth=
[ -z "$user" ] || auth="\\"${host}\\":{\\"username\\":\\"$user\\",\\"password\\":\\"$token\\"}"
printf '{"kind":"CredentialProviderResponse","apiVersion":"credentialprovider.kubelet.k8s.io/v1",'
printf '"cacheKeyType":"Registry","cacheDuration":"0s","auth":{%s}}\\n' "$auth"
`;
}

/** A subject as a pattern of the shell: only its stars are one. */
function pattern(subject: string): string {
  return subject
    .split("*")
    .map((part) => (part === "" ? "" : `'${part}'`))
    .join("*");
}
