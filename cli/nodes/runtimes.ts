import { stringify } from "yaml";
import { nodeBlueprint } from "../../components/internal";

/** A registry as a node has to know it. */
export interface NodeRegistry {
  /** Host name. */
  host: string;
  /** HTTPS port. */
  port: number;
  /** Roots, PEM. */
  rootsPem: string;
}

/** A file for a node. */
export interface NodeFile {
  /** Absolute path on the node; undefined for what is no file there. */
  path: string | undefined;
  text: string;
}

/** What a runtime needs, and what to know of it. */
export interface ForRuntime {
  files: NodeFile[];
  notes: string[];
}

const named = ({ host, port }: NodeRegistry): string => (port === 443 ? host : `${host}:${port}`);

const CERTS_D = "/etc/containerd/certs.d";

/** containerd by itself, as kubeadm has it: docs/hosts.md there. */
function containerd(registry: NodeRegistry): ForRuntime {
  const site = { site: "nodes", registryHost: registry.host, httpsPort: registry.port, caPem: registry.rootsPem };
  const files = nodeBlueprint(site).files({ directory: CERTS_D, hash: "", listen: [] });
  return {
    files: files.map(({ path, content }) => ({ path: `${CERTS_D}/${path}`, text: withoutMark(content) })),
    notes: [
      `containerd reads it at the next pull, if its configuration says config_path = "${CERTS_D}"; docs/pulling.md has the lines.`,
    ],
  };
}

/** The first line says that Pulumi writes the file, which is not so here. */
const withoutMark = (text: string): string => text.replace(/^# Written by .*\n/, "");

/** k3s: its page "Private Registry Configuration". */
function k3s(registry: NodeRegistry): ForRuntime {
  const file = `/etc/rancher/k3s/${registry.host}.crt`;
  const configs = { [named(registry)]: { tls: { ca_file: file } } };
  return {
    files: [
      { path: file, text: registry.rootsPem },
      { path: "/etc/rancher/k3s/registries.yaml", text: stringify({ configs }) },
    ],
    notes: [
      "Put the lines beside those that are in registries.yaml already, then restart k3s on the node; pods go on. Not run by us.",
      "For RKE2 the folder is /etc/rancher/rke2, and the service rke2-server or rke2-agent.",
    ],
  };
}

/** CRI-O, podman, skopeo: containers-certs.d(5). */
function crio(registry: NodeRegistry): ForRuntime {
  return {
    files: [{ path: `/etc/containers/certs.d/${named(registry)}/ca.crt`, text: registry.rootsPem }],
    notes: [
      "It is read at the next pull. Run with skopeo, which has the same library; CRI-O itself was not run by us.",
    ],
  };
}

/** Docker Engine: its page "Verify repository client with certificates". */
function docker(registry: NodeRegistry): ForRuntime {
  return {
    files: [{ path: `/etc/docker/certs.d/${named(registry)}/ca.crt`, text: registry.rootsPem }],
    notes: ["It is read at the next pull."],
  };
}

/** Talos: RegistryTLSConfig (1.12 and newer), before that machine.registries of the machine configuration. */
function talos(registry: NodeRegistry): ForRuntime {
  const document = { apiVersion: "v1alpha1", kind: "RegistryTLSConfig", name: named(registry), ca: registry.rootsPem };
  const before = { machine: { registries: { config: { [named(registry)]: { tls: { ca: base64(registry) } } } } } };
  return {
    files: [{ path: undefined, text: stringify(document) }],
    notes: [
      "A document of the machine configuration: talosctl patch machineconfig --patch @FILE. Talos 1.12 and newer. Not run by us.",
      `Before 1.12 the patch is ${JSON.stringify(before)}`,
    ],
  };
}

const base64 = ({ rootsPem }: NodeRegistry): string => Buffer.from(rootsPem).toString("base64");

/** By the name that `--print` takes. */
export const RUNTIMES = { containerd, k3s, crio, docker, talos } as const;
export type Runtime = keyof typeof RUNTIMES;

/** The files as commands for a root shell on the node; what is no file there as it is. */
export function commandsFor({ files }: ForRuntime): string {
  return files
    .map(({ path, text }) => {
      const whole = text.endsWith("\n") ? text : `${text}\n`;
      if (path === undefined) return whole;
      const folder = path.slice(0, path.lastIndexOf("/"));
      return `mkdir -p '${folder}'\ncat >'${path}' <<'END'\n${whole}END\n`;
    })
    .join("");
}
