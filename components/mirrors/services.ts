import { Service } from "@pulumi/kubernetes/core/v1/service";
import * as pulumi from "@pulumi/pulumi";
import { NAMESPACE } from "../registry/pod-args";

/** What has to be known of a mirror's pod to reach it. */
export interface ServedMirror {
  /** Name of its deployment, and the pod's label `k8s-app`. */
  name: string;
  namespace: pulumi.Input<string> | undefined;
  /** True if each node only serves its own pods: a NetworkPolicy needs it. */
  localTraffic: boolean;
  /** Ports on every node; undefined: Kubernetes chooses. */
  nodePorts: { proxy: pulumi.Output<number> | undefined; reader: pulumi.Output<number> | undefined };
}

/** Ports in a mirror's pod. */
export const PROXY_PORT = 5000;
export const READER_PORT = 5005;

/** Where a mirror is on every node. */
export interface MirrorPorts {
  proxyPort: pulumi.Output<number>;
  readerPort: pulumi.Output<number>;
}

/**
 * Two services, since the reader has to answer while the proxy is not ready: where its disk is full, or it is started
 * anew.
 */
export function createServices(mirror: ServedMirror, resource: string, parent: pulumi.Resource): MirrorPorts {
  const { nodePorts } = mirror;
  return {
    proxyPort: service(mirror, resource, { name: "proxy", port: PROXY_PORT, nodePort: nodePorts.proxy }, parent),
    readerPort: service(mirror, resource, { name: "reader", port: READER_PORT, nodePort: nodePorts.reader }, parent),
  };
}

function service(
  { name, namespace = NAMESPACE.default, localTraffic }: ServedMirror,
  resource: string,
  port: { name: string; port: number; nodePort: pulumi.Output<number> | undefined },
  parent: pulumi.Resource,
): pulumi.Output<number> {
  const isReader = port.port === READER_PORT;
  const made = new Service(
    `${resource}-${port.name}`,
    {
      metadata: {
        name: `${name}-${port.name}`,
        namespace,
        labels: { "k8s-app": name },
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        type: "NodePort",
        selector: { "k8s-app": name },
        ports: [
          {
            name: port.name,
            port: port.port,
            targetPort: port.port,
            protocol: "TCP",
            ...(port.nodePort ? { nodePort: port.nodePort } : {}),
          },
        ],
        ...(isReader ? { publishNotReadyAddresses: true } : {}),
        ...(localTraffic ? { externalTrafficPolicy: "Local" } : {}),
      },
    },
    { parent },
  );
  return made.spec.ports.apply((all) => all[0]?.nodePort ?? 0);
}
