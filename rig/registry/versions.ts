import { ensurePrograms } from "../../lab/programs";
import { which } from "../../lab/programs/path";

/** A version of the registry as a program, with the config file that its image brings. */
export interface RegistryVersion {
  name: string;
  program(): Promise<string>;
  config: string;
}

/** Version 2, from Debian, with the config of the image `registry:2`. */
export const version2: RegistryVersion = {
  name: "registry 2",
  program: () => Promise.resolve(which("docker-registry") ?? "/usr/bin/docker-registry"),
  config: `version: 0.1
storage: {cache: {blobdescriptor: inmemory}, filesystem: {rootdirectory: /var/lib/registry}}
http: {addr: ":5000", headers: {X-Content-Type-Options: [nosniff]}}
health: {storagedriver: {enabled: true, interval: 10s, threshold: 3}}
`,
};

/** Version 3, with the config of the image `registry:3`, which is a developer's. */
export const version3: RegistryVersion = {
  name: "registry 3",
  program: async () => (await ensurePrograms(["registry"], () => undefined)).registry,
  config: `version: 0.1
log: {level: debug, fields: {environment: development}}
storage:
  delete: {enabled: true}
  cache: {blobdescriptor: inmemory}
  filesystem: {rootdirectory: /var/lib/registry}
  maintenance: {uploadpurging: {enabled: false}}
  tag: {concurrencylimit: 8}
http: {addr: ":5000", debug: {addr: ":5001", prometheus: {enabled: true, path: /metrics}}}
health: {storagedriver: {enabled: true, interval: 10s, threshold: 3}}
`,
};
