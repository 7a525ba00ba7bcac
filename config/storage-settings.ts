import * as rules from "../components";
import { keep, setting, whole } from "./setting";

/** The keys of where the images are, and of everything that keeps, cleans and watches them. */
export const storageSettings = {
  storageNode: setting(
    "string",
    "For images in a directory of a node: the node, as in `kubectl get nodes`. This or another kind of storage is required.",
    { example: "node-1" },
    rules.objectName("no other: give the name as in `kubectl get nodes`"),
  ),
  storagePath: setting(
    "string",
    "Directory of the images on that node.",
    { default: "/data/docker_registry" },
    rules.absolutePath(keep("/data/docker_registry")),
  ),
  storageClaim: setting(
    "object",
    "For images in a volume of the cluster: its claim. `sizeGiB` for a new one, with `name`, `storageClass`, `accessMode`, and `deleteImages` with the claim's name in `deleteImagesOf`, or `existingName` for one of your own.",
    {
      members: ["existingName", "name", "sizeGiB", "storageClass", "accessMode", "deleteImages", "deleteImagesOf"],
      example: '{ "sizeGiB": 100 }',
    },
  ),
  storageS3: setting(
    "object",
    "For images in a bucket of S3 or of a store that speaks its language: `bucket`, and `region`, `endpoint`, `pathStyle`, `rootDirectory`, `accessKeyId` and `secretAccessKey` (both secret), `encrypt`, `encryptionKeyId`.",
    {
      members: [
        "bucket",
        "region",
        "endpoint",
        "pathStyle",
        "rootDirectory",
        "accessKeyId",
        "secretAccessKey",
        "encrypt",
        "encryptionKeyId",
      ],
      secretMembers: ["accessKeyId", "secretAccessKey"],
      example: '{ "bucket": "images", "region": "eu-central-1" }',
    },
  ),
  storageGcs: setting(
    "object",
    "For images in Google Cloud Storage: `bucket`, and `rootDirectory`, `keyFileJson` (secret).",
    {
      members: ["bucket", "rootDirectory", "keyFileJson"],
      secretMembers: ["keyFileJson"],
      example: '{ "bucket": "images" }',
    },
  ),
  storageAzure: setting(
    "object",
    "For images in Azure Blob Storage: `accountName`, `container`, and `realm`, `accountKey` (secret).",
    {
      members: ["accountName", "container", "realm", "accountKey"],
      secretMembers: ["accountKey"],
      example: '{ "accountName": "example", "container": "images" }',
    },
  ),
  storageRedirects: setting(
    "boolean",
    "True if clients are sent to the object store for layers; they have to reach it.",
    { default: false },
  ),
  replicas: setting(
    "integer",
    "How many pods. 1-100; more than one needs an object store, or a claim with accessMode ReadWriteMany.",
    { default: 1 },
    whole(1, 100, 1),
  ),
  uploadHours: setting(
    "integer",
    "How long an unfinished upload is kept. Hours, 1-8760.",
    { default: 168 },
    whole(1, 8760, 168),
  ),
  readOnly: setting("boolean", "True if nobody may push or delete, as for a backup or a move.", { default: false }),
  cleaningSchedule: setting(
    "string",
    "When the registry restarts to remove layers that no image uses: five fields of cron, in UTC. Needs one replica, or `readOnly`. Default: never.",
    { example: '"0 4 * * 0"' },
  ),
  cleaningDeleteUntagged: setting(
    "boolean",
    "True if images without a tag are removed too. Needs version 3 of the registry.",
    { default: false },
  ),
  cleaningKubectlImage: setting(
    "string",
    "Image with kubectl, which restarts the pod.",
    { default: "registry.k8s.io/kubectl:v1.35.0" },
    rules.image("registry.k8s.io/kubectl:v1.35.0"),
  ),
  backup: setting(
    "object",
    "Snapshots of images in a directory of a node or in a claim: `claimName` or `hostPath` for where they go, with `nodeName` for a directory beside a claim, and `schedule` (`0 2 * * *`, in UTC) and `keep` (7).",
    {
      members: ["claimName", "hostPath", "nodeName", "schedule", "keep", "image"],
      example: '{ "claimName": "registry-backups" }',
    },
  ),
  metrics: setting(
    "boolean",
    "True for metrics in the cluster, and a health check that notices a broken store. Not beside `notifications`.",
    {
      default: false,
    },
  ),
  metricsServiceMonitor: setting("boolean", "True to make a ServiceMonitor for the Prometheus operator.", {
    default: false,
  }),
  metricsRules: setting("boolean", "True to make a PrometheusRule with alerts.", { default: false }),
  metricsCertificateHours: setting(
    "integer",
    "With how many hours left the alerts call the served certificate late; take fewer for a certificate of a few days. 1-87600.",
    { default: 336 },
    whole(1, 87600, 336),
  ),
  metricsDashboard: setting("boolean", "True to make a ConfigMap with a dashboard, which Grafana's sidecar finds.", {
    default: false,
  }),
  metricsLabels: setting("object", "Labels by which Prometheus chooses the ServiceMonitor and the PrometheusRule.", {
    example: '{ "release": "prometheus" }',
  }),
  proxyRemoteUrl: setting("string", "Makes the registry a cache of the one at this URL; nobody can push to it then.", {
    example: "https://registry-1.docker.io",
  }),
  proxyUsername: setting("string", "User at that registry.", {}, rules.text(256, "leave it out for none")),
  proxyPassword: setting("string", "Password at that registry.", { secret: true }),
  proxyTtlHours: setting(
    "integer",
    "How long the cache keeps a layer, in version 3 of the registry. Hours, 1-87600.",
    { default: 168 },
    whole(1, 87600, 168),
  ),
  notifications: setting(
    "array",
    "Where notices of pushes and pulls go. Each has `name` and `url`, and may have `headers` and `timeoutSeconds`; all of it is set with `--secret --path`. Not beside `metrics`.",
    { secret: true, items: "object", example: '[{ "name": "audit", "url": { "secure": "..." } }]' },
  ),
};
