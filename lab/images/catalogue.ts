import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import type { ImageFile, ImageSpec } from "./archive";

/** The lab's own programs that images are made from: absolute paths. */
export interface ImagePrograms {
  readonly pause: string;
  /** Registry of the 3.x line, static. */
  readonly registry: string;
  readonly "registry-ui": string;
  /** Registry of the 2.8 line: Debian's docker-registry. */
  readonly registry2: string;
  /** Shell and tools of the registry's images, which are made on Alpine: Debian's busybox, static. */
  readonly busybox: string;
}

/** The image that holds a pod's namespaces. */
export const PAUSE_IMAGE = "docker.io/library/pause:lab";

const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** Every image of the lab, under the names of the real ones where it stands in for one. */
export function imageSpecs(programs: ImagePrograms): ImageSpec[] {
  return [
    { names: [PAUSE_IMAGE], files: { "/pause": { from: programs.pause } }, entrypoint: ["/pause"] },
    registryImage("2", programs, programs.registry2, "/etc/docker/registry/config.yml"),
    registryImage("3", programs, programs.registry, "/etc/distribution/config.yml"),
    uiImage(programs["registry-ui"]),
  ];
}

/**
 * As the official image: /entrypoint.sh, a configuration file, /bin/registry, busybox, and the volume. Alpine's busybox
 * has flock, Debian's has not.
 */
function registryImage(line: "2" | "3", { busybox }: ImagePrograms, program: string, configFile: string): ImageSpec {
  const roots: Record<string, ImageFile> = fs.existsSync(CERTIFICATES)
    ? { [CERTIFICATES]: { from: CERTIFICATES } }
    : {};
  return {
    names: [`docker.io/library/registry:${line}`],
    files: {
      ...roots,
      "/bin/busybox": { from: busybox },
      ...Object.fromEntries(APPLETS.map((name) => [`/bin/${name}`, { link: "/bin/busybox" }])),
      ...withLibraries("/usr/bin/flock", "/usr/bin/flock"),
      ...withLibraries("/bin/registry", program),
      "/entrypoint.sh": { text: ENTRYPOINT, executable: true },
      [configFile]: { text: configuration(line) },
      "/etc/passwd": { text: "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n" },
    },
    folders: ["/var/lib/registry", "/tmp"],
    entrypoint: ["/entrypoint.sh"],
    command: [configFile],
    environment: line === "3" ? { OTEL_TRACES_EXPORTER: "none" } : {},
    ports: [5000],
    volumes: ["/var/lib/registry"],
    labels: { "org.opencontainers.image.description": `registry ${line} of private-registry's lab` },
  };
}

/** Those of busybox's programs that the pods of the registry use. */
const APPLETS = [
  "sh",
  "cat",
  "cp",
  "find",
  "date",
  "grep",
  "ln",
  "ls",
  "mkdir",
  "mktemp",
  "mv",
  "rm",
  "sed",
  "sha256sum",
  "sleep",
  "sort",
  "sync",
  "tail",
  "touch",
  "tr",
  "wc",
  "xargs",
];

/** The images of the pods that verify tokens, which the lab has only where a test wants them. */
export function verifierSpecs(programs: { nginx: string; oauth2Proxy: string; busybox: string }): ImageSpec[] {
  const applets = ["sh", "head", "base64", "tr"];
  return [
    {
      names: ["docker.io/library/nginx:1.30-alpine"],
      files: {
        "/bin/busybox": { from: programs.busybox },
        ...Object.fromEntries(applets.map((name) => [`/bin/${name}`, { link: "/bin/busybox" }])),
        ...withLibraries("/usr/sbin/nginx", programs.nginx),
      },
      folders: ["/tmp"],
      entrypoint: ["/usr/sbin/nginx"],
    },
    {
      names: ["quay.io/oauth2-proxy/oauth2-proxy:v7.15.6"],
      files: { "/bin/oauth2-proxy": { from: programs.oauth2Proxy } },
      entrypoint: ["/bin/oauth2-proxy"],
    },
  ];
}

/** One program that keeps the contract of either UI: which one it is told by its variables. */
function uiImage(program: string): ImageSpec {
  return {
    names: ["docker.io/joxit/docker-registry-ui:2", "docker.io/konradkleine/docker-registry-frontend:v2"],
    files: { "/bin/registry-ui": { from: program } },
    folders: ["/tmp"],
    entrypoint: ["/bin/registry-ui"],
    ports: [80],
    labels: { "org.opencontainers.image.description": "stand-in of private-registry's lab for a registry UI" },
  };
}

/** A program at a path in the image, and the shared libraries that it needs at the paths where it looks for them. */
function withLibraries(target: string, program: string): Record<string, ImageFile> {
  const source = fs.realpathSync(program);
  return Object.fromEntries([
    [target, { from: source }],
    ...libraries(source).map((file) => [file, { from: file }]),
  ]) as Record<string, ImageFile>;
}

function libraries(program: string): string[] {
  try {
    const said = execFileSync("ldd", [program], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return [...said.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map((match) => match[1] ?? "");
  } catch {
    return []; // a static program: ldd says so and fails
  }
}

/**
 * As in the official image, the first argument tells what is meant: a configuration file, a command of the registry, or
 * another program.
 */
const ENTRYPOINT = `#!/bin/sh
set -e
case "$1" in
  *.yml | *.yaml) set -- registry serve "$@" ;;
  serve | garbage-collect | help | -*) set -- registry "$@" ;;
esac
exec "$@"
`;

/**
 * The settings of the official image; version 3's also allows deletion and opens a debug port, which a pod must not
 * expose.
 */
function configuration(line: "2" | "3"): string {
  const deletion = line === "3" ? "  delete:\n    enabled: true\n" : "";
  const debug = line === "3" ? "  debug:\n    addr: :5001\n    prometheus:\n      enabled: true\n" : "";
  return `version: 0.1
log:
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: /var/lib/registry
${deletion}http:
  addr: :5000
  headers:
    X-Content-Type-Options: [nosniff]
${debug}health:
  storagedriver:
    enabled: true
    interval: 10s
    threshold: 3
`;
}
