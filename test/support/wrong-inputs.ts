type Table = Record<string, unknown>;

const BCRYPT = `$2y$10$${"x".repeat(53)}`;

/** A stack's settings that are wrong, by path, over a stack that is right. */
export const IN_FILES: Record<string, Table> = {
  "the five of one round (house C3)": {
    registyHost: "registry.example.com",
    "certificate.directory": "prod",
    "certificate.contacts": ["ops"],
    "storage.garbageCollection.schedule": "@daily",
    "access.realm": "Geschützt",
  },
  "pull secrets, untagged images and a notification": {
    "cluster.pullSecrets": [{ namespace: "apps", user: "nobody" }],
    "storage.garbageCollection": { schedule: "0 4 * * 0", deleteUntagged: true },
    "registry.image": "registry:2",
    "registry.notifications": [{ name: "audit", url: "audit.example.com" }],
  },
  "nothing set at all": {
    registryHost: undefined,
    nodeAddresses: undefined,
    gateways: undefined,
    ssh: undefined,
    users: undefined,
    certificate: undefined,
    ui: undefined,
    storage: undefined,
  },
  "four rooms by words": {
    "nginx.logFormat": "xml",
    "ui.kind": "none",
    "backend.certificate": "own",
    "registry.log": { level: "trace", format: "xml" },
  },
  "four rooms by numbers": {
    "nginx.readTimeoutSeconds": 0,
    "registry.shutdown": { waitSeconds: 301, drainSeconds: 0 },
    "certificate.timeoutSeconds": 5,
    monitoring: { metrics: true, certificateHours: 0 },
  },
  "settings without effect": {
    "monitoring.rules": true,
    "storage.garbageCollection.deleteUntagged": true,
    "registry.proxy": { remoteUrl: "https://registry-1.docker.io", password: "hunter2" },
    "storage.redirects": true,
  },
  "a UI without a name": { ui: { title: "Images", port: 8080 } },
  "values that can't work": {
    "registry.resources.limits": { cpu: "100Mi", memory: "100m" },
    "registry.port": 80,
    "registry.image": "registry:1",
    "scheduling.labels": { team: "has space" },
  },
  "a table where a text is meant": { "registry.environment": { A: { b: 1 } } },
  "cron out of its ranges, and a day that never comes": {
    "storage.garbageCollection.schedule": "99 99 * * *",
    "storage.backup": { claimName: "backups", schedule: "0 0 30 2 *" },
  },
  "two pull secrets of one namespace": {
    "cluster.pullSecrets": [
      { namespace: "apps", user: "ci" },
      { namespace: "apps", user: "ci" },
    ],
  },
  "a node's name of 64 letters": { "storage.hostPath.nodeName": "n".repeat(64) },
  "the same node twice, two ways to write a name": {
    nodeAddresses: ["192.0.2.10", "192.0.2.10"],
    "ui.host": "REGISTRY.example.com",
  },
  "SSH keys and host keys cut short": {
    "ssh.privateKey":
      "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
    "gateways[0].hostKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAA",
    "nginx.accessLog": "logs/a.log",
    "storage.hostPath.path": "../images",
  },
  "paths instead of contents": {
    "ssh.privateKey": "~/.ssh/id_ed25519",
    "certificate.directoryCaPem": "/etc/ssl/ca.pem",
    "certificate.accountKeyPem": "account.pem",
    "cluster.serviceAccountName": "My Account",
  },
  "two kinds of storage, and what only one of them can": {
    "storage.s3": { bucket: "images", accessKeyId: "AKIA" },
    "registry.replicas": 3,
    "scheduling.priorityClassName": "High Prio",
  },
  "a claim of one's own that is to be deleted": {
    "storage.hostPath": undefined,
    "storage.claim": { existingName: "mine", sizeGiB: 5, deleteImages: "mine" },
  },
  "images to be deleted under a different name": {
    "storage.hostPath": undefined,
    "storage.claim": { sizeGiB: 5, name: "images", deleteImages: "kube-registry-images" },
  },
  "a claim without a size, a backup without a place": {
    "storage.hostPath": undefined,
    "storage.claim": { storageClass: "fast" },
    "storage.backup": { keep: 3 },
    "ui.path": "/ui",
    "registry.uploadHours": 0,
  },
  "a backup of an object store": {
    "storage.hostPath": undefined,
    "storage.s3": { bucket: "images" },
    "storage.backup": { hostPath: "/mnt/backup" },
  },
  "users of one name, of none, of too long a password": {
    "access.bcryptCost": 3,
    "ui.runAsUser": 0,
    users: [
      { name: "ci", role: "push", password: "p".repeat(73) },
      { name: "CI", role: "pull", password: "b" },
      { name: "", role: "pull" },
    ],
  },
  "a user without a right, one with a wrong pattern": {
    users: [{ name: "a" }, { name: "b", repositories: [{ pattern: "team/**/x/**", role: "write" }] }],
    "access.anonymousPull": ["/public"],
  },
  "a password and a generation": { "users[0].generation": 2 },
  "hashes of a kind that is not taken, beside a password, of another user's line": {
    users: [
      { name: "a", role: "push", passwordHash: "$1$saltsalt$qjXMvbEw8oaL.CzflDugX/" },
      { name: "b", role: "push", passwordHash: BCRYPT, password: "b" },
      { name: "c", role: "pull", passwordHash: `d:${BCRYPT}` },
    ],
  },
  "notices beside metrics and a level that shows secrets": {
    "registry.notifications": [{ name: "audit", url: "https://audit.example.com/t" }],
    "registry.log.level": "debug",
    monitoring: { metrics: true },
  },
  "port 80 refused while the CA needs it, and terms not agreed to": {
    "nginx.redirectHttp": false,
    "certificate.termsAgreed": undefined,
    "certificate.dns01": {},
  },
  "both ways of DNS-01, and a provided certificate beside it": {
    "certificate.dns01": {
      hook: { command: [] },
      dynamicUpdate: { server: "ns.example.com", keyName: "acme", keySecret: "short" },
    },
    "certificate.provided": { chainPem: "x" },
    "access.guessesPerMinute": 0,
    "backend.generation": "01",
  },
  "a namespace to be made that is there": { "cluster.createNamespace": true, "cluster.namespace": "kube-system" },
  "a UI that is open, gateways by name": {
    "ui.kind": "konradkleine",
    "backend.requireClientCertificate": false,
    "cluster.allowedCidrs": undefined,
  },
  "names with dots": {
    scheduling: { nodeSelector: { "kubernetes.io/arch": "amd 64" }, labels: { "a.b/c/d": "x" } },
    "registry.environment": { "1A": "x" },
    "cluster.names": { deployment: "Reg_istry" },
  },
  "keys of 0.1.0 beside new ones": {
    uiHost: "ui.example.com",
    storageNode: "node-1",
    "nginx.clientMaxBodyMiB": 5,
    "registry.replicas": "many",
  },
};
