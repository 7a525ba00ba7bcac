import type { NodeMirrors } from "../../components/internal";
import type { NodeFile } from "./files";

type Mirrors = Omit<NodeMirrors, "httpsPort"> | undefined;

/** What a client shows, in the files that Docker and the library of CRI-O and podman look for. */
function shownIn(folder: string, { host, caPem, certificatePem, keyPem }: NonNullable<Mirrors>): NodeFile[] {
  const at = `${folder}/${host}`;
  return [
    { path: `${at}/ca.crt`, text: caPem },
    { path: `${at}/client.cert`, text: certificatePem },
    { path: `${at}/client.key`, text: keyPem, isKey: true },
  ];
}

/** k3s: `mirrors` and `configs` of registries.yaml, and the files that they name. */
export function k3sMirrors(mirrors: Mirrors): { files?: NodeFile[]; mirrors?: object; configs?: object } {
  if (!mirrors) return {};
  const at = `/etc/rancher/k3s/${mirrors.host}`;
  const [ca, certificate, key] = [`${at}.crt`, `${at}.client.crt`, `${at}.client.key`];
  return {
    files: [
      { path: ca, text: mirrors.caPem },
      { path: certificate, text: mirrors.certificatePem },
      { path: key, text: mirrors.keyPem, isKey: true },
    ],
    mirrors: Object.fromEntries(mirrors.upstreams.map(({ name }) => [name, { endpoint: [`https://${mirrors.host}`] }])),
    configs: { [mirrors.host]: { tls: { ca_file: ca, cert_file: certificate, key_file: key } } },
  };
}

/** CRI-O and podman say by the path of which registry an image is. */
export function crioMirrors(mirrors: Mirrors): NodeFile[] {
  if (!mirrors) return [];
  const inPath = (name: string): string => `${mirrors.host}/${name.replace(":", "_")}`;
  const tables = mirrors.upstreams.map(({ name }) =>
    [
      "[[registry]]",
      `prefix = "${name}"`,
      `location = "${mirrors.fallback ? name : inPath(name)}"`,
      ...(mirrors.fallback ? ["[[registry.mirror]]", `location = "${inPath(name)}"`] : []),
      "",
    ].join("\n"),
  );
  const settings = { path: "/etc/containers/registries.conf.d/50-private-registry.conf", text: tables.join("\n") };
  return [settings, ...shownIn("/etc/containers/certs.d", mirrors)];
}

/** Docker Engine mirrors docker.io and nothing else. */
export function dockerMirrors(mirrors: Mirrors): { files: NodeFile[]; notes: string[] } {
  if (!mirrors?.upstreams.some(({ name }) => name === "docker.io")) return { files: [], notes: [] };
  const line = JSON.stringify({ "registry-mirrors": [`https://${mirrors.host}`] });
  return {
    files: shownIn("/etc/docker/certs.d", mirrors),
    notes: [`For the mirror of docker.io put ${line} into /etc/docker/daemon.json and reload: systemctl reload docker`],
  };
}

/** Talos: RegistryMirrorConfig of each registry, and RegistryTLSConfig of the mirrors (1.12 and newer). */
export function talosMirrors(mirrors: Mirrors): object[] {
  if (!mirrors) return [];
  const { host, fallback, upstreams, caPem, certificatePem, keyPem } = mirrors;
  const head = { apiVersion: "v1alpha1" };
  return [
    ...upstreams.map(({ name }) => ({
      ...head,
      kind: "RegistryMirrorConfig",
      name,
      endpoints: [{ url: `https://${host}` }],
      ...(fallback ? {} : { skipFallback: true }),
    })),
    {
      ...head,
      kind: "RegistryTLSConfig",
      name: host,
      ca: caPem,
      clientIdentity: { cert: certificatePem, key: keyPem },
    },
  ];
}
