import * as fs from "node:fs";
import { which } from "./path";

/** What a package is needed for. */
export interface DebianPackage {
  /**
   * Programs or files that show that it, or something that stands in for it, is there: a name on PATH, or absolute
   * paths.
   */
  shows: readonly string[];
  /** Its services, which the lab neither starts nor leaves enabled if it was the lab that installed the package. */
  services?: readonly string[];
}

/** Debian's packages that the project uses. */
export const PACKAGES: Readonly<Record<string, DebianPackage>> = {
  "apache2-utils": { shows: ["htpasswd"] },
  "busybox-static": { shows: ["busybox"] },
  buildah: { shows: ["buildah"] },
  bind9: { shows: ["named"], services: ["named.service"] },
  certbot: { shows: ["certbot"], services: ["certbot.timer", "certbot.service"] },
  chromium: { shows: ["chromium", "chromium-browser", "google-chrome"] },
  conntrack: { shows: ["conntrack"] },
  curl: { shows: ["curl"] },
  containerd: { shows: ["containerd"], services: ["containerd.service"] },
  "containernetworking-plugins": { shows: ["/usr/lib/cni/bridge", "/opt/cni/bin/bridge"] },
  "docker.io": { shows: ["dockerd"], services: ["docker.service", "docker.socket"] },
  "docker-registry": { shows: ["docker-registry"], services: ["docker-registry.service"] },
  fish: { shows: ["fish"] },
  "etcd-server": { shows: ["etcd"], services: ["etcd.service"] },
  iproute2: { shows: ["ip"] },
  iptables: { shows: ["iptables"] },
  "libnginx-mod-http-js": { shows: ["/usr/lib/nginx/modules/ngx_http_js_module.so"] },
  "libnss3-tools": { shows: ["certutil"] },
  mount: { shows: ["mount"] },
  jq: { shows: ["jq"] },
  nginx: { shows: ["nginx"], services: ["nginx.service"] },
  "openssh-client": { shows: ["ssh"] },
  "openssh-server": { shows: ["sshd"], services: ["ssh.service", "ssh.socket"] },
  openssl: { shows: ["openssl"] },
  podman: {
    shows: ["podman"],
    services: ["podman.service", "podman.socket", "podman-auto-update.timer", "podman-restart.service"],
  },
  prometheus: { shows: ["promtool"], services: ["prometheus.service"] },
  python3: { shows: ["python3"] },
  "python3-venv": { shows: ["/usr/share/python-wheels"] },
  runc: { shows: ["runc"] },
  shellcheck: { shows: ["shellcheck"] },
  skopeo: { shows: ["skopeo"] },
  sudo: { shows: ["sudo"] },
  tcsh: { shows: ["tcsh"] },
  "util-linux": { shows: ["unshare", "nsenter"] },
  wrk: { shows: ["wrk"] },
};

/** Which packages each use of the project needs. */
export const DEBIAN_GROUPS = {
  /** Namespaces and links between them. */
  hosts: ["iproute2", "util-linux", "mount"],
  /** The cluster of two nodes. */
  cluster: ["containerd", "runc", "etcd-server", "containernetworking-plugins", "iptables", "conntrack"],
  /** Images: the registry of the 2.8 line, and the programs that are beside it in its image. */
  images: ["docker-registry", "busybox-static"],
  /** The gateway host. */
  gateway: ["nginx", "openssl", "curl"],
  /** A login on the gateway host and the nodes. */
  ssh: ["openssh-server", "openssh-client", "sudo"],
  /** The integration tests: real programs as local processes. */
  integration: [
    "bind9",
    "nginx",
    "libnginx-mod-http-js",
    "openssh-server",
    "openssh-client",
    "sudo",
    "openssl",
    "curl",
    "fish",
    "tcsh",
    "apache2-utils",
    "skopeo",
    "docker-registry",
    "docker.io",
    "busybox-static",
    "shellcheck",
    "jq",
    "containerd",
    "prometheus",
    "python3",
    "python3-venv",
  ],
  /** `npm run bench`. */
  bench: [
    "apache2-utils",
    "certbot",
    "curl",
    "docker-registry",
    "libnginx-mod-http-js",
    "nginx",
    "openssl",
    "skopeo",
    "wrk",
  ],
  /** Docker's daemon and command, with which `npm start` logs in, pushes and pulls. */
  docker: ["docker.io"],
  /** Clients of a registry other than Docker, for the end-to-end tests. */
  clients: ["podman", "buildah", "skopeo"],
  /** The UI as a person sees it. */
  browser: ["chromium", "libnss3-tools"],
} satisfies Record<string, string[]>;

const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"];

/** True if what a package is needed for is on this machine, wherever it came from. */
export function isThere(name: string): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(":"), ...SYSTEM_FOLDERS];
  const shows = PACKAGES[name]?.shows ?? [];
  return shows.some((one) => (one.startsWith("/") ? fs.existsSync(one) : which(one, folders) !== undefined));
}
