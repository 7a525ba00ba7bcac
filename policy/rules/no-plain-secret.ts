import type { ResourceValidationPolicy } from "@pulumi/policy";
import { containersOf, podOf } from "./workload";

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const SECRET_NAME = /(PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|PRIVATE_?KEY|ACCESS_?KEY|ACCOUNTKEY)/;

/** Where a value lies in the clear: in a process list, a log, an object that whoever may list pods may read. */
export const noPlainSecret: ResourceValidationPolicy = {
  name: "no-plain-secret",
  description:
    "No password or private key is in a container's variables, a ConfigMap, or a remote command's text and environment.",
  enforcementLevel: "mandatory",
  severity: "critical",
  remediationSteps: "Put it into a Secret and use valueFrom, or give it to the remote command through stdin.",
  validateResource: ({ type, props }, report) => {
    for (const fault of [...inVariables(type, props), ...inTexts(type, props), ...ofCommand(type, props)])
      report(fault);
  },
};

const COMMAND = /^command:(remote|local):Command$/;

function inVariables(type: string, props: Record<string, unknown>): string[] {
  return containersOf(podOf(type, props)).flatMap((container) =>
    (container.env ?? [])
      .filter(({ name, value }) => value !== undefined && isSecret(name, value))
      .map(({ name }) => `variable ${name} of container ${container.name} holds a secret in the clear`),
  );
}

function inTexts(type: string, props: Record<string, unknown>): string[] {
  return clearTexts(type, props)
    .filter(([, text]) => PRIVATE_KEY.test(text))
    .map(([place]) => `${place} holds a private key in the clear`);
}

function ofCommand(type: string, props: Record<string, unknown>): string[] {
  if (!COMMAND.test(type)) return [];
  const environment = Object.entries((props["environment"] ?? {}) as Record<string, string>);
  const seen = environment.filter(([name, value]) => isSecret(name, value));
  const logged = props["stdin"] !== undefined && props["logging"] !== "none";
  return [
    ...seen.map(([name]) => `environment variable ${name} is seen by whoever may list the host's processes`),
    ...(logged ? ['the command gets something through stdin, and its output is logged: set logging to "none"'] : []),
  ];
}

/** A path, a switch or a number is no secret, whatever the variable's name is. */
function isSecret(name: string, value: string): boolean {
  if (PRIVATE_KEY.test(value)) return true;
  return SECRET_NAME.test(name.toUpperCase()) && !/^(\/.*|true|false|\d*)$/.test(value);
}

function clearTexts(type: string, props: Record<string, unknown>): [string, string][] {
  const texts = (value: unknown): [string, string][] =>
    Object.entries(value ?? {}).filter((pair): pair is [string, string] => typeof pair[1] === "string");
  if (/^kubernetes:core\/[^:]+:ConfigMap$/.test(type)) return texts(props["data"]);
  if (!COMMAND.test(type)) return [];
  const { create, update, delete: remove } = props;
  return texts({ create, update, delete: remove });
}
