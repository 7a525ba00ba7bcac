import type { FlatName } from "../../config/flat-keys";

/** A default of 0.1.0 that this or a later version changes. */
interface FormerDefault {
  key: FlatName;
  value: string;
  /** The place that says that the file has left the default behind. */
  unless: string;
}

/** Written out where a file of 0.1.0 left them to the program, so that a moved stack does what it did. */
export const formerDefaults: readonly FormerDefault[] = [
  // Later the default is registry:3, which reads the store of version 2, but has other names for some variables.
  { key: "registryImage", value: "registry:2", unless: "registry.image" },
  // Later there is no CPU limit, and other requests; another limit is another pod.
  { key: "registryCpu", value: "100m", unless: "registry.resources" },
  { key: "registryMemory", value: "100Mi", unless: "registry.resources" },
];
