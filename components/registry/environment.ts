/** The directory of the images in the container. */
export const IMAGES_PATH = "/var/lib/registry";
/** The directory of the TLS secret's files in the container. */
export const CERTIFICATES_PATH = "/certs";

/** Variables by name. */
export type Variables = Record<string, string>;

/** What the registry's variables are made of; all of it is plain data. */
export interface RegistrySettings {
  port: number;
  certificateFile: string;
  keyFile: string;
  /** True if the registry asks for a certificate of the CA in `ca.crt`. */
  requireClientCertificate: boolean;
  deleteEnabled: boolean;
  drainSeconds: number;
  readOnly: boolean;
  uploadHours: number;
  logLevel: string;
  logFormat: string;
  /** Where metrics and health are; empty for nowhere. */
  debugAddress: string;
  /** True for metrics there. */
  metrics: boolean;
  /** Limit of the container's memory, as Kubernetes writes it: "100Mi"; "0" for none. */
  memory: string;
}

/**
 * The registry's variables, all by name: its version 2 and 3 read different config files, and variables go over both.
 * A list has to be written in YAML's short form, in brackets.
 * @param store The variables of an object store; without them the images are in the directory `IMAGES_PATH`.
 *
 * The image of version 3 brings a developer's config: a debug port that is open, deletion allowed, abandoned uploads
 * kept, much more in the log, errors about traces that nobody collects. All of that is set here, so that both versions
 * do the same.
 */
export function registryVariables(settings: RegistrySettings, store?: Record<string, string>): Record<string, string> {
  return {
    REGISTRY_HTTP_ADDR: `:${settings.port}`,
    ...(store ?? { REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: IMAGES_PATH }),
    REGISTRY_HTTP_TLS_CERTIFICATE: `${CERTIFICATES_PATH}/${settings.certificateFile}`,
    REGISTRY_HTTP_TLS_KEY: `${CERTIFICATES_PATH}/${settings.keyFile}`,
    ...(settings.requireClientCertificate ? { REGISTRY_HTTP_TLS_CLIENTCAS: `[${CERTIFICATES_PATH}/ca.crt]` } : {}),
    REGISTRY_STORAGE_DELETE_ENABLED: String(settings.deleteEnabled),
    REGISTRY_STORAGE_MAINTENANCE: maintenance(settings),
    REGISTRY_HTTP_DRAINTIMEOUT: `${settings.drainSeconds}s`,
    REGISTRY_HTTP_DEBUG_ADDR: settings.debugAddress,
    REGISTRY_HTTP_DEBUG_PROMETHEUS_ENABLED: String(settings.metrics),
    REGISTRY_LOG_LEVEL: settings.logLevel,
    REGISTRY_LOG_FORMATTER: settings.logFormat,
    OTEL_TRACES_EXPORTER: "none",
    ...goRuntime(settings.memory),
  };
}

/**
 * Go's garbage collection, for a program that takes a buffer of some MiB for every blob and is done with it at once.
 * Go's own rule collects for each few of them, which takes most of the CPU of a small request; four times as rarely is
 * enough. And Go knows no limit by itself: near this one it collects as often as it has to, before the kernel kills the
 * registry.
 */
function goRuntime(memory: string): Record<string, string> {
  const limit = Math.min(Math.floor(bytesOf(memory) * GO_SHARE), Number.MAX_SAFE_INTEGER);
  return { GOGC: "400", GOMEMLIMIT: limit > 0 ? String(limit) : "off" }; // 0 is no limit in Kubernetes, either
}

/** The rest is for what Go does not count: the program itself, and files that are being read. */
const GO_SHARE = 0.9;
const SUFFIXES = ["", "K", "M", "G", "T", "P", "E"];

/** Bytes of an amount of memory as Kubernetes writes it; `memoryQuantity` has checked it. */
function bytesOf(amount: string): number {
  const [, number = "", suffix = ""] = /^([\d.]+)(\D*)$/.exec(amount) ?? [];
  if (suffix === "m") return Number(number) / 1000;
  const power = SUFFIXES.indexOf(suffix.charAt(0).toUpperCase());
  return Number(number) * (suffix.endsWith("i") ? 1024 : 1000) ** power;
}

function maintenance({ uploadHours, readOnly }: RegistrySettings): string {
  const purging = `uploadpurging: {enabled: true, age: ${uploadHours}h, interval: 24h, dryrun: false}`;
  return `{${purging}${readOnly ? ", readonly: {enabled: true}" : ""}}`;
}
