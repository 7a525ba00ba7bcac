import type * as pulumi from "@pulumi/pulumi";

/** Which web UI runs beside the registry. */
export enum UiKind {
  /** joxit/docker-registry-ui: static files, the data goes through the gateway. The default. */
  Joxit = "joxit",
  /**
   * konradkleine/docker-registry-frontend, as in the recipe. It reads old (schema 1) manifests only, and asks the registry itself: whoever
   * reaches its port reads every image without a password.
   */
  Konradkleine = "konradkleine",
  /** No web UI. */
  None = "none",
}

/** CPU and memory of a container; request and limit are the same, which puts it in the guaranteed class. */
export interface ContainerSizeArgs {
  /** CPU, in Kubernetes' form: "100m" is a tenth of a core. */
  cpu: pulumi.Input<string>;
  /** Memory, in Kubernetes' form: "100Mi". */
  memory: pulumi.Input<string>;
}

/** How much the registry logs. */
export enum RegistryLogLevel {
  Error = "error",
  Warn = "warn",
  /** The default without notifications. */
  Info = "info",
  Debug = "debug",
}

/** In which form the registry logs. */
export enum RegistryLogFormat {
  /** Lines for people. The default. */
  Text = "text",
  /** A JSON object a line, for programs. */
  Json = "json",
}

/** How the pod's readiness looks at the store of images. */
export enum StoreCheck {
  /**
   * It has to take a write: a store that is broken, read-only or full takes the pod out of service. The default, since a registry that goes on in a full store
   * leaves parts of images behind, and version 2 empty files in the place of tags.
   */
  Write = "write",
  /** It has to be there: pulls go on from a full store, and pushes fail. */
  Read = "read",
  /** Not at all: the port alone, for an image without a shell. */
  Port = "port",
}

/** The container `registry`. */
export interface RegistryContainerArgs {
  /** Image, with a tag or digest; version 2 and 3 of the registry both work. Default `registry:2`. */
  image?: pulumi.Input<string>;
  /** Port on which the registry listens with TLS. Default 5000. */
  port?: pulumi.Input<number>;
  /**
   * Size. Default 100m of CPU and 100Mi of memory. Nine tenths of the memory are the soft limit of the registry's Go runtime, which collects garbage rarely before
   * (`GOMEMLIMIT`, and `GOGC` 400); `environment` may say otherwise.
   */
  size?: ContainerSizeArgs;
  /** Directory of the images in the container. Default `/var/lib/registry`. */
  storagePath?: pulumi.Input<string>;
  /** Directory of the TLS secret's files in the container. Default `/certs`. */
  certificatePath?: pulumi.Input<string>;
  /** True if clients may delete manifests; the UI then offers it. Default false. */
  deleteEnabled?: pulumi.Input<boolean>;
  /** True if nobody may push or delete, as for a backup or a move. Default false. */
  readOnly?: pulumi.Input<boolean>;
  /**
   * How readiness looks at the store. A registry that is read-only only has to read; an object store is asked by the registry itself (`/debug/health` on loopback). Plain.
   * Default `write`.
   */
  storeCheck?: StoreCheck;
  /** How long an unfinished upload is kept. Hours, 1-8760, default 168. */
  uploadHours?: pulumi.Input<number>;
  /** How much is logged, beside a line a request. Default `info`, and with notifications `warn`: at other levels the registry would log their secrets, which is refused. */
  logLevel?: pulumi.Input<RegistryLogLevel>;
  /** In which form it is logged. Default `text`. */
  logFormat?: pulumi.Input<RegistryLogFormat>;
  /**
   * More variables for the registry, by name, in the form `REGISTRY_LOG_LEVEL: "debug"`; one that the component sets itself is
   * replaced. For passwords use `secretEnvironment`.
   */
  environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * User id under which the registry runs. Default: 1000, and root for a directory of a node, whose images belong to root in the recipe. Plain, since it
   * decides what else is forbidden.
   */
  runAsUser?: number;
  /**
   * Secrets of your own in the registry's namespace whose keys are variables, such as `REGISTRY_STORAGE_S3_SECRETKEY`; a variable that is set otherwise wins. The pod reads them when it starts. Default
   * none.
   */
  secretNames?: pulumi.Input<pulumi.Input<string>[]>;
  /** More variables whose values are secrets; they are kept in a Kubernetes secret, and the pod only names it. */
  secretEnvironment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** The container `registry-ui`. */
export interface RegistryUiArgs {
  /** Which UI. Plain, since it decides whether the container exists. Default `joxit`. */
  kind?: UiKind;
  /** Image, with a tag or digest. Default `joxit/docker-registry-ui:2` or `konradkleine/docker-registry-frontend:v2`. */
  image?: pulumi.Input<string>;
  /** Port on which the UI listens, without TLS. Default 80. */
  port?: pulumi.Input<number>;
  /** Size. Default: neither request nor limit, as in the recipe. */
  size?: ContainerSizeArgs;
  /**
   * User id under which the UI runs, from 1 on, without any right; the joxit UI takes 101. Its port then has to be 1024 or higher. Default: root, which both UIs
   * need for port 80.
   */
  runAsUser?: number;
  /** Title of the page. Default: the name of the registry. */
  title?: pulumi.Input<string>;
  /** More variables for the UI, by name; one that the component sets itself is replaced. */
  environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** How the pod goes when it is told to stop: it first stays as it is until no node sends it anything new, then finishes what it has. */
export interface RegistryShutdownArgs {
  /**
   * How long the pod goes on as before while the nodes learn that it leaves. Seconds, 0-300, default 5. More than 0 needs Kubernetes 1.30 or
   * newer, with its `sleep` handler.
   */
  waitSeconds?: pulumi.Input<number>;
  /** How long it then finishes running pushes and pulls, at most; it ends as soon as there are none. Seconds, 1-3600, default 300. */
  drainSeconds?: pulumi.Input<number>;
}
