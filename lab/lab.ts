import path from "node:path";

/**
 * The cluster's nodes: the host that each is, its name as in `kubectl get nodes`, and the network of its pods. The
 * first one has the control plane too.
 */
export const nodes = [
  { host: "node", name: "lab-node", pods: "10.232.0.0/24" },
  { host: "node-2", name: "lab-node-2", pods: "10.232.1.0/24" },
] as const;

/** One node of the cluster. */
export type LabNode = (typeof nodes)[number];

/** The hosts of the lab. Each is a set of namespaces, see lab/hosts. */
export type HostName = LabNode["host"] | "ca" | "gateway" | "client";

// The tests of the hosts themselves use another prefix and block, beside a running lab.
const [prefix = "", block = ""] = (process.env["LAB_TEST_NETWORK"] ?? "prl 10.231.0").split(" ");

/** The lab's network. It is fixed, as the machine can have one lab only. */
export const network = {
  /** Namespace that holds the bridge and the machine's side of every host's link. */
  namespace: `${prefix}-net`,
  /** The bridge, in that namespace. */
  bridge: `${prefix}-br`,
  /** The one link of the lab that the machine itself sees. */
  machineLink: `${prefix}0`,
  subnet: `${block}.0/24`,
  prefixLength: 24,
  addresses: {
    machine: `${block}.1`,
    node: `${block}.2`,
    ca: `${block}.3`,
    gateway: `${block}.4`,
    client: `${block}.5`,
    "node-2": `${block}.6`,
  },
} as const;

/** The names under which the gateway serves; both resolve to it on the client host and for the ACME server. */
export const names = { registry: "registry.lab.test", ui: "ui.lab.test" } as const;

/** Name of a host's network namespace: "prl-gateway". */
export const namespaceOf = (host: HostName): string => `${prefix}-${host}`;

/** Where everything of one lab is. Plain data: the same in every process. */
export interface Lab {
  /** The lab's folder: state, logs, keys. `down` empties it. */
  readonly dir: string;
  /** The checkout that the lab runs from. */
  readonly checkout: string;
  /** Folder of logs, a file per daemon or step. */
  readonly logs: string;
  /** A folder of PATH: links to every program that the lab built, and to the plugins. */
  readonly bin: string;
  /** Admin kubeconfig, usable from the machine. */
  readonly kubeconfig: string;
  /** Folder of kubectl's cache: else it is in the user's home. */
  readonly kubeCache: string;
  /** Folder of the lab's docker config: where a login is noted. */
  readonly dockerConfig: string;
  /** The socket of docker's daemon on the client host, while it runs. */
  readonly dockerSocket: string;
  /** Containerd's socket on the first node, usable from the machine. */
  readonly containerdSocket: string;
  /** Roots to verify the gateway's certificate with, and the ACME directory's own. */
  readonly caFile: string;
  /** The ACME directory's URL. */
  readonly acmeDirectory: string;
  /** The SSH login of the gateway and of the nodes, and the gateway's host key; see lab/hosts/ssh.ts. */
  readonly ssh: { readonly user: string; readonly keyFile: string; readonly hostKeyFile: string };
  /** Pulumi's home, file backend, passphrase file and stack. */
  readonly pulumi: {
    readonly home: string;
    readonly backend: string;
    readonly passphraseFile: string;
    readonly stack: string;
  };
  /** Users of the registry; their passwords are in `secretsFile`. */
  readonly users: { readonly push: string; readonly pull: string };
  /** Random values of this lab (JSON, mode 0600), see lab/secrets.ts. */
  readonly secretsFile: string;
}

/** The lab's folder where LAB_DIR names no other. Nobody else has anything in it. */
export const STANDARD_DIR = "/var/lib/private-registry-lab";

/** The lab that the environment describes: LAB_DIR, by default `STANDARD_DIR`. */
export function labOf(env: NodeJS.ProcessEnv = process.env): Lab {
  return labIn(path.resolve(env["LAB_DIR"] || STANDARD_DIR), path.join(__dirname, ".."));
}

/** The lab of a checkout in a folder. */
export function labIn(dir: string, checkout: string): Lab {
  const within = (...parts: string[]): string => path.join(dir, ...parts);
  return {
    dir,
    checkout,
    logs: within("logs"),
    bin: within("bin"),
    kubeconfig: within("cluster", "kubeconfig"),
    kubeCache: within("cluster", "kube-cache"),
    dockerConfig: within("docker"),
    dockerSocket: within("docker.sock"),
    containerdSocket: within("cluster", nodes[0].host, "containerd.sock"),
    caFile: within("ca", "roots.pem"),
    acmeDirectory: `https://${network.addresses.ca}:14000/dir`,
    ssh: { user: "deploy", keyFile: within("ssh", "id_ed25519"), hostKeyFile: within("ssh", "host_ed25519.pub") },
    pulumi: {
      home: within("pulumi", "home"),
      backend: within("pulumi", "state"),
      passphraseFile: within("pulumi", "passphrase"),
      stack: "lab",
    },
    users: { push: "alice", pull: "bob" },
    secretsFile: within("secrets.json"),
  };
}

/** Path of the log of a daemon or step. */
export function logFile(lab: Lab, of: string): string {
  return path.join(lab.logs, `${of}.log`);
}

/** A folder of a host's own: its plan of mounts, pid files and files. */
export function hostDir(lab: Lab, host: HostName, ...parts: string[]): string {
  return path.join(lab.dir, "hosts", host, ...parts);
}
