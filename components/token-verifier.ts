import { createHash } from "node:crypto";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import { Service } from "@pulumi/kubernetes/core/v1/service";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget";
import * as pulumi from "@pulumi/pulumi";
import { accessOf } from "./cluster/access";
import { heldBack, release } from "./cluster/dependents";
import { type ClusterIssuer, clusterIssuer } from "./cluster/issuer";
import { EXISTS, rolledOut } from "./cluster/rollout";
import { waitingWith } from "./cluster/waiting";
import { outputsOf } from "./outputs";
import { createAlert } from "./verifier/alert";
import type { TokenVerifierArgs } from "./verifier/args";
import { type CheckedVerifier, checkVerifier } from "./verifier/check";
import { verifierFiles, verifierLabels, verifierMetadata, verifierPod } from "./verifier/pod";
import { VERIFIER_ROLLOUT } from "./verifier/rollout-settings";
import { POD } from "./verifier/text";

/**
 * Pods that verify the tokens of one issuer for one audience, for the gateways: oauth2-proxy behind a small nginx that
 * admits only gateways and keeps the issuer's keys. They have no right in the cluster.
 *
 * @example
 * const verifier = new TokenVerifier("main-ci", {
 *   issuer: { name: "github" },
 *   audience: "registry.example.com",
 *   tlsSecretName: secret.secretName,
 *   tlsChecksum: secret.checksum,
 * });
 */
export class TokenVerifier extends pulumi.ComponentResource {
  /** Its port on every node; 0 where the provider does not say it yet, as in a preview. */
  public readonly nodePort: pulumi.Output<number>;
  /** Name of the deployment. */
  public readonly deploymentName: pulumi.Output<string>;

  /** Raises an error that names every argument that is not right. */
  constructor(name: string, args: TokenVerifierArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:index:TokenVerifier", name, {}, opts);
    const input = checkVerifier(name, args);
    const waiting = waitingWith(`TokenVerifier "${name}"`, args, input.waitWithKubectl, VERIFIER_ROLLOUT, this);
    const said = input.cluster ? clusterIssuer(`TokenVerifier "${name}"`, accessOf(this)) : pulumi.output(undefined);
    const marks = waiting ? { annotations: EXISTS } : {};
    const deployment = createDeployment(name, { ...input, said }, marks, this);
    const done = waiting ? rolledOut(deployment, { ...waiting, secrets: [] }) : pulumi.output(undefined);
    const service = createService(name, input, this);
    createBudget(name, input, this);
    createNetworkPolicy(name, input, this);
    createAlert(name, input, this);
    this.nodePort = service.spec.ports.apply((all) => all[0]?.nodePort ?? 0);
    this.deploymentName = deployment.metadata.name;
    release(this, done);
    this.registerOutputs(outputsOf(this));
  }

  /** What depends on the component waits until its pods serve. */
  protected override initialize(): Promise<unknown> {
    return heldBack(this);
  }
}

const metadataOf = ({ name, namespace }: CheckedVerifier) => ({ name, namespace });

function createDeployment(
  name: string,
  { said, ...input }: CheckedVerifier & { said: pulumi.Output<ClusterIssuer | undefined> },
  marks: { annotations?: Record<string, string> },
  parent: pulumi.Resource,
): Deployment {
  const data = said.apply((known) => pulumi.output(verifierFiles(input, known)));
  const texts = new ConfigMap(name, { metadata: metadataOf(input), data }, { parent });
  const checksum = data.apply((files) => sumOf(files));
  const labels = verifierLabels(input);
  return new Deployment(
    name,
    {
      metadata: { ...metadataOf(input), labels, ...marks },
      spec: {
        replicas: input.replicas,
        revisionHistoryLimit: 3,
        selector: { matchLabels: labels },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: { metadata: verifierMetadata(input, checksum), spec: verifierPod(input, texts.metadata.name) },
      },
    },
    { parent },
  );
}

function sumOf(files: Record<string, string>): string {
  return createHash("sha256").update(JSON.stringify(files)).digest("hex");
}

/** As the registry's own service, it is not waited for: the gateways' question is the better proof. */
function createService(name: string, input: CheckedVerifier, parent: pulumi.Resource): Service {
  const { gateways: port } = POD.ports;
  const { nodePort } = input;
  return new Service(
    name,
    {
      metadata: { ...metadataOf(input), annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        type: "NodePort",
        selector: verifierLabels(input),
        ports: [{ name: "gateways", port, targetPort: port, protocol: "TCP", ...(nodePort ? { nodePort } : {}) }],
        ...(input.localTraffic ? { externalTrafficPolicy: "Local" } : {}),
      },
    },
    { parent },
  );
}

/** A node that is emptied takes one pod at a time. */
function createBudget(name: string, input: CheckedVerifier, parent: pulumi.Resource): void {
  if (!input.several) return;
  const selector = { matchLabels: verifierLabels(input) };
  new PodDisruptionBudget(name, { metadata: metadataOf(input), spec: { maxUnavailable: 1, selector } }, { parent });
}

function createNetworkPolicy(name: string, input: CheckedVerifier, parent: pulumi.Resource): void {
  const { allowedCidrs } = input;
  if (!allowedCidrs) return;
  const from = allowedCidrs.apply((all) => all.map((cidr) => ({ ipBlock: { cidr } })));
  new NetworkPolicy(
    name,
    {
      metadata: metadataOf(input),
      spec: {
        podSelector: { matchLabels: verifierLabels(input) },
        policyTypes: ["Ingress"],
        ingress: [{ from, ports: [{ port: POD.ports.gateways, protocol: "TCP" }] }],
      },
    },
    { parent },
  );
}
