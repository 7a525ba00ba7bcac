import { Service } from "@pulumi/kubernetes/core/v1/service";
import * as pulumi from "@pulumi/pulumi";
import { outputsOf } from "./outputs";
import { Checker } from "./checks/checker";
import { labelName } from "./checks/kubernetes";
import { REGISTRY_NODE_PORT, UI_NODE_PORT } from "./checks/shared";
import { type Checked, flag, type Members, plain, text } from "./checks/value";
import { REGISTRY } from "./registry/args";
import { APP_LABEL, NAMESPACE } from "./registry/pod-args";
import { UI } from "./registry/ui-args";

/** Arguments of `RegistryService`; every one has a default. */
export interface RegistryServiceArgs {
  /** Name of the service. Default `kube-registry`. */
  name?: pulumi.Input<string>;
  /** Namespace of the service, the same as the pod's. Default `kube-system`. */
  namespace?: pulumi.Input<string>;
  /** The pod's label `k8s-app`, by which the service finds it. Default `kube-registry`. */
  appLabel?: pulumi.Input<string>;
  /** Port of the registry, in the service and in the pod. Range 1-65535, default 5000. */
  registryPort?: pulumi.Input<number>;
  /** Port of the web UI, in the service and in the pod. Range 1-65535, default 80. */
  uiPort?: pulumi.Input<number>;
  /** Port of the registry on every node. Range 1-65535, default 30299. */
  registryNodePort?: pulumi.Input<number>;
  /** Port of the web UI on every node. Range 1-65535, default 30949. */
  uiNodePort?: pulumi.Input<number>;
  /**
   * True if each node only serves its own pods, which then see the gateway's address and not the node's: a
   * NetworkPolicy needs it. The gateways should then only know the nodes with a pod, as others don't answer. Not an
   * output. Default false.
   */
  localTraffic?: boolean;
  /**
   * False if the pod has no web UI: the service then has one port. Not an output, since it decides what exists. Default
   * true.
   */
  withUi?: boolean;
}

/** The name of the service. */
export const SERVICE_NAME = text({ rule: labelName, default: "kube-registry" });

const SERVICE = {
  name: SERVICE_NAME,
  namespace: NAMESPACE,
  appLabel: APP_LABEL,
  registryPort: REGISTRY.port,
  uiPort: UI.port,
  registryNodePort: REGISTRY_NODE_PORT,
  uiNodePort: UI_NODE_PORT,
  localTraffic: plain(flag({ default: false })),
  withUi: plain(flag({ default: true })),
} satisfies Members<RegistryServiceArgs>;

/**
 * The service that opens the registry and its UI on the same two ports of every node: 5000 on 30299, 80 on 30949.
 * The gateway connects to these.
 *
 * The provider doesn't wait until the service has endpoints (annotation `pulumi.com/skipAwait`): it would look in steps
 * of ten seconds, and the gateway's own probe is the better proof.
 *
 * @example
 * const service = new RegistryService("main", { registryNodePort: 30300 });
 */
export class RegistryService extends pulumi.ComponentResource {
  /** Name of the service. */
  public readonly serviceName: pulumi.Output<string>;
  /** Port of the registry on every node. */
  public readonly registryNodePort: pulumi.Output<number>;
  /** Port of the web UI on every node; 0 if the service has none. */
  public readonly uiNodePort: pulumi.Output<number>;

  /** Raises an error that names every argument that is not right. */
  constructor(name: string, args: RegistryServiceArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:index:RegistryService", name, {}, opts);
    const input = checked(name, args);
    const service = new Service(
      name,
      {
        metadata: {
          name: input.name,
          namespace: input.namespace,
          labels: { "k8s-app": input.appLabel, "kubernetes.io/name": "KubeRegistry" },
          annotations: { "pulumi.com/skipAwait": "true" },
        },
        spec: {
          type: "NodePort",
          selector: { "k8s-app": input.appLabel },
          ports: ports(input),
          ...(input.localTraffic ? { externalTrafficPolicy: "Local" } : {}),
        },
      },
      { parent: this },
    );
    this.serviceName = service.metadata.name;
    this.registryNodePort = service.spec.ports.apply((all) => all[0]?.nodePort ?? 0);
    this.uiNodePort = service.spec.ports.apply((all) => all[1]?.nodePort ?? 0);
    this.registerOutputs(outputsOf(this));
  }
}

type Input = Checked<typeof SERVICE>;

function checked(name: string, args: RegistryServiceArgs): Input {
  const checker = new Checker(`RegistryService "${name}"`, args);
  const input = checker.read(SERVICE, args);
  const same = (args.registryNodePort ?? REGISTRY_NODE_PORT.default) === (args.uiNodePort ?? UI_NODE_PORT.default);
  if (same && args.withUi !== false) {
    checker.add({
      property: "uiNodePort",
      expected: "a port other than registryNodePort",
      got: "the same",
      advice: "leave both out to use 30299 and 30949",
    });
  }
  checker.done();
  return input;
}

function ports(input: Input) {
  const entry = (name: string, number: pulumi.Output<number>, onNode: pulumi.Output<number>) => ({
    name,
    port: number,
    targetPort: number,
    protocol: "TCP",
    nodePort: onNode,
  });
  const registry = entry("registry", input.registryPort, input.registryNodePort);
  return input.withUi ? [registry, entry("registry-ui", input.uiPort, input.uiNodePort)] : [registry];
}
