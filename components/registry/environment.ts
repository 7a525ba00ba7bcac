/** What the registry's variables are made of; all of it is plain data. */
export interface RegistrySettings {
  port: number;
  storagePath: string;
  certificatePath: string;
  certificateFile: string;
  keyFile: string;
  /** True if the registry asks for a certificate of the CA in `ca.crt`. */
  requireClientCertificate: boolean;
  deleteEnabled: boolean;
  drainSeconds: number;
}

/**
 * The registry's variables, all by name: its version 2 and 3 read different config files, and variables go over both.
 * A list has to be written in YAML's short form, in brackets.
 *
 * The image of version 3 brings a developer's config: a debug port that is open, deletion allowed, abandoned uploads kept, much more in
 * the log, errors about traces that nobody collects. All of that is set here, so that both versions do the same.
 */
export function registryVariables(settings: RegistrySettings): Record<string, string> {
  const { certificatePath } = settings;
  return {
    REGISTRY_HTTP_ADDR: `:${settings.port}`,
    REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: settings.storagePath,
    REGISTRY_HTTP_TLS_CERTIFICATE: `${certificatePath}/${settings.certificateFile}`,
    REGISTRY_HTTP_TLS_KEY: `${certificatePath}/${settings.keyFile}`,
    ...(settings.requireClientCertificate ? { REGISTRY_HTTP_TLS_CLIENTCAS: `[${certificatePath}/ca.crt]` } : {}),
    REGISTRY_STORAGE_DELETE_ENABLED: String(settings.deleteEnabled),
    REGISTRY_HTTP_DRAINTIMEOUT: `${settings.drainSeconds}s`,
    REGISTRY_HTTP_DEBUG_ADDR: "",
    REGISTRY_LOG_LEVEL: "info",
    REGISTRY_STORAGE_MAINTENANCE: "{uploadpurging: {enabled: true, age: 168h, interval: 24h, dryrun: false}}",
    OTEL_TRACES_EXPORTER: "none",
  };
}
