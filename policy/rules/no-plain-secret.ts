import type { ResourceValidationPolicy } from "@pulumi/policy";
import { knownOf } from "../reading/known";
import { secretsOfShell, secretsOfWords } from "../secrets/commands";
import { type Found, secretsInTree, textFaults } from "../secrets/places";
import { isSecret, secretIn } from "../secrets/values";
import { COMMAND, CONFIG_MAP, type Container, containersOf, podsOf, SHELL_TEXTS, textsIn, textsOf } from "./workload";

/**
 * Where a value lies in the clear: in a process list, a log, an object that whoever may list pods may read. The engine
 * hands a policy each value without the mark that makes it secret, so places are judged: what Pulumi encrypts in its
 * state is in the clear all the same in a pod's variables. A Secret, a connection and stdin are right places.
 */
export const noPlainSecret: ResourceValidationPolicy = {
  name: "no-plain-secret",
  description:
    "No password, token or private key is in a container's variables and arguments, a ConfigMap, an annotation, or a " +
    "command's text and environment.",
  enforcementLevel: "mandatory",
  severity: "critical",
  remediationSteps: "Put it into a Secret and use valueFrom, or give it to the remote command through stdin.",
  validateResource: ({ type, props }, report) => {
    const known = knownOf(props);
    const found = COMMAND.test(type) ? ofCommand(known, "stdin" in props) : ofKubernetes(type, known);
    for (const fault of new Set(found)) report(fault);
  },
};

function ofCommand(props: Record<string, unknown>, reads: boolean): string[] {
  const { interpreter } = props;
  const texts = textsOf(props, SHELL_TEXTS);
  const environment = textsIn(props["environment"]).filter(([name, value]) => isSecret(name, value) || secretIn(value));
  const logged = reads && props["logging"] !== "none";
  return [
    ...texts.flatMap(([place, text]) => [
      ...textFaults(place, text),
      ...secretsOfShell(text).map((fault) => `${place} holds a secret in the clear: ${fault}`),
    ]),
    ...(Array.isArray(interpreter) ? ofWords("interpreter", interpreter) : []),
    ...environment.map(([name]) => `environment variable ${name} is seen by whoever may list the host's processes`),
    ...(logged ? ['the command gets something through stdin, and its output is logged: set logging to "none"'] : []),
  ];
}

function ofKubernetes(type: string, props: Record<string, unknown>): string[] {
  if (!type.startsWith("kubernetes:")) return [];
  const containers = podsOf(type, props).flatMap(containersOf);
  const specific = containers.flatMap(ofContainer);
  if (CONFIG_MAP.test(type)) specific.push(...ofConfigMap(props));
  // What is said of a container by its name need not be said once more by its place in the tree.
  const general = secretsInTree(type, props).filter(({ inContainer }: Found) => !inContainer);
  return [...specific, ...general.map(({ fault }) => fault)];
}

function ofContainer(container: Container): string[] {
  const { name, env = [], command = [], args = [] } = container;
  const of = `of container ${name}`;
  const variables = env.flatMap(({ name: key, value }) => {
    if (typeof value !== "string") return [];
    if (isSecret(key, value)) return [`variable ${key} ${of} holds a secret in the clear`];
    return textFaults(`variable ${key} ${of}`, value);
  });
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container;
  const more = secretsInTree("", { lifecycle, livenessProbe, readinessProbe, startupProbe });
  return [
    ...variables,
    ...ofWords(`the command line ${of}`, [...command, ...args]),
    ...more.map(({ fault }) => `${fault} ${of}`),
  ];
}

function ofWords(place: string, list: readonly unknown[]): string[] {
  const words = list.filter((each): each is string => typeof each === "string");
  return [
    ...secretsOfWords(words).map((fault) => `${place} holds a secret in the clear: ${fault}`),
    ...words.flatMap((word) => textFaults(place, word)),
  ];
}

function ofConfigMap({ data, binaryData }: Record<string, unknown>): string[] {
  const decoded = textsIn(binaryData).map(([name, text]): [string, string] => [
    name,
    Buffer.from(text, "base64").toString("utf8"),
  ]);
  return [...textsIn(data), ...decoded].flatMap(([name, text]) =>
    !text.includes("\n") && isSecret(name, text) ? [`${name} holds a secret in the clear`] : textFaults(name, text),
  );
}
