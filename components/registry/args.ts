import type * as pulumi from "@pulumi/pulumi";
import { objectName, registryImage } from "../checks/kubernetes";
import {
  flag,
  list,
  map,
  type Members,
  oneOf,
  optionalTable,
  plain,
  rows,
  table,
  text,
  wholeNumber,
} from "../checks/value";
import { PORT } from "../checks/shared";
import { type ContainerResourcesArgs, RESOURCES, VARIABLES } from "./container-args";
import { NOTIFICATION, type RegistryNotificationArgs } from "./features/notification-args";
import { PROXY, type RegistryProxyArgs } from "./features/proxy-args";

/** How much the registry logs. */
export const RegistryLogLevel = {
  Error: "error",
  Warn: "warn",
  /** The default without notifications. */
  Info: "info",
  Debug: "debug",
} as const;
export type RegistryLogLevel = (typeof RegistryLogLevel)[keyof typeof RegistryLogLevel];

/** In which form the registry logs. */
export const RegistryLogFormat = {
  /** Lines for people. The default. */
  Text: "text",
  /** A JSON object a line, for programs. */
  Json: "json",
} as const;
export type RegistryLogFormat = (typeof RegistryLogFormat)[keyof typeof RegistryLogFormat];

/** How the pod's readiness looks at the store of images. */
export const StoreCheck = {
  /**
   * It has to take a write: a store that is broken, read-only or full takes the pod out of service. The default, since
   * a registry that goes on in a full store leaves parts of images behind, and version 2 empty files in the place of
   * tags.
   */
  Write: "write",
  /** It has to be there: pulls go on from a full store, and pushes fail. */
  Read: "read",
  /** Not at all: only the port is checked, for an image without a shell. */
  Port: "port",
} as const;
export type StoreCheck = (typeof StoreCheck)[keyof typeof StoreCheck];

/** What the registry logs. */
export interface RegistryLogArgs {
  /**
   * How much is logged, besides a line a request. Default `info`, and with notifications `warn`: at other levels the
   * registry would log their secrets, which is refused.
   */
  level?: pulumi.Input<RegistryLogLevel>;
  /** In which form it is logged. Default `text`. */
  format?: pulumi.Input<RegistryLogFormat>;
}

/** The container `registry`. */
export interface RegistryContainerArgs {
  /**
   * Image, with a tag or digest; of version 3 of the registry, or of version 2, which gets no fixes any more. Default
   * `registry:3`.
   */
  image?: pulumi.Input<string>;
  /** Port on which the registry listens with TLS. Range 1-65535, default 5000. */
  port?: pulumi.Input<number>;
  /**
   * What the container asks for and may take. Default: requests of 100m of CPU and 100Mi of memory, no limit of CPU,
   * and 1536Mi of memory at most, which carry 64 pulls of 4 layers at once. A request that is left out beside a limit
   * is that limit. Nine tenths of the memory limit are the soft limit of the registry's Go runtime, which collects
   * garbage rarely before (`GOMEMLIMIT`, and `GOGC` 400); `environment` may say otherwise.
   */
  resources?: ContainerResourcesArgs;
  /**
   * How many pods. More than one needs an object store, or a claim with `ReadWriteMany`. Not an output, since it
   * decides what exists. Range 1-100, default 1.
   */
  replicas?: number;
  /** True if clients may delete manifests; the UI then offers it. Default false. */
  deleteEnabled?: pulumi.Input<boolean>;
  /** True if nobody may push or delete, as for a backup or a move. Default false. */
  readOnly?: pulumi.Input<boolean>;
  /**
   * How readiness looks at the store. A registry that is read-only only has to read; an object store is asked by the
   * registry itself (`/debug/health` on loopback). Not an output. Default `write`.
   */
  storeCheck?: StoreCheck;
  /** How long an unfinished upload is kept. Hours, 1-8760, default 168. */
  uploadHours?: pulumi.Input<number>;
  /** What is logged. */
  log?: RegistryLogArgs;
  /** How the pod stops. */
  shutdown?: RegistryShutdownArgs;
  /** Where notices of pushes and pulls go. Not an output. Default none. */
  notifications?: RegistryNotificationArgs[];
  /** Makes the registry a cache of another one. Not an output, since it decides what the registry is. Default: none. */
  proxy?: RegistryProxyArgs;
  /**
   * More variables for the registry, by name, in the form `REGISTRY_LOG_LEVEL: "debug"`; one that the component sets
   * itself is replaced. The registry reads those that begin with `REGISTRY_` as YAML: a text with `@`, `: ` or ` #`
   * needs quotes of its own within. For passwords use `secretEnvironment`.
   */
  environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * User id under which the registry runs. Default: 1000, and root for a directory of a node, whose images belong to
   * root in the recipe. Not an output, since it decides what else is forbidden.
   */
  runAsUser?: number;
  /**
   * Secrets of your own in the registry's namespace whose keys are variables, such as `REGISTRY_STORAGE_S3_SECRETKEY`;
   * a variable that is set otherwise wins. The pod reads them when it starts, and the registry reads them as YAML, so
   * a password with `@`, `: ` or ` #` needs quotes of its own within. Default none.
   */
  secretNames?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * More variables whose values are secrets; they are kept in a Kubernetes secret, and the pod only names it. As with
   * `environment`, the registry reads them as YAML. Secret.
   */
  secretEnvironment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * How the pod goes when it is told to stop: it first stays as it is until no node sends it anything new, then finishes
 * what it has.
 */
export interface RegistryShutdownArgs {
  /**
   * How long the pod goes on as before while the nodes learn that it leaves. Seconds, 0-300, default 5. More than 0
   * needs Kubernetes 1.30 or newer, with its `sleep` handler.
   */
  waitSeconds?: pulumi.Input<number>;
  /**
   * How long it then finishes running pushes and pulls, at most; it ends as soon as there are none. Seconds, 1-3600,
   * default 300.
   */
  drainSeconds?: pulumi.Input<number>;
}

/** The values of `RegistryContainerArgs`. */
export const REGISTRY = {
  image: text({ rule: registryImage, default: "registry:3" }),
  resources: table(RESOURCES),
  replicas: plain(wholeNumber({ min: 1, max: 100, default: 1 })),
  port: wholeNumber({ ...PORT, default: 5000 }),
  deleteEnabled: flag({ default: false }),
  readOnly: flag({ default: false }),
  storeCheck: plain(oneOf(StoreCheck, { default: StoreCheck.Write })),
  uploadHours: wholeNumber({ min: 1, max: 8760, default: 168 }),
  log: table({
    level: oneOf(RegistryLogLevel, { without: "info, and with notifications warn" }),
    format: oneOf(RegistryLogFormat, { default: RegistryLogFormat.Text }),
  } satisfies Members<RegistryLogArgs>),
  shutdown: table({
    waitSeconds: wholeNumber({ min: 0, max: 300, default: 5 }),
    drainSeconds: wholeNumber({ min: 1, max: 3600, default: 300 }),
  } satisfies Members<RegistryShutdownArgs>),
  notifications: rows(NOTIFICATION, { of: "endpoints" }),
  proxy: optionalTable(PROXY, {}),
  environment: map(VARIABLES),
  secretEnvironment: map({ ...VARIABLES, secret: true }),
  secretNames: list(text({ rule: objectName, advice: "give the name as in `kubectl get secrets`" }), { of: "secrets" }),
  runAsUser: plain(wholeNumber({ min: 0, max: 2147483647, without: "1000, or root for a directory of a node" })),
} satisfies Members<RegistryContainerArgs>;
