import type { input as k8s } from "@pulumi/kubernetes/types";
import type * as pulumi from "@pulumi/pulumi";

/** What both containers are made from. */
export interface ContainerParts {
  image: pulumi.Input<string>;
  port: pulumi.Input<number>;
  env: pulumi.Input<k8s.core.v1.EnvVar[]>;
  waitSeconds: pulumi.Output<number>;
  /** Request and limit of CPU and memory; none if left out. */
  size?: { cpu: pulumi.Input<string>; memory: pulumi.Input<string> } | undefined;
}

/** The container `registry`. Its root file system is read-only and it has no capability: it listens on a high port and owns its files. */
export function registryContainer(
  parts: ContainerParts & { storagePath: pulumi.Input<string>; certificatePath: pulumi.Input<string> },
): k8s.core.v1.Container {
  return {
    ...common("registry", parts),
    ...probes("registry"),
    volumeMounts: [
      { name: "image-store", mountPath: parts.storagePath },
      { name: "cert-dir", mountPath: parts.certificatePath, readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
    ],
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  };
}

/**
 * The container `registry-ui`. The known images start as root, write their settings into their pages and then run as somebody else, so they keep
 * what they need for that.
 */
export function uiContainer(parts: ContainerParts): k8s.core.v1.Container {
  return {
    ...common("registry-ui", parts),
    ...probes("registry-ui"),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: {
        drop: ["ALL"],
        add: ["CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID"],
      },
    },
  };
}

function common(name: string, parts: ContainerParts): k8s.core.v1.Container {
  const amount = parts.size;
  return {
    name,
    image: parts.image,
    env: parts.env,
    ports: [{ name, containerPort: parts.port, protocol: "TCP" }],
    lifecycle: parts.waitSeconds.apply((seconds) => (seconds > 0 ? { preStop: { sleep: { seconds } } } : {})),
    ...(amount ? { resources: { requests: amount, limits: amount } } : {}),
  };
}

/** The port alone is looked at: a request would need the client certificate, and `/v2/` a password. */
function probes(port: string): Pick<k8s.core.v1.Container, "startupProbe" | "readinessProbe" | "livenessProbe"> {
  const tcpSocket = { port };
  return {
    startupProbe: { tcpSocket, periodSeconds: 1, failureThreshold: 120 },
    readinessProbe: { tcpSocket, periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { tcpSocket, periodSeconds: 20, failureThreshold: 3, timeoutSeconds: 5 },
  };
}
