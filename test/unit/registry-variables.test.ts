import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as pulumi from "@pulumi/pulumi";
import { UiKind } from "../../components/registry/ui-args";
import { type RegistrySettings, registrySettings } from "../../components/registry/environment";
import { container, pod, required, variables } from "../../rig/registry/pod";

const settings: RegistrySettings = {
  ...{ port: 5000, certificateFile: "domain.crt", keyFile: "domain.key", requireClientCertificate: false },
  ...{ deleteEnabled: false, drainSeconds: 300, readOnly: false, uploadHours: 168 },
  ...{ logLevel: "info", logFormat: "text", debugAddress: "", metrics: false, memory: "100Mi" },
};

describe("the variables of RegistryPod", () => {
  it("sets up registry 2 and 3 by the same variables", async () => {
    const expected = {
      REGISTRY_HTTP_ADDR: '":5000"',
      REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: '"/var/lib/registry"',
      REGISTRY_HTTP_TLS_CERTIFICATE: '"/certs/domain.crt"',
      REGISTRY_HTTP_TLS_KEY: '"/certs/domain.key"',
      REGISTRY_STORAGE_DELETE_ENABLED: "false",
      REGISTRY_HTTP_DRAINTIMEOUT: '"300s"',
      REGISTRY_HTTP_DEBUG_ADDR: '""',
      REGISTRY_HTTP_DEBUG_PROMETHEUS_ENABLED: "false",
      REGISTRY_LOG_LEVEL: '"info"',
      REGISTRY_LOG_FORMATTER: '"text"',
      REGISTRY_STORAGE_MAINTENANCE: '{"uploadpurging":{"enabled":true,"age":"168h","interval":"24h","dryrun":false}}',
      OTEL_TRACES_EXPORTER: "none",
      GOGC: "400",
      GOMEMLIMIT: "1449551462",
      REGISTRY_HTTP_SECRET: { secretKeyRef: { name: "kube-registry-v0-environment", key: "REGISTRY_HTTP_SECRET" } },
    };
    assert.deepEqual(await variables("registry"), expected);
    assert.deepEqual(await variables("registry", { registry: { image: "registry:2" } }), expected);
  });

  it("asks for client certificates when told to", async () => {
    const found = await variables("registry", { requireClientCertificate: true });
    assert.equal(found["REGISTRY_HTTP_TLS_CLIENTCAS"], '["/certs/ca.crt"]');
  });

  it("keeps secret variables in a secret, and only names them in the pod", async () => {
    const run = await pod({ registry: { secretEnvironment: { REGISTRY_PROXY_PASSWORD: "hunter2" } } });
    const secret = run.one("Secret");
    assert.deepEqual(secret.secrets, ["data"]);
    assert.deepEqual(secret.inputs["data"], {
      REGISTRY_PROXY_PASSWORD: Buffer.from("hunter2").toString("base64"),
      REGISTRY_HTTP_SECRET: Buffer.from(`"${required.httpSecret as string}"`).toString("base64"),
    });
    const made = run.one("apps/v1:Deployment");
    assert.deepEqual(made.secrets, []);
    assert.doesNotMatch(JSON.stringify(made.inputs), /hunter2/);
  });

  it("tells Go's runtime nine tenths of the memory, however that is written", async () => {
    const amounts = { "512Mi": "483183820", "1.5Gi": "1449551462", "500M": "450000000", "100000000": "90000000" };
    for (const [memory, limit] of Object.entries(amounts)) {
      const resources = { limits: { memory: pulumi.output(memory) } };
      const found = await variables("registry", { registry: { resources } });
      assert.equal(found["GOMEMLIMIT"], limit, memory);
    }
    const odd = { "64k": "57600", "104857600000m": "off", "9000Ei": "off", "0": "off" };
    for (const [memory, limit] of Object.entries(odd)) {
      assert.equal(registrySettings({ ...settings, memory })["GOMEMLIMIT"], limit, memory);
      const wrong = pod({ registry: { resources: { limits: { memory } } } });
      await assert.rejects(wrong, /registry\.resources\.limits\.memory must be an amount of memory such as 100Mi/);
    }
  });

  it("takes more variables and lets them win", async () => {
    const environment = { REGISTRY_LOG_LEVEL: "debug", REGISTRY_LOG_FORMATTER: pulumi.output("json") };
    const found = await variables("registry", { registry: { environment } });
    assert.equal(found["REGISTRY_LOG_LEVEL"], "debug");
    assert.equal(found["REGISTRY_LOG_FORMATTER"], "json");
  });

  it("has the joxit UI with its data from the page's own origin", async () => {
    const ui = { host: "www.example.com" };
    const args = { registryHost: "example.com", ui, registry: { deleteEnabled: true } };
    assert.equal((await container("registry-ui", args)).image, "joxit/docker-registry-ui:2");
    assert.deepEqual(await variables("registry-ui", args), {
      SINGLE_REGISTRY: "true",
      REGISTRY_URL: "https://www.example.com",
      DOCKER_REGISTRY_UI_TITLE: "example.com",
      REGISTRY_TITLE: "example.com",
      PULL_URL: "example.com",
      REGISTRY_SECURED: "true",
      DELETE_IMAGES: "true",
      SHOW_CONTENT_DIGEST: "true",
      NGINX_LISTEN_PORT: "80",
    });
    assert.equal((await variables("registry", args))["REGISTRY_STORAGE_DELETE_ENABLED"], "true");
  });

  it("has a title that the image's sed puts into the page as it was written", async () => {
    const ui = { host: "www.example.com", title: 'R&D ~ "a\\b" <c>' };
    const found = await variables("registry-ui", { registryHost: "example.com", ui });
    assert.equal(found["REGISTRY_TITLE"], "example.com");
    const title = String(found["DOCKER_REGISTRY_UI_TITLE"]);
    const page = execFileSync("sed", ["s~${TITLE}~" + title + "~"], { input: "<h1>${TITLE}</h1>\n", encoding: "utf8" });
    assert.equal(page, "<h1>R&amp;D ~ &quot;a\\b&quot; &lt;c&gt;</h1>\n");
  });

  it("has the recipe's UI when asked for", async () => {
    const args = { ui: { host: "ui.example.com", kind: UiKind.Konradkleine } };
    const found = await container("registry-ui", args);
    assert.equal(found.image, "konradkleine/docker-registry-frontend:v2");
    assert.deepEqual(found.ports, [{ name: "registry-ui", containerPort: 80, protocol: "TCP" }]);
    assert.deepEqual(await variables("registry-ui", args), {
      ENV_DOCKER_REGISTRY_HOST: "localhost",
      ENV_DOCKER_REGISTRY_PORT: "5000",
      ENV_DOCKER_REGISTRY_USE_SSL: "1",
    });
  });

  it("never shows a secret in an error", async () => {
    const wrong = pod({ registry: { secretEnvironment: { "NOT A NAME": "hunter2" } } });
    await assert.rejects(wrong, (error: Error) => {
      assert.match(error.message, /registry\.secretEnvironment must be names of letters, digits and _/);
      return !error.message.includes("hunter2");
    });
  });
});
