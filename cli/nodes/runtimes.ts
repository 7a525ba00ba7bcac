import { stringify } from "yaml";
import { nodeBlueprint, type NodeMirrors } from "../../components/internal";
import { crioMirrors, dockerMirrors, k3sMirrors, talosMirrors } from "./mirrors";
import type { NodeFile } from "./files";

/** A registry as a node has to know it. */
export interface NodeRegistry {
  /** Host name. */
  host: string;
  /** HTTPS port. */
  port: number;
  /** Roots, PEM; empty if every system knows them. */
  rootsPem: string;
  /** How nodes get to other registries; undefined without mirrors. */
  mirrors?: Omit<NodeMirrors, "httpsPort"> | undefined;
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
  const { host: registryHost, port: httpsPort, rootsPem, mirrors } = registry;
  const files = nodeBlueprint({
    site: "nodes",
    registryHost,
    httpsPort,
    caPem: rootsPem || undefined,
    mirrors: mirrors && { ...mirrors, httpsPort: 443 },
  }).files({ directory: CERTS_D, hash: "", listen: [] });
  return {
    files: files.map(({ path, content, readers }) => ({
      path: `${CERTS_D}/${path}`,
      text: withoutMark(content),
      ...(readers === "root" ? { isKey: true } : {}),
    })),
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
  const own = registry.rootsPem === "" ? {} : { [named(registry)]: { tls: { ca_file: file } } };
  const { files = [], mirrors, configs } = k3sMirrors(registry.mirrors);
  const settings = { ...(mirrors ? { mirrors } : {}), configs: { ...own, ...configs } };
  return {
    files: [
      ...(registry.rootsPem === "" ? [] : [{ path: file, text: registry.rootsPem }]),
      ...files,
      { path: "/etc/rancher/k3s/registries.yaml", text: stringify(settings) },
    ],
    notes: [
      "Put the lines beside those that are in registries.yaml already, then restart k3s on the node; pods go on. Not run by us.",
      "For RKE2 the folder is /etc/rancher/rke2, and the service rke2-server or rke2-agent.",
    ],
  };
}

/** The registry's root, in a folder of its name. */
function rootIn(folder: string, registry: NodeRegistry): NodeFile[] {
  if (registry.rootsPem === "") return [];
  return [{ path: `${folder}/${named(registry)}/ca.crt`, text: registry.rootsPem }];
}

/** CRI-O, podman, skopeo: containers-certs.d(5), containers-registries.conf(5). */
function crio(registry: NodeRegistry): ForRuntime {
  return {
    files: [...rootIn("/etc/containers/certs.d", registry), ...crioMirrors(registry.mirrors)],
    notes: [
      "It is read at the next pull. Run with skopeo, which has the same library; CRI-O itself was not run by us.",
    ],
  };
}

/** Docker Engine: its page "Verify repository client with certificates". */
function docker(registry: NodeRegistry): ForRuntime {
  const { files, notes } = dockerMirrors(registry.mirrors);
  return {
    files: [...rootIn("/etc/docker/certs.d", registry), ...files],
    notes: ["It is read at the next pull.", ...notes],
  };
}

/** Talos: RegistryTLSConfig (1.12 and newer), before that machine.registries of the machine configuration. */
function talos(registry: NodeRegistry): ForRuntime {
  const document = { apiVersion: "v1alpha1", kind: "RegistryTLSConfig", name: named(registry), ca: registry.rootsPem };
  const before = { machine: { registries: { config: { [named(registry)]: { tls: { ca: base64(registry) } } } } } };
  const own = registry.rootsPem === "" ? [] : [document];
  const text = [...own, ...talosMirrors(registry.mirrors)].map((each) => stringify(each)).join("---\n");
  return {
    files: [{ path: undefined, text }],
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
    .map(({ path, text, isKey }) => {
      const whole = text.endsWith("\n") ? text : `${text}\n`;
      if (path === undefined) return whole;
      const folder = path.slice(0, path.lastIndexOf("/"));
      const closed = isKey ? `(umask 077 && : >'${path}')\n` : "";
      return `mkdir -p '${folder}'\n${closed}cat >'${path}' <<'END'\n${whole}END\n`;
    })
    .join("");
}
