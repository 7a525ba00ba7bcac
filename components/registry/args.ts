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

/** Images kept in a directory of one node. */
export interface HostPathStorageArgs {
  /** The directory on the node; it is made if it is missing. Default `/data/docker_registry`. */
  path?: pulumi.Input<string>;
  /** The node that has the images, as in `kubectl get nodes`. The pod runs there and nowhere else. */
  nodeName: pulumi.Input<string>;
}

/** Where the images are. */
export interface RegistryStorageArgs {
  /** A directory of one node. */
  hostPath: HostPathStorageArgs;
}

/** CPU and memory of a container; request and limit are the same, which puts it in the guaranteed class. */
export interface ContainerSizeArgs {
  /** CPU, in Kubernetes' form: "100m" is a tenth of a core. */
  cpu: pulumi.Input<string>;
  /** Memory, in Kubernetes' form: "100Mi". */
  memory: pulumi.Input<string>;
}

/** The container `registry`. */
export interface RegistryContainerArgs {
  /** Image, with a tag or digest; version 2 and 3 of the registry both work. Default `registry:2`. */
  image?: pulumi.Input<string>;
  /** Port on which the registry listens with TLS. Default 5000. */
  port?: pulumi.Input<number>;
  /** Size. Default 100m of CPU and 100Mi of memory. */
  size?: ContainerSizeArgs;
  /** Directory of the images in the container. Default `/var/lib/registry`. */
  storagePath?: pulumi.Input<string>;
  /** Directory of the TLS secret's files in the container. Default `/certs`. */
  certificatePath?: pulumi.Input<string>;
  /** True if clients may delete manifests; the UI then offers it. Default false. */
  deleteEnabled?: pulumi.Input<boolean>;
  /**
   * More variables for the registry, by name, in the form `REGISTRY_LOG_LEVEL: "debug"`; one that the component sets itself is
   * replaced. For passwords use `secretEnvironment`.
   */
  environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
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

/** Arguments of `RegistryPod`. */
export interface RegistryPodArgs {
  /** Where the images are. Plain, since it decides what exists. */
  storage: RegistryStorageArgs;
  /** Name of the TLS secret: the output `secretName` of a `TlsSecret`. */
  tlsSecretName: pulumi.Input<string>;
  /** What the TLS secret holds, as a checksum: the output `checksum` of a `TlsSecret`. The pod is renewed when it changes. */
  tlsChecksum: pulumi.Input<string>;
  /**
   * The registry's `REGISTRY_HTTP_SECRET`, which signs the state of uploads: the same between runs and for all replicas, or running pushes fail.
   * 32 random characters or more. A secret.
   */
  httpSecret: pulumi.Input<string>;
  /**
   * True if the registry takes nobody without a client certificate of the CA in the TLS secret's `ca.crt`; then a node's port is no way
   * round the gateway. Needs `clientCaPem` in the `TlsSecret`. Default false.
   */
  requireClientCertificate?: pulumi.Input<boolean>;
  /** The container `registry`. Default: the recipe's. */
  registry?: RegistryContainerArgs;
  /** The container `registry-ui`. Default: the joxit UI. */
  ui?: RegistryUiArgs;
  /** Host name of the registry, for the commands that the UI shows. Default: what the UI makes of its own address. */
  registryHost?: pulumi.Input<string>;
  /** Where the UI's page is, such as `https://www.example.com`. Default: the UI takes the address in the browser. */
  uiUrl?: pulumi.Input<string>;
  /** How the pod stops. */
  shutdown?: RegistryShutdownArgs;
  /** Name of the deployment. Default `kube-registry-v0`. */
  name?: pulumi.Input<string>;
  /** Namespace. Default `kube-system`. */
  namespace?: pulumi.Input<string>;
  /** Value of the label `k8s-app`, by which the service finds the pod. Default `kube-registry`. */
  appLabel?: pulumi.Input<string>;
  /** Value of the label `version`. Default `v0`. */
  versionLabel?: pulumi.Input<string>;
  /** Name of the chain's file in the TLS secret. Default `domain.crt`. */
  certificateFile?: pulumi.Input<string>;
  /** Name of the key's file in the TLS secret. Default `domain.key`. */
  keyFile?: pulumi.Input<string>;
}
