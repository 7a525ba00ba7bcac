import path from "node:path";
import { clientPrefix, hostKeyOf } from "./hosts";
import { Lab, names, network } from "./lab";
import { ensureSecrets } from "./secrets";

/** The variables with which programs work on the lab's stack and cluster and touch nothing of the user's own. */
export function pulumiEnvironment(lab: Lab): Record<string, string> {
  return {
    PATH: [lab.bin, process.env["PATH"] ?? ""].join(path.delimiter),
    HOME: process.env["HOME"] ?? "/root",
    KUBECONFIG: lab.kubeconfig,
    KUBECACHEDIR: lab.kubeCache,
    DOCKER_CONFIG: lab.dockerConfig,
    DOCKER_HOST: `unix://${lab.dockerSocket}`,
    PULUMI_HOME: lab.pulumi.home,
    PULUMI_BACKEND_URL: `file://${lab.pulumi.backend}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: lab.pulumi.passphraseFile,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
  };
}

/** Variables of the user's own that would win over the lab's. */
const WRONG_ONES = ["PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_STACK", "PULUMI_IGNORE_AMBIENT_PLUGINS"];

/** What a program needs to know to use the running lab. */
export function labEnvironment(lab: Lab): Record<string, string> {
  const secrets = ensureSecrets(lab);
  return {
    LAB_STACK: lab.pulumi.stack,
    LAB_DIR: lab.dir,
    LAB_CA_FILE: lab.caFile,
    LAB_REGISTRY_HOST: names.registry,
    LAB_UI_HOST: names.ui,
    LAB_USER: lab.users.push,
    LAB_PASSWORD: secrets.pushPassword,
    LAB_PULL_USER: lab.users.pull,
    LAB_PULL_PASSWORD: secrets.pullPassword,
    LAB_GATEWAY_HOST: network.addresses.gateway,
    LAB_SSH_USER: lab.ssh.user,
    LAB_SSH_KEY_FILE: lab.ssh.keyFile,
    LAB_SSH_HOST_KEY: hostKeyOf(lab, "gateway"),
    LAB_NODE_IP: network.addresses.node,
    LAB_NODE_HOST_KEY: hostKeyOf(lab, "node"),
    LAB_NODE_2_IP: network.addresses["node-2"],
    LAB_NODE_2_HOST_KEY: hostKeyOf(lab, "node-2"),
    LAB_ACME_DIRECTORY: lab.acmeDirectory,
    LAB_CONTAINERD_SOCKET: lab.containerdSocket,
    LAB_EXEC: clientPrefix.join(" "),
  };
}

/** A word as a POSIX shell reads it back, whatever is in it. */
export function shellQuote(word: string): string {
  return /^[A-Za-z0-9_./:@=+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Shell commands that set up the environment; running them twice is the same as once. */
export function shellExports(lab: Lab): string {
  const own = Object.entries(pulumiEnvironment(lab)).filter(([name]) => name !== "PATH" && name !== "HOME");
  const bin = shellQuote(lab.bin);
  return [
    ...[...own, ...Object.entries(labEnvironment(lab))].map(([name, value]) => `export ${name}=${shellQuote(value)}`),
    `unset ${WRONG_ONES.join(" ")}`,
    `case ":$PATH:" in *:${bin}:*) ;; *) export PATH=${bin}:"$PATH" ;; esac`,
    "",
  ].join("\n");
}
