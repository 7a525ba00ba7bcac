import { bytesOf } from "../checks/kubernetes";

/** The directory of the images in the container. */
export const IMAGES_PATH = "/var/lib/registry";
/** The directory of the TLS secret's files in the container. */
export const CERTIFICATES_PATH = "/certs";

/** Variables by name. */
export type Variables = Record<string, string>;

/** What the registry reads from a variable: a text, a number, true or false, or a list or table of these. */
type Setting = string | number | boolean | object;

/** Settings of the registry by the names of their variables. */
export type Settings = Readonly<Record<string, Setting>>;

/**
 * The variables as the registry gets them: it reads each `REGISTRY_...` as YAML, of which JSON is a part, so that
 * texts such as `@x`, `0123e5` and `x #y` stay what they are. Other variables are not the registry's own, and no YAML.
 */
export function written(settings: Settings): Variables {
  const text = (name: string, value: Setting): string =>
    typeof value === "string" && !isYaml(name) ? value : JSON.stringify(value);
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, text(name, value)]));
}

/** Variables as Kubernetes lists them, without those that come from elsewhere. */
export function listed(all: Variables, except: readonly string[] = []): { name: string; value: string }[] {
  return Object.entries(all)
    .filter(([name]) => !except.includes(name))
    .map(([name, value]) => ({ name, value }));
}

/** True for a variable that the registry reads as YAML. */
export function isYaml(name: string): boolean {
  return name.startsWith("REGISTRY_");
}

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
  /** Limit of the container's memory, as Kubernetes writes it: "100Mi"; undefined for none. */
  memory: string | undefined;
}

/**
 * The registry's settings, all by name: its version 2 and 3 read different config files, and variables go over both.
 * @param store The variables of an object store; without them the images are in the directory `IMAGES_PATH`.
 *
 * The image of version 3 brings a developer's config: a debug port that is open, deletion allowed, abandoned uploads
 * kept, much more in the log, errors about traces that nobody collects. All of that is set here, so that both versions
 * do the same.
 */
export function registrySettings(settings: RegistrySettings, store?: Settings): Settings {
  return {
    REGISTRY_HTTP_ADDR: `:${settings.port}`,
    ...(store ?? { REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: IMAGES_PATH }),
    REGISTRY_HTTP_TLS_CERTIFICATE: `${CERTIFICATES_PATH}/${settings.certificateFile}`,
    REGISTRY_HTTP_TLS_KEY: `${CERTIFICATES_PATH}/${settings.keyFile}`,
    ...(settings.requireClientCertificate ? { REGISTRY_HTTP_TLS_CLIENTCAS: [`${CERTIFICATES_PATH}/ca.crt`] } : {}),
    REGISTRY_STORAGE_DELETE_ENABLED: settings.deleteEnabled,
    REGISTRY_STORAGE_MAINTENANCE: maintenance(settings),
    REGISTRY_HTTP_DRAINTIMEOUT: `${settings.drainSeconds}s`,
    REGISTRY_HTTP_DEBUG_ADDR: settings.debugAddress,
    REGISTRY_HTTP_DEBUG_PROMETHEUS_ENABLED: settings.metrics,
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
function goRuntime(memory: string | undefined): Settings {
  const limit = Math.min(Math.floor(bytesOf(memory ?? "") * GO_SHARE), Number.MAX_SAFE_INTEGER);
  return { GOGC: "400", GOMEMLIMIT: limit > 0 ? String(limit) : "off" };
}

/** The rest is for what Go does not count: the program itself, and files that are being read. */
const GO_SHARE = 0.9;

function maintenance({ uploadHours, readOnly }: RegistrySettings): Settings {
  const uploadpurging = { enabled: true, age: `${uploadHours}h`, interval: "24h", dryrun: false };
  return { uploadpurging, ...(readOnly ? { readonly: { enabled: true } } : {}) };
}
