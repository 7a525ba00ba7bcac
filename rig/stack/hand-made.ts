import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hashSync } from "bcryptjs";
import { NODE_NAME } from "../../lab/cluster/places";
import { ask } from "./https";
import { checkout, env, kubectl, labVariable, onGateway, run, succeeded } from "./lab";

const USER = "ci";

/** The recipe of 2016, done by hand on the lab's cluster and gateway: what a user has who moves to the stack. */
export class HandMade {
  private readonly password = "by hand";

  /** Keeps certificate and key of a stack in the checkout, where the runbook takes them from. */
  async takeCertificate(stack: string, variables: Record<string, string>): Promise<void> {
    const read = async (key: string): Promise<string> => {
      const json = ["-n", "kube-system", "get", "secret", "registry-tls-secret", "-o", "json"];
      const { data } = JSON.parse(await kubectl(...json)) as { data: Record<string, string> };
      return Buffer.from(data[key] ?? "", "base64").toString("utf8");
    };
    for (const file of ["domain.crt", "domain.key"])
      fs.writeFileSync(path.join(checkout, file), await read(file), { mode: 0o600 });
    const set = ["config", "set", "--stack", stack, "--secret", "--path", "users[0].password"];
    succeeded(await run("pulumi", set, { input: this.password, env: { ...env, ...variables } }));
  }

  /** Secret, controller, service, and a site of nginx with an htpasswd file. */
  async build(): Promise<void> {
    const pem = ["domain.crt", "domain.key"].map((file) => `--from-file=${path.join(checkout, file)}`);
    await kubectl("-n", "kube-system", "create", "secret", "generic", "registry-tls-secret", ...pem);
    succeeded(await run("kubectl", ["apply", "-f", "-"], { input: JSON.stringify(manifest()) }));
    const pods = ["-n", "kube-system", "wait", "pod", "-l", "k8s-app=kube-registry", "--for=condition=Ready"];
    await sleep(2000); // until there is a pod to wait for
    await kubectl(...pods, "--timeout=120s");
    const file = (name: string): string => fs.readFileSync(path.join(checkout, name)).toString("base64");
    const put = (to: string, base64: string): string => `echo ${base64} | base64 -d | sudo -n tee ${to} >/dev/null`;
    const site = Buffer.from(this.site()).toString("base64");
    const users = Buffer.from(`${USER}:${hashSync(this.password, 4).replace("$2b$", "$2y$")}\n`).toString("base64");
    const lines = [
      "set -e",
      put("/etc/nginx/docker.crt", file("domain.crt")),
      put("/etc/nginx/docker.key", file("domain.key")),
      put("/etc/nginx/docker.htpasswd", users),
      put("/etc/nginx/sites-enabled/docker", site),
      "sudo -n nginx -t && sudo -n nginx -s reload",
    ];
    succeeded(await onGateway(lines.join("\n")));
    await sleep(1000);
  }

  /** Asks for the API, as the user, ten times a second. */
  watch(): { stop: () => Promise<{ asked: number; failed: string[] }> } {
    let stopped = false;
    const failed: string[] = [];
    const work = (async () => {
      let asked = 0;
      for (; !stopped; asked++) {
        const answer = await ask(labVariable("LAB_REGISTRY_HOST"), "/v2/", { auth: `${USER}:${this.password}` }).catch(
          (error: unknown) => ({ status: String(error) }),
        );
        if (answer.status !== 200) failed.push(`request ${asked}: ${answer.status}`);
        await sleep(100);
      }
      return asked;
    })();
    return {
      stop: async () => {
        stopped = true;
        return { asked: await work, failed };
      },
    };
  }

  async remove(): Promise<void> {
    for (const file of ["domain.crt", "domain.key"]) fs.rmSync(path.join(checkout, file), { force: true });
    succeeded(await onGateway("sudo -n rm -f /etc/nginx/docker.* /root/docker.site"));
  }

  private site(): string {
    return `upstream docker { server ${labVariable("LAB_NODE_IP")}:30299; }
server {
    listen 443 ssl;
    server_name ${labVariable("LAB_REGISTRY_HOST")};
    ssl_certificate /etc/nginx/docker.crt;
    ssl_certificate_key /etc/nginx/docker.key;
    client_max_body_size 0;
    location / {
        auth_basic "Restricted";
        auth_basic_user_file /etc/nginx/docker.htpasswd;
        proxy_pass https://docker;
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_read_timeout 900;
    }
}
`;
  }
}

function manifest(): object {
  const labels = { "k8s-app": "kube-registry" };
  const container = {
    name: "registry",
    image: "registry:2",
    imagePullPolicy: "IfNotPresent",
    env: [
      { name: "REGISTRY_HTTP_ADDR", value: ":5000" },
      { name: "REGISTRY_HTTP_TLS_CERTIFICATE", value: "/certs/domain.crt" },
      { name: "REGISTRY_HTTP_TLS_KEY", value: "/certs/domain.key" },
      { name: "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", value: "/var/lib/registry" },
    ],
    volumeMounts: [
      { name: "images", mountPath: "/var/lib/registry" },
      { name: "certs", mountPath: "/certs" },
    ],
  };
  const volumes = [
    { name: "images", hostPath: { path: "/data/docker_registry" } },
    { name: "certs", secret: { secretName: "registry-tls-secret" } },
  ];
  const spec = { nodeName: NODE_NAME, containers: [container], volumes };
  const template = { metadata: { labels }, spec };
  const named = (name: string) => ({ name, namespace: "kube-system", labels });
  const controller = { apiVersion: "v1", kind: "ReplicationController", metadata: named("kube-registry-v0") };
  const service = { apiVersion: "v1", kind: "Service", metadata: named("kube-registry") };
  const ports = [{ name: "registry", port: 5000, targetPort: 5000, nodePort: 30299 }];
  return {
    apiVersion: "v1",
    kind: "List",
    items: [
      { ...controller, spec: { replicas: 1, selector: labels, template } },
      { ...service, spec: { type: "NodePort", selector: labels, ports } },
    ],
  };
}
