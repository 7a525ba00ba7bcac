import assert from "node:assert/strict";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { RegistryApi, RegistryError } from "../../cli/retention/registry-api";
import { makeCertificate } from "../support/acme-made";
import { digestOf } from "../support/retention-registry";

interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

const [A, B] = [digestOf(1), digestOf(2)] as [string, string];
const MANIFESTS =
  "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, " +
  "application/vnd.docker.distribution.manifest.list.v2+json, " +
  "application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.v1+prettyjws";

/** A server that answers each request with the next reply, and writes down what it was asked. */
class Server {
  readonly asked: string[] = [];
  private replies: (Reply | "broken")[] = [];
  private readonly server: https.Server;

  constructor({ leafPem, keyPem }: { leafPem: string; keyPem: string }) {
    const options = { cert: leafPem, key: keyPem, requestCert: true, rejectUnauthorized: false };
    this.server = https.createServer(options, (request, response) => {
      const certified = "raw" in (request.socket as TLSSocket).getPeerCertificate() ? " with a certificate" : "";
      const { authorization = "", accept = "" } = request.headers;
      const user = Buffer.from(authorization.replace("Basic ", ""), "base64").toString();
      this.asked.push(`${request.method} ${request.url} ${accept}${user && ` as ${user}`}${certified}`);
      const reply = this.replies.shift() ?? { status: 418 };
      if (reply === "broken") return void request.socket.destroy();
      response.writeHead(reply.status, reply.headers);
      if (reply.headers?.["content-length"] === undefined) return void response.end(reply.body);
      response.write(reply.body, () => request.socket.destroy());
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "localhost", resolve));
  }

  get url(): string {
    return `https://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  will(...replies: (Reply | "broken")[]): void {
    this.replies = replies;
    this.asked.length = 0;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

describe("a registry that is asked over HTTP", () => {
  const made = makeCertificate(["localhost"]);
  const [server, store] = [new Server(made), new Server(made)];
  let api: RegistryApi;
  before(async () => {
    await Promise.all([server.listen(), store.listen()]);
    https.globalAgent.options.ca = made.caPem; // an object store is verified by the machine's roots
    api = new RegistryApi({ url: server.url, user: "ci", password: "pass", ca: made.caPem });
  });
  after(() => {
    delete https.globalAgent.options.ca;
    api.close();
    server.close();
    store.close();
  });

  it("is never asked in the open", () => {
    const message = "the registry's URL must begin with https://, got http://r.test:81";
    assert.throws(() => new RegistryApi({ url: "http://r.test:81/x" }), { message });
  });

  it("gives its lists page by page, and none where there is none", async () => {
    const next = (path: string, rel: string) => ({ link: `<${path}>${rel}` });
    server.will(
      { status: 200, body: '{"repositories":["a"]}', headers: next("/v2/_catalog?last=a&n=1", ' ;rel="next"') },
      { status: 200, body: '{"repositories":["b"]}', headers: next(`${server.url}/v2/_catalog?last=b`, ";  rel=next") },
      { status: 200, body: '{"repositories":["c"]}', headers: next("/v2/else", '; rel="prev"') },
    );
    assert.deepEqual(await api.repositories(), ["a", "b", "c"]);
    const json = "application/json as ci:pass";
    assert.deepEqual(server.asked, [
      `GET /v2/_catalog?n=1000 ${json}`,
      `GET /v2/_catalog?last=a&n=1 ${json}`,
      `GET /v2/_catalog?last=b ${json}`,
    ]);
    server.will({ status: 200, body: '{"tags":["1","2"]}' }, { status: 200, body: '{"tags":null}' }, { status: 404 });
    assert.deepEqual(await api.tags("team/app"), ["1", "2"]);
    assert.deepEqual([await api.tags("team/app"), await api.tags("gone")], [[], []]);
    assert.equal(server.asked[0], `GET /v2/team/app/tags/list?n=1000 ${json}`);
  });

  it("gives the digest and the text of a manifest, and nothing for one that is not there", async () => {
    const headers = { "docker-content-digest": A, "content-type": "application/vnd.oci; charset=utf-8" };
    server.will({ status: 200, headers }, { status: 404 }, { status: 200, headers, body: '{"config":{}}' });
    assert.deepEqual([await api.digest("app", "v1"), await api.digest("app", "v2")], [A, undefined]);
    const manifest = { digest: A, mediaType: "application/vnd.oci", body: { config: {} } };
    assert.deepEqual(await api.manifest("app", A), manifest);
    server.will({ status: 200, headers: { "docker-content-digest": B }, body: "{}" }, { status: 404 });
    assert.deepEqual(await api.manifest("app", "v1"), { digest: B, mediaType: "", body: {} });
    assert.equal(await api.manifest("app", B), undefined);
    assert.deepEqual(server.asked, [
      `GET /v2/app/manifests/v1 ${MANIFESTS} as ci:pass`,
      `GET /v2/app/manifests/${B} ${MANIFESTS} as ci:pass`,
    ]);
  });

  it("is not believed without the digest of a manifest", async () => {
    for (const digest of [
      "",
      "sha256:abc",
      `sha256:${"g".repeat(64)}`,
      `${A} `.repeat(2),
      `x ${A}`,
      `SHA:${"a".repeat(64)}`,
    ]) {
      server.will({ status: 200, headers: { "docker-content-digest": digest } });
      const error = new RegistryError("the registry names no digest of a manifest", 200);
      await assert.rejects(api.digest("app", "v1"), error, digest);
    }
  });

  it("gives a blob of JSON, from an object store too, which gets no password", async () => {
    server.will({ status: 307, headers: { location: `${store.url}/blob?signed` } });
    store.will({ status: 302, headers: { location: "/moved" } }, { status: 200, body: '{"created":"then"}' });
    assert.deepEqual(await api.json("app", A), { created: "then" });
    assert.deepEqual(server.asked, [`GET /v2/app/blobs/${A} */* as ci:pass`]);
    assert.deepEqual(store.asked, ["GET /blob?signed */*", "GET /moved */*"]);
  });

  it("gives nothing for a blob that is gone or no JSON, and follows no endless way", async () => {
    server.will({ status: 404 }, { status: 200, body: "<html>" }, { status: 300 });
    assert.deepEqual([await api.json("app", A), await api.json("app", A)], [undefined, undefined]);
    await assert.rejects(api.json("app", A), new RegistryError(`GET /v2/app/blobs/${A} was answered 300`, 300));
    const round = { status: 307, headers: { location: "/round" } };
    server.will(...Array<Reply>(6).fill(round));
    await assert.rejects(api.json("app", A), new RegistryError(`GET /v2/app/blobs/${A} was sent on five times`, 0));
    assert.equal(server.asked.length, 5);
    server.will({ status: 400, headers: { location: "/elsewhere" } });
    await assert.rejects(api.json("app", A), new RegistryError(`GET /v2/app/blobs/${A} was answered 400`, 400));
  });

  it("deletes a manifest once, and says whether it was there", async () => {
    server.will({ status: 202 }, { status: 200 }, { status: 404 });
    const was = [await api.deleteManifest("app", A), await api.deleteManifest("app", A)];
    assert.deepEqual([...was, await api.deleteManifest("app", A)], [true, true, false]);
    assert.equal(server.asked[0], `DELETE /v2/app/manifests/${A} */* as ci:pass`);
    server.will({ status: 500 }, { status: 202 });
    const error = new RegistryError(`DELETE /v2/app/manifests/${A} was answered 500`, 500);
    await assert.rejects(api.deleteManifest("app", A), error);
    assert.equal(server.asked.length, 1, "a DELETE is not asked for again: it may have been done");
  });

  it("is asked up to three times where it has a fault, with pauses", async () => {
    const headers = { "docker-content-digest": A };
    const begun = performance.now();
    server.will({ status: 500 }, { status: 503 }, { status: 200, headers });
    assert.equal(await api.digest("app", "v1"), A);
    const passed = performance.now() - begun;
    assert.ok(passed > 1400 && passed < 5000, `${passed} ms`);
    server.will(...Array<Reply>(4).fill({ status: 502 }));
    await assert.rejects(api.digest("app", "v1"), new RegistryError("HEAD /v2/app/manifests/v1 was answered 502", 502));
    assert.equal(server.asked.length, 3);
  });

  it("is told of with what to do about each refusal", async () => {
    const advice: Record<number, string> = {
      401: ": give the name and password of a user of the registry",
      403: ": deleting needs a user with the role push",
      405:
        ": the registry deletes nothing: set registry.deleteEnabled to true (REGISTRY_STORAGE_DELETE_ENABLED), " +
        "and registry.readOnly to false",
      418: "",
      429: ": too many wrong passwords; wait a minute",
    };
    for (const [status, words] of Object.entries(advice)) {
      const told = (what: string) => new RegistryError(`${what} was answered ${status}${words}`, Number(status));
      server.will(...Array<Reply>(4).fill({ status: Number(status) }));
      await assert.rejects(api.deleteManifest("app", A), told(`DELETE /v2/app/manifests/${A}`));
      await assert.rejects(api.digest("app", "v1"), told("HEAD /v2/app/manifests/v1"));
      await assert.rejects(api.manifest("app", "v1"), told("GET /v2/app/manifests/v1"));
      await assert.rejects(api.tags("app"), told("GET /v2/app/tags/list?n=1000"));
    }
  });

  it("that breaks off or is not the one that the roots say is an error", async () => {
    server.will("broken");
    await assert.rejects(api.deleteManifest("app", A), { code: "ECONNRESET" });
    server.will({ status: 200, headers: { "content-length": "100" }, body: "cut short" });
    await assert.rejects(api.deleteManifest("app", A), { message: "aborted" });
    const stranger = new RegistryApi({ url: server.url, ca: makeCertificate(["localhost"]).caPem });
    await assert.rejects(stranger.tags("app"), /certificate/);
    stranger.close();
  });

  it("is asked without a name where none is given, and with a certificate where one is", async () => {
    const certificate = { cert: made.leafPem, key: made.keyPem };
    const askers = [{}, { user: "ci" }, { certificate }].map(
      (more) => new RegistryApi({ url: server.url, ca: made.caPem, ...more }),
    );
    server.will(...Array<Reply>(3).fill({ status: 404 }));
    for (const asker of askers) {
      assert.deepEqual(await asker.tags("app"), []);
      asker.close();
    }
    const asked = "GET /v2/app/tags/list?n=1000 application/json";
    assert.deepEqual(server.asked, [asked, `${asked} as ci:`, `${asked} with a certificate`]);
  });
});
