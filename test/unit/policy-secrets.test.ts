import assert from "node:assert/strict";
import * as proxy from "@pulumi/policy/proxy";
import { judge, pod, type Seen, command, PRIVATE_KEY } from "../support/policy-judge";

/** How the engine's side shows a value that is not known yet; the module's types leave it out. */
const { unknownCheckingProxy, unknownStringValue } = proxy as unknown as {
  unknownCheckingProxy: (props: object) => Seen["props"];
  unknownStringValue: string;
};
const RULE = "no-plain-secret";
const env = (name: string, value: string): Seen => pod({ containers: [{ name: "one", env: [{ name, value }] }] });
const words = (...args: string[]): Seen => pod({ containers: [{ name: "one", args }] });
const config = (data: object): Seen => ({ type: "kubernetes:core/v1:ConfigMap", props: { data } });
const shell = (create: string): Seen => command({ create });
const annotated = (name: string, value: string): Seen => ({
  type: "kubernetes:networking.k8s.io/v1:Ingress",
  props: { metadata: { annotations: { [name]: value } } },
});
const ENCODED_KEY = Buffer.from(PRIVATE_KEY).toString("base64");
const BASIC = Buffer.from("ci:hunter2").toString("base64");

/** What is a secret in the clear: by what it is, where it is, and how it is written. */
const REFUSED: Record<string, Seen> = {
  "a password that begins with a slash": env("REGISTRY_HTTP_SECRET", "/hunter2"),
  "a password of digits": env("REGISTRY_REDIS_PASSWORD", "12345678"),
  "a password in a variable with words glued": env("REGISTRY_STORAGE_S3_SECRETKEY", "abc/def+"),
  "a password in camel case": env("dbPassword", "x"),
  "a token": env("REGISTRY_TOKEN", "a.b"),
  "a URL with a password": env("HTTPS_PROXY", "http://ci:hunter2@proxy.example.com:3128"),
  "a connection string": env("DATABASE", "postgres://ci:hunter2@db/registry?sslmode=verify-full"),
  "a connection string by names": env("STORE", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=aGVsbG8=;"),
  "a token in the place of a user": env("ORIGIN", "https://a1b2c3d4e5f6a7b8c9d0@git.example.com/x.git"),
  "a URL with a token": env("REGISTRY_NOTIFICATIONS_ENDPOINTS_0_URL", "https://hook.example.com/x?token=hunter2"),
  "a list of endpoints with a header": env(
    "REGISTRY_NOTIFICATIONS_ENDPOINTS",
    "[{name: audit, url: https://audit.example.com, headers: {Authorization: [Bearer hunter2]}}]",
  ),
  "a webhook": env("REGISTRY_NOTIFICATIONS_ENDPOINTS_0_URL", "https://hooks.slack.com/services/T000/B000/XXXX"),
  "an AWS key id": env("IDENTITY", "AKIAIOSFODNN7EXAMPLE"),
  "a token of a known form": env("GIT", `ghp_${"a1".repeat(18)}`),
  "a private key in base64": env("PEM", ENCODED_KEY),
  "a header's variable": env("REGISTRY_NOTIFICATIONS_ENDPOINTS_0_HEADERS_AUTHORIZATION_0", "Basic abc"),
  "--password=": words("serve", "--password=hunter2"),
  "--password and its value": words("serve", "--password", "/hunter2"),
  "-p and its value": words("login", "-u", "ci", "-p", "hunter2", "registry.example.com"),
  "a Java property": words("-Dspring.datasource.password=hunter2"),
  "a URL among the arguments": words("--upstream", "https://ci:hunter2@upstream.example.com"),
  "a header among the arguments": words("--header", "X-Api-Key: hunter2"),
  "a shell's text among the arguments": words("sh", "-c", "export PGPASSWORD=hunter2; psql"),
  "redis' own flag": words("redis-server", "--requirepass", "hunter2"),
  "the command of a container": pod({ containers: [{ name: "one", command: ["mysql", "-phunter2"] }] }),
  "an init container": pod({ initContainers: [{ name: "one", env: [{ name: "PASSWORD", value: "1" }] }] }),
  "a probe's header": pod({
    containers: [{ name: "one", livenessProbe: { httpGet: { httpHeaders: [{ name: "Authorization", value: "x" }] } } }],
  }),
  "a hook's command": pod({
    containers: [
      { name: "one", lifecycle: { preStop: { exec: { command: ["curl", "-u", "ci:hunter2", "http://a"] } } } },
    ],
  }),
  "a pod's annotation": pod({ containers: [] }, { annotations: { "example.com/token": "hunter2" } }),
  "an annotation": annotated("example.com/api-key", "hunter2"),
  "an annotation that quotes a header": annotated("nginx/snippet", `proxy_set_header Authorization "Basic ${BASIC}";`),
  "a ConfigMap's value": config({ PASSWORD: "hunter2" }),
  "a ConfigMap's YAML": config({ "config.yml": "storage:\n  s3:\n    secretkey: /abc\n" }),
  "a ConfigMap's XML": config({ "users.xml": "<user>\n  <password>hunter2</password>\n</user>\n" }),
  "a ConfigMap's docker config": config({ "config.json": `{"auths":{"a":{"auth":"${BASIC}"}}}` }),
  "a ConfigMap's JSON": config({ "config.json": '{\n  "auths": {}, "password": "hunter2"}\n' }),
  "a ConfigMap's properties": config({ "app.ini": "[db]\npassword = 12345678\n" }),
  "a ConfigMap's binary data": {
    ...config({}),
    props: { binaryData: { key: Buffer.from(PRIVATE_KEY).toString("base64") } },
  },
  "a member of a kind that nobody knows": {
    type: "kubernetes:example.com/v1:Cache",
    props: { spec: { upstream: { url: "https://ci:hunter2@example.com" } } },
  },
  "a pod of a kind that nobody knows": {
    type: "kubernetes:argoproj.io/v1alpha1:Rollout",
    props: { spec: { template: { spec: { containers: [{ name: "one", env: [{ name: "TOKEN", value: "7" }] }] } } } },
  },
  "a chart's variables": {
    type: "kubernetes:helm.sh/v3:Release",
    props: { values: { extraEnv: [{ name: "REGISTRY_HTTP_SECRET", value: "abc" }] } },
  },
  "a Secret's annotation": {
    type: "kubernetes:core/v1:Secret",
    props: { metadata: { annotations: { copy: PRIVATE_KEY } }, stringData: { password: "x" } },
  },
  "a command's flag": shell("docker login -u ci -p hunter2 registry.example.com"),
  "a command's quoted flag": shell("htpasswd -Bbn ci 'hunter2' >users"),
  "a command's header": shell('curl -H "Authorization: Bearer hunter2" https://example.com'),
  "a command's login": shell("curl --user ci:hunter2 https://example.com"),
  "a command's assignment": shell("set -e\nTOKEN=12345678 ./deploy"),
  "a command on one more host": shell("ssh gw2 'mysql -phunter2'"),
  "a command's setting": shell("aws configure set aws_secret_access_key hunter2"),
  "a command's nginx header": shell("echo 'proxy_set_header Authorization \"Bearer hunter2\";' >x"),
  "a command's heredoc": shell("cat >/etc/app.yml <<'EOF'\npassword: hunter2\nEOF"),
  "a command's pipe": shell("echo hunter2 | docker login -u ci --password-stdin"),
  "a command's literal": shell("kubectl create secret generic s --from-literal=password=hunter2"),
  "a command for the end": command({ delete: "mysql -u root --password=hunter2 -e 'drop database x'" }),
  "a command here": { type: "command:local:Command", props: { create: "x", environment: { URL: "amqp://a:b@c" } } },
};

/** What only looks like one. */
const ALLOWED: Record<string, Seen> = {
  "paths by their variables": pod({
    containers: [
      {
        name: "one",
        env: [
          ["REGISTRY_HTTP_TLS_KEY", "/certs/domain.key"],
          ["REGISTRY_HTTP_TLS_CLIENTCAS", "[/certs/ca.crt]"],
          ["REGISTRY_AUTH_HTPASSWD_PATH", "/auth/htpasswd"],
          ["REGISTRY_AUTH_HTPASSWD_REALM", "Registry"],
          ["REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE", "/certs/bundle.pem"],
          ["REGISTRY_AUTH_TOKEN_REALM", "https://auth.example.com/token"],
          ["REGISTRY_STORAGE_GCS_KEYFILE", "/keys/gcs.json"],
          ["GOOGLE_APPLICATION_CREDENTIALS", "/keys/gcs.json"],
          ["POSTGRES_PASSWORD_FILE", "run/secrets/password"],
          ["AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token"],
        ].map(([name, value]) => ({ name, value })),
      },
    ],
  }),
  "amounts and switches": pod({
    containers: [
      {
        name: "one",
        env: [
          ["TOKEN_TTL_SECONDS", "3600"],
          ["PASSWORD_MIN_LENGTH", "12"],
          ["MAX_TOKENS", "4096"],
          ["REQUIRE_PASSWORD", "true"],
          ["TOKENIZER", "simple"],
          ["REGISTRY_AUTH_TOKEN_AUTOREDIRECT", "false"],
          ["BYPASS", "localhost"],
        ].map(([name, value]) => ({ name, value })),
      },
    ],
  }),
  "a name of a Secret": env("REGISTRY_TLS_SECRET_NAME", "registry-tls-secret"),
  "an empty value": env("PASSWORD", ""),
  "a reference": pod({
    containers: [
      { name: "one", env: [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "s", key: "token" } } }] },
      { name: "two", env: [{ name: "URL_PASSWORD", value: "$(TOKEN)" }], args: ["--password=$(TOKEN)"] },
      { name: "three", envFrom: [{ secretRef: { name: "s" } }] },
    ],
    imagePullSecrets: [{ name: "regcred" }],
    volumes: [
      { name: "v", secret: { secretName: "s" } },
      { name: "t", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } },
    ],
  }),
  "URLs without a login": env("REGISTRY_PROXY_REMOTEURL", "https://registry-1.docker.io/v2/?n=100#top"),
  "a URL with a user": env("ORIGIN", "ssh://git@example.com:22/x.git"),
  "a URL with a variable": env("DSN", "postgres://ci:$(PGPASSWORD)@db/registry"),
  "flags for files": words("--tls-private-key-file=/certs/key.pem", "--token-file", "/run/token", "--password-stdin"),
  "flags of other programs": pod({
    containers: [
      { name: "one", command: ["mkdir", "-p", "data"] },
      { name: "two", command: ["nginx", "-p", "/srv"] },
      { name: "three", args: ["-p", "8080"] },
      { name: "four", args: ["garbage-collect", "--delete-untagged", "/etc/config.yml"] },
    ],
  }),
  "a Secret": {
    type: "kubernetes:core/v1:Secret",
    props: { metadata: { name: "s" }, data: { password: "aHVudGVyMg==" }, stringData: { "key.pem": PRIVATE_KEY } },
  },
  "a chart's login to its repository": {
    type: "kubernetes:helm.sh/v3:Release",
    props: { repositoryOpts: { repo: "https://charts.example.com", username: "ci", password: "hunter2" }, values: {} },
  },
  "a role that reads secrets": {
    type: "kubernetes:rbac.authorization.k8s.io/v1:Role",
    props: { rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"], resourceNames: ["token"] }] },
  },
  "a certificate's references": {
    type: "kubernetes:cert-manager.io/v1:Issuer",
    props: {
      spec: { acme: { privateKeySecretRef: { name: "key" }, solvers: [{ tokenSecretRef: { name: "a", key: "b" } }] } },
    },
  },
  "a certificate": config({ "ca.crt": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n" }),
  "an nginx site": config({
    "site.conf":
      'auth_basic "Registry";\nproxy_set_header Authorization "";\nset $token $arg_token;\nproxy_pass http://a;\n',
  }),
  "a config with paths": config({
    "prometheus.yml": "bearer_token_file: /run/token\ncredentials_file: x\npassword: ''\n",
  }),
  "a template": config({ "env.tpl": "PASSWORD={{ .Values.password }}\nTOKEN=${TOKEN}\nSECRET=$SECRET\n" }),
  "commands with variables": shell(
    'token=$(cat /run/token)\ncurl -H "Authorization: Bearer $token" -u "ci:$PASSWORD" https://a\nmkdir -p data\nPW="$1"',
  ),
  "a command that asks for its password": shell("docker login -u ci --password-stdin registry.example.com </run/pw"),
  "a command as somebody": shell("docker run -u 1000:1000 -p 80:80 -e TOKEN nginx:1.28"),
  "a connection's key and a secret on stdin": command({
    connection: { host: "gw", hostKey: "ssh-ed25519 AAAA", privateKey: PRIVATE_KEY, password: "hunter2" },
    create: "cat >/run/token",
    stdin: "hunter2",
    logging: "none",
  }),
};

describe("the policy no-plain-secret", () => {
  it("judges a long text in a time that grows with its length", async () => {
    const parts = [" ", "a.b-", "token-", "x=", "{a:", "http://", "LS0tLS1CRUdJTi", "'", "$("];
    for (const part of parts) {
      const started = performance.now();
      await judge(RULE, config({ text: part.repeat(200_000 / part.length) }));
      assert.ok(performance.now() - started < 5000, part);
    }
  });

  it("judges in a preview what is known beside what is not", async () => {
    const unknown = (seen: Seen): Seen => ({ ...seen, props: unknownCheckingProxy(seen.props) });
    const variables = [
      { name: "URL", value: unknownStringValue },
      { name: "PASSWORD", value: "hunter2" },
    ];
    const some = unknown(pod({ hostname: unknownStringValue, containers: [{ name: "one", env: variables }] }));
    assert.deepEqual(await judge(RULE, some), ["variable PASSWORD of container one holds a secret in the clear"]);
    assert.match((await judge(RULE, unknown(command({ stdin: unknownStringValue })))).join(), /set logging to "none"/);
  });

  for (const [what, seen] of Object.entries(REFUSED)) {
    it(`refuses ${what}`, async () => {
      const said = await judge(RULE, seen);
      assert.notDeepEqual(said, []);
      assert.doesNotMatch(said.join(), /hunter2|12345678|AKIA|c2VjcmV0/, "it must not say the value");
    });
  }
  for (const [what, seen] of Object.entries(ALLOWED)) {
    it(`lets pass ${what}`, async () => assert.deepEqual(await judge(RULE, seen), []));
  }
});
