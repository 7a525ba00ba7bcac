import { Checker } from "../checks/checker";
import { isGiven, isTable, judge } from "../checks/judge";
import type { Problem } from "../checks/problems";
import { REGISTRY_NODE_PORT, UI_NODE_PORT } from "../checks/shared";
import { checkCertificateSource } from "../issuers/check";
import { CertificateIssuer } from "../issuers/args";
import { checkGatewaySettings, checkSharedName } from "../nginx/gateway/check";
import { checkHosts } from "../hosts/host";
import { siteName } from "../hosts/site-name";
import { checkFallback, checkMirrors } from "../mirrors/check";
import { checkWorkload } from "../registry/check";
import { resourceProblems } from "../registry/resources";
import { NAMESPACE } from "../registry/pod-args";
import type { PrivateRegistryAccessArgs } from "./access-args";
import { type PrivateRegistryArgs, type RegistryClusterArgs, ROOT } from "./args";
import { checkSso } from "./check-sso";
import { namedGateway, uiIsOpen } from "./open-ui";
import { ownImages } from "./own-images";

/** The one check, before anything is made: throws one error with everything that is known to be wrong. */
export function checkPrivateRegistry(name: string, args: PrivateRegistryArgs): void {
  const checker = new Checker(subjectOf(name), args);
  siteName(checker, name, "-responder");
  if (!fine.has(args)) check(checker, args);
  checker.done();
}

/** Arguments in which nothing was wrong when a stack's file was read: there are thousands of users in some. */
const fine = new WeakSet<object>();

/** What the errors of a registry begin with. */
export function subjectOf(name: string): string {
  return `PrivateRegistry "${name}"`;
}

/**
 * Everything that is known to be wrong with arguments, without an error: for a stack's file, which adds what only a
 * file can show.
 */
export function problemsOf(args: PrivateRegistryArgs): readonly Problem[] {
  const checker = new Checker("", args);
  check(checker, args);
  if (checker.problems.length === 0) fine.add(args);
  return checker.problems;
}

function check(checker: Checker, args: PrivateRegistryArgs): void {
  judge(ROOT, args, "", { root: ROOT, problems: checker.problems });
  if (!isTable(args)) return;
  const { registryHost, access, ui, certificate } = args as PrivateRegistryArgs;
  checkGatewaySettings(checker, args);
  checkWorkload(checker, args);
  checkCertificateSource(checker, certificate, "certificate.");
  if (isTable(ui)) {
    const page = { uiHost: ui.host, uiPath: ui.path } as { uiHost?: string; uiPath?: string };
    checkSharedName(checker, { registryHost, access: access ?? {}, ...page }, "ui.host");
  }
  checkIssuer(checker, args);
  checkBlobCache(checker, args);
  checkVerifiers(checker, args);
  checkSso(checker, args);
  checkCluster(checker, args);
  checkPullSecrets(checker, args);
  checkMirrors(checker, args);
  checkFallback(checker, args.mirrors, ownImages(args));
  if (Array.isArray(args.nodeHosts) && args.nodeHosts.length > 0)
    checkHosts(checker, "nodeHosts", args.nodeHosts, args.ssh);
}

function checkIssuer(checker: Checker, { certificate, nginx }: PrivateRegistryArgs): void {
  if (!isTable(certificate)) return;
  const { issuer = CertificateIssuer.Acme, termsAgreed, dns01 } = certificate as PrivateRegistryArgs["certificate"];
  if (issuer !== CertificateIssuer.Acme) return;
  if (termsAgreed === undefined || termsAgreed === false) {
    const advice = "read the CA's terms of service, then set it to true";
    const got = termsAgreed === undefined ? "nothing" : "false";
    checker.add({ property: "certificate.termsAgreed", expected: "true for the issuer acme", got, advice });
  }
  if (!isGiven(dns01) && nginx?.redirectHttp === false) {
    const expected = "true with HTTP-01, for which the CA comes to port 80";
    const advice = "leave it out, or show by certificate.dns01 that the names are yours";
    checker.add({ property: "nginx.redirectHttp", expected, got: "false", advice });
  }
}

/** What a gateway can't keep: a blob that the client gets elsewhere, or that the registry itself has not got yet. */
function checkBlobCache(checker: Checker, { nginx, storage, registry }: PrivateRegistryArgs): void {
  if (!isTable(nginx) || !isGiven(nginx.blobCache)) return;
  const refuse = (other: string, advice: string): void =>
    checker.add({ property: "nginx.blobCache", expected: `no cache with ${other}`, got: "both", advice });
  if (isTable(storage) && storage["redirects"] === true) {
    refuse("storage.redirects", "leave out one: with redirects no blob passes a gateway");
  }
  if (isTable(registry) && isGiven(registry["proxy"])) {
    refuse("registry.proxy", "leave it out: such a registry keeps blobs itself, and is asked for parts");
  }
}

/** A verifier admits gateways by the client certificate by which the registry does. */
function checkVerifiers(checker: Checker, { access, backend, scheduling }: PrivateRegistryArgs): void {
  if (!isTable(access)) return;
  const { verifier = {} } = access as PrivateRegistryAccessArgs;
  const needs = needsVerifiers(access);
  if (needs !== undefined && backend?.requireClientCertificate === false) {
    const expected = `true with access.${needs}`;
    const advice = "leave it out: verifiers accept only gateways, by their client certificate";
    checker.add({ property: "backend.requireClientCertificate", expected, got: "false", advice });
  }
  for (const at of ["oauth2Proxy", "nginx"] as const) {
    const container: unknown = isTable(verifier) ? verifier[at] : undefined;
    const resources = isTable(container) ? container["resources"] : undefined;
    checker.add(...resourceProblems(`access.verifier.${at}.resources`, resources, scheduling?.qosClass));
  }
}

/** Because of which setting there are verifiers. */
function needsVerifiers({ identities, sso }: PrivateRegistryAccessArgs): string | undefined {
  if (Array.isArray(identities) && identities.length > 0) return "identities";
  return sso === undefined ? undefined : "sso";
}

function checkCluster(checker: Checker, args: PrivateRegistryArgs): void {
  const cluster = isTable(args.cluster) ? (args.cluster as RegistryClusterArgs) : {};
  const { nodePorts, createNamespace, namespace = NAMESPACE.default } = cluster;
  const { registry = REGISTRY_NODE_PORT.default, ui = UI_NODE_PORT.default } = isTable(nodePorts) ? nodePorts : {};
  if (registry === ui) {
    const advice = "leave both out to use 30299 and 30949";
    const expected = "a port other than cluster.nodePorts.registry";
    checker.add({ property: "cluster.nodePorts.ui", expected, got: "the same", advice });
  }
  if (createNamespace === true && namespace === "kube-system") {
    const advice = "give the namespace a name of its own, or leave out cluster.createNamespace";
    checker.add({ property: "cluster.namespace", expected: "a name other than kube-system", got: "that", advice });
  }
  if (cluster.allowedCidrs !== undefined || !uiIsOpen(args)) return;
  const gateways: unknown[] = Array.isArray(args.gateways) ? args.gateways : [];
  const problems = gateways.map((gateway) => namedGateway(isTable(gateway) ? gateway["address"] : undefined));
  checker.add(problems.find((problem) => problem !== undefined));
}

/** What the user of a pull secret may be. */
export function oneOfUsers(names: readonly unknown[]): string {
  return names.length === 0 ? "a user with a password, not only its hash" : `one of ${names.join(", ")}`;
}

function checkPullSecrets(checker: Checker, { cluster, users }: PrivateRegistryArgs): void {
  const list: unknown[] = Array.isArray(cluster?.pullSecrets) ? cluster.pullSecrets : [];
  const all: unknown[] = Array.isArray(users) ? users : [];
  // Of a password's hash no docker config can be made.
  const known = all.filter((user) => !isTable(user) || user["passwordHash"] === undefined);
  const names = known.map((user) => (isTable(user) ? user["name"] : undefined));
  const seen = new Set<unknown>();
  list.forEach((secret, index) => {
    if (!isTable(secret)) return;
    const { namespace, user } = secret;
    const at = `cluster.pullSecrets[${index}]`;
    if (typeof user === "string" && names.every((each) => typeof each === "string") && !names.includes(user)) {
      const got = JSON.stringify(user);
      const advice = "add the user, or name another";
      checker.add({ property: `${at}.user`, expected: oneOfUsers(names), got, advice });
    }
    if (typeof namespace === "string" && seen.has(namespace)) {
      const advice = "remove one of the two: a namespace has one pull secret";
      const got = JSON.stringify(namespace);
      checker.add({ property: `${at}.namespace`, expected: "a namespace that is not there yet", got, advice });
    }
    seen.add(namespace);
  });
}
