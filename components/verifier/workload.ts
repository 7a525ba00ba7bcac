import { createHash } from "node:crypto";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import { Secret } from "@pulumi/kubernetes/core/v1/secret";
import { Service } from "@pulumi/kubernetes/core/v1/service";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget";
import * as pulumi from "@pulumi/pulumi";
import { release } from "../cluster/dependents";
import { EXISTS, rolledOut } from "../cluster/rollout";
import type { waitingWith } from "../cluster/waiting";
import { createAlert, type DownAlert } from "./alert";
import type { CheckedPods } from "./check";
import { podLabels, podMetadata, podSpec } from "./pod";
import { POD } from "./front";

/** What a kind of these pods has of its own. */
export interface PodKind {
  /** The label `app.kubernetes.io/name`. */
  app: string;
  /** The files of the config map. */
  files: pulumi.Output<Record<string, string>>;
  /** Those of a secret. */
  secrets?: pulumi.Output<Record<string, string>>;
  alert: DownAlert;
}

/** What was made. */
export interface GatewayPods {
  nodePort: pulumi.Output<number>;
  deploymentName: pulumi.Output<string>;
}

/** Everything in the cluster that pods for gateways need; what depends on the parent waits until they serve. */
export function createPods(
  name: string,
  input: CheckedPods,
  kind: PodKind,
  waiting: ReturnType<typeof waitingWith>,
  parent: pulumi.Resource,
): GatewayPods {
  const deployment = createDeployment(name, input, kind, waiting ? { annotations: EXISTS } : {}, parent);
  const done = waiting ? rolledOut(deployment, { ...waiting, secrets: [] }) : pulumi.output(undefined);
  const labels = podLabels(kind.app, input);
  const service = createService(name, input, labels, parent);
  createBudget(name, input, labels, parent);
  createNetworkPolicy(name, input, labels, parent);
  createAlert(name, input, kind.alert, parent);
  release(parent, done);
  return {
    nodePort: service.spec.ports.apply((all) => all[0]?.nodePort ?? 0),
    deploymentName: deployment.metadata.name,
  };
}

type Labels = Record<string, pulumi.Input<string>>;

const metadataOf = ({ name, namespace }: CheckedPods) => ({ name, namespace });

function createDeployment(
  name: string,
  input: CheckedPods,
  { app, files, secrets }: PodKind,
  marks: { annotations?: Record<string, string> },
  parent: pulumi.Resource,
): Deployment {
  const texts = new ConfigMap(name, { metadata: metadataOf(input), data: files }, { parent });
  const secret = secrets && new Secret(name, { metadata: metadataOf(input), stringData: secrets }, { parent });
  const known = pulumi.unsecret(pulumi.all([files, secrets]).apply((all) => sumOf(all)));
  const labels = podLabels(app, input);
  return new Deployment(
    name,
    {
      metadata: { ...metadataOf(input), labels, ...marks },
      spec: {
        replicas: input.replicas,
        revisionHistoryLimit: 3,
        selector: { matchLabels: labels },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: {
          metadata: podMetadata(input, labels, known),
          spec: podSpec(input, labels, texts.metadata.name, secret?.metadata.name),
        },
      },
    },
    { parent },
  );
}

/** Of files, and of secrets if there are any: a sum of random keys tells nobody anything. */
function sumOf([files, secrets]: (Record<string, string> | undefined)[]): string {
  return createHash("sha256")
    .update(JSON.stringify(secrets === undefined ? files : [files, secrets]))
    .digest("hex");
}

/** As the registry's own service, it is not waited for: the gateways' question is the better proof. */
function createService(name: string, input: CheckedPods, labels: Labels, parent: pulumi.Resource): Service {
  const { gateways: port } = POD.ports;
  const { nodePort } = input;
  return new Service(
    name,
    {
      metadata: { ...metadataOf(input), annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        type: "NodePort",
        selector: labels,
        ports: [{ name: "gateways", port, targetPort: port, protocol: "TCP", ...(nodePort ? { nodePort } : {}) }],
        ...(input.localTraffic ? { externalTrafficPolicy: "Local" } : {}),
      },
    },
    { parent },
  );
}

/** A node that is emptied takes one pod at a time. */
function createBudget(name: string, input: CheckedPods, labels: Labels, parent: pulumi.Resource): void {
  if (!input.several) return;
  const selector = { matchLabels: labels };
  new PodDisruptionBudget(name, { metadata: metadataOf(input), spec: { maxUnavailable: 1, selector } }, { parent });
}

function createNetworkPolicy(name: string, input: CheckedPods, labels: Labels, parent: pulumi.Resource): void {
  const { allowedCidrs } = input;
  if (!allowedCidrs) return;
  const from = allowedCidrs.apply((all) => all.map((cidr) => ({ ipBlock: { cidr } })));
  new NetworkPolicy(
    name,
    {
      metadata: metadataOf(input),
      spec: {
        podSelector: { matchLabels: labels },
        policyTypes: ["Ingress"],
        ingress: [{ from, ports: [{ port: POD.ports.gateways, protocol: "TCP" }] }],
      },
    },
    { parent },
  );
}
