import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import { StoreCheck } from "./args";
import type { CheckedPod } from "./check";
import { IMAGES_PATH } from "./environment";

type Probes = Pick<k8s.core.v1.Container, "startupProbe" | "readinessProbe" | "livenessProbe">;
type Handler = Pick<k8s.core.v1.Probe, "exec" | "httpGet" | "tcpSocket">;

/** A file that is written to see if there is room, and is empty otherwise. */
const PROBE_FILE = ".room-for-more";
/** 64 KiB: more than a file system keeps in a file's own entry. Pure shell, which says so if a write fails. */
const WRITE = 'printf "%65536s" x > "$0" && : > "$0"';
/** A directory that is gone, or whose server does not answer, can't be entered. */
const READ = 'cd "$0"';
/**
 * A program that asks over HTTP is in both versions' images; without one it can't be known, and then nothing is held
 * against the registry.
 */
const HEALTH = 'command -v wget > /dev/null || exit 0; wget -q -T 4 -O /dev/null "$0"';

/**
 * The registry's probes. They look only at the port and the store: a request would need the client certificate, and
 * `/v2/` a password. A broken or full store takes the pod out of service, but a restart would not fix it.
 */
export function registryProbes(input: CheckedPod): Probes {
  return { ...probes("registry"), readinessProbe: { ...ready(input), ...READY } };
}

/** Probes of a container that is well while its port takes connections. */
export function probes(port: string): Probes {
  const tcpSocket = { port };
  return {
    startupProbe: { tcpSocket, periodSeconds: 1, failureThreshold: 120 },
    readinessProbe: { tcpSocket, periodSeconds: 10, failureThreshold: 2 },
    livenessProbe: { tcpSocket, periodSeconds: 30, failureThreshold: 3, timeoutSeconds: 5 },
  };
}

const READY = { periodSeconds: 10, failureThreshold: 2, timeoutSeconds: 5 };

function ready(input: CheckedPod): Handler {
  const { registry, storage, monitoring } = input;
  const { storeCheck } = registry;
  if (storeCheck === StoreCheck.Port) {
    return monitoring === undefined ? { tcpSocket: { port: "registry" } } : askMetrics;
  }
  if (!storage.volume) {
    return monitoring === undefined
      ? { exec: { command: healthUrl(input).apply((url) => ["/bin/sh", "-c", HEALTH, url]) } }
      : askMetrics;
  }
  const command = registry.readOnly.apply((readOnly) => {
    const writes = storeCheck === StoreCheck.Write && !readOnly;
    return ["/bin/sh", "-c", ...(writes ? [WRITE, `${IMAGES_PATH}/${PROBE_FILE}`] : [READ, IMAGES_PATH])];
  });
  return { exec: { command } };
}

const askMetrics: Handler = { httpGet: { path: "/debug/health", port: "metrics" } };

/**
 * Where the registry's debug server listens: for metrics on the pod's address; for the health of an object store, which
 * only the registry can tell, on loopback, where only the probe asks; else nowhere.
 */
export function debugAddress(input: CheckedPod): pulumi.Output<string> {
  if (input.monitoring) return pulumi.interpolate`:${input.monitoring.port}`;
  if (input.storage.volume || input.registry.storeCheck === StoreCheck.Port) return pulumi.output("");
  return loopback(input);
}

function healthUrl(input: CheckedPod): pulumi.Output<string> {
  return pulumi.interpolate`http://${loopback(input)}/debug/health`;
}

function loopback({ registry, ui }: CheckedPod): pulumi.Output<string> {
  const free = (taken: number[]): number => [5001, 5002, 5003].find((port) => !taken.includes(port)) ?? 5001;
  return pulumi.all([registry.port, ui.port]).apply((taken) => `127.0.0.1:${free(taken)}`);
}
