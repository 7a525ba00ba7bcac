import type { ResourceValidationPolicy } from "@pulumi/policy";
import { COMMAND, SHELL_TEXTS, textsOf } from "./workload";

/** OpenSSH's ways to take any host's key, or to keep none. */
const ANY_HOST =
  /StrictHostKeyChecking["']?[ =]+["']?(no|off|false|accept-new)\b|UserKnownHostsFile["']?[ =]+["']?\/dev\/null/i;

interface Connection {
  host?: string;
  hostKey?: string;
  proxy?: Connection;
}

/** Without a host key the connection takes any host for the right one, and sends it the certificate's private key. */
export const hostKeyPinned: ResourceValidationPolicy = {
  name: "host-key-pinned",
  description: "Every SSH connection of the command provider pins the host's key, and that of its proxy.",
  enforcementLevel: "mandatory",
  severity: "critical",
  remediationSteps:
    "Set hostKey to the host's line `ssh-ed25519 AAAA...`, as `ssh-keyscan -t ed25519 <host>` prints it.",
  validateResource: ({ type, props }, report) => {
    for (const [place, text] of COMMAND.test(type) ? textsOf(props, SHELL_TEXTS) : [])
      if (ANY_HOST.test(text)) report(`${place} starts an SSH client that takes any host for the right one`);
    if (!type.startsWith("command:remote:")) return;
    const { proxy, ...target } = (props["connection"] ?? {}) as Connection;
    for (const { host, hostKey } of proxy ? [target, proxy] : [target]) {
      if (!hostKey?.trim()) report(`the connection to ${host ?? "the host"} pins no host key`);
    }
  },
};
