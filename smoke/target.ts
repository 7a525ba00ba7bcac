/** A user of the registry. */
export interface SmokeUser {
  name: string;
  /** "pull" or "push"; "limited" for users with rights in only some repositories. */
  role: string;
  /** Undefined if the stack does not know it. */
  password: string | undefined;
}

/** What a smoke test has to know of a deployed stack. */
export interface SmokeTarget {
  /** "https://registry.example.com". */
  registryUrl: string;
  /** Empty if there is no UI. */
  uiUrl: string;
  /** Addresses of the gateways. */
  gateways: string[];
  /** Addresses of the nodes. */
  nodes: string[];
  registryNodePort: number;
  /** 0 if there is no UI. */
  uiNodePort: number;
  users: SmokeUser[];
  /** An identity, and a token of it: tried where one is given. */
  identity?: { name: string; token: string };
  /** The certificate that the stack's state has, PEM, leaf first. */
  certificateChain: string;
  /** Roots beside the public ones, PEM; or empty. */
  trustedRoots: string;
  namespace: string;
  tlsSecretName: string;
  deleteEnabled: boolean;
  /** False if the registry takes whoever reaches its port on a node. */
  clientCertificateRequired: boolean;
}

/**
 * Reads the outputs of a stack, as `pulumi stack output --json --show-secrets` prints them. Throws an error that names
 * every output that is missing.
 */
export function targetOf(outputs: Readonly<Record<string, unknown>>): SmokeTarget {
  const missing = NEEDED.filter((name) => outputs[name] === undefined || outputs[name] === null);
  if (missing.length > 0) {
    const advice = "run pulumi up with this version of the program; a stack of your own has to export them";
    throw new Error(`the stack has no output ${missing.join(", ")}; ${advice}`);
  }
  const text = (name: string): string => outputs[name] as string;
  return {
    registryUrl: text("registryUrl"),
    uiUrl: text("uiUrl"),
    gateways: outputs["gatewayAddresses"] as string[],
    nodes: outputs["nodeAddresses"] as string[],
    registryNodePort: Number(outputs["registryNodePort"]),
    uiNodePort: Number(outputs["uiNodePort"]),
    users: usersOf(outputs["userRoles"], outputs["dockerConfigs"]),
    certificateChain: text("certificateChain"),
    trustedRoots: text("trustedRootsPem"),
    namespace: text("namespace"),
    tlsSecretName: text("tlsSecretName"),
    deleteEnabled: outputs["deleteEnabled"] as boolean,
    clientCertificateRequired: outputs["clientCertificateRequired"] as boolean,
  };
}

const NEEDED = [
  "registryUrl",
  "uiUrl",
  "gatewayAddresses",
  "nodeAddresses",
  "registryNodePort",
  "uiNodePort",
  "userRoles",
  "dockerConfigs",
  "certificateChain",
  "trustedRootsPem",
  "namespace",
  "tlsSecretName",
  "deleteEnabled",
  "clientCertificateRequired",
];

interface DockerConfig {
  auths: Record<string, { password?: string }>;
}

function usersOf(roles: unknown, configs: unknown): SmokeUser[] {
  return Object.entries(roles as Record<string, string>).map(([name, role]) => {
    const config = (configs as Record<string, string>)[name];
    const [pair] = config ? Object.values((JSON.parse(config) as DockerConfig).auths) : [];
    return { name, role, password: pair?.password };
  });
}

/** One gateway under one of its names. */
export interface Site {
  /** Where to connect to. */
  address: string;
  port: number;
  /** The name that is asked for, in TLS and in the request. */
  host: string;
  /** Roots beside the public ones, PEM; or empty. */
  roots: string;
}

/** A gateway under the name of a URL. */
export function siteOf(target: SmokeTarget, url: string, address: string): Site {
  const { hostname, port } = new URL(url);
  return { address, port: Number(port || 443), host: hostname, roots: target.trustedRoots };
}
