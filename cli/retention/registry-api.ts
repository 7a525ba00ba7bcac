import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

/** Where a registry is, and who asks. */
export interface RegistryAccess {
  /** `https://registry.example.com`. */
  url: string;
  user?: string;
  password?: string;
  /** Roots, in PEM, for its certificate. Default: the machine's own. */
  ca?: string | Buffer;
  /** A client certificate and its key, in PEM, for a registry that is asked past its gateway. */
  certificate?: { cert: string | Buffer; key: string | Buffer };
}

/** A manifest, as the registry keeps it. */
export interface RawManifest {
  digest: string;
  mediaType: string;
  body: Record<string, unknown>;
}

/** What a registry refused or could not answer. The text holds no credentials. */
export class RegistryError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

const MANIFEST_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.v1+prettyjws",
].join(", ");

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** What a retention run asks of a registry; anything that answers like one will do. */
export type RegistryCalls = Pick<
  RegistryApi,
  "repositories" | "tags" | "digest" | "manifest" | "json" | "deleteManifest"
>;

/**
 * The few calls of the distribution API (https://github.com/opencontainers/distribution-spec) that a retention job
 * needs.
 */
export class RegistryApi {
  private readonly agent: https.Agent;
  private readonly base: URL;

  /** Throws for a URL that is not https: the password would go in the open. */
  constructor(private readonly access: RegistryAccess) {
    this.base = new URL(access.url);
    if (this.base.protocol !== "https:") {
      throw new Error(`the registry's URL must begin with https://, got ${this.base.protocol}//${this.base.host}`);
    }
    const { ca, certificate } = access;
    this.agent = new https.Agent({ keepAlive: true, maxSockets: 8, ...(ca ? { ca } : {}), ...certificate });
  }

  /** Every repository. */
  repositories(): Promise<string[]> {
    return this.listed("/v2/_catalog?n=1000", "repositories");
  }

  /** Every tag of a repository; none if there is no such repository, or none is left in it. */
  tags(repository: string): Promise<string[]> {
    return this.listed(`/v2/${repository}/tags/list?n=1000`, "tags");
  }

  /** The digest of a tag or digest; undefined if there is none. */
  async digest(repository: string, reference: string): Promise<string | undefined> {
    const target = `/v2/${repository}/manifests/${reference}`;
    const answer = await this.ask("HEAD", target, MANIFEST_TYPES);
    if (answer.status === 404) return undefined;
    return digestIn(expect(answer, `HEAD ${target}`, [200]));
  }

  /** A manifest by tag or digest; undefined if there is none. */
  async manifest(repository: string, reference: string): Promise<RawManifest | undefined> {
    const target = `/v2/${repository}/manifests/${reference}`;
    const answer = await this.ask("GET", target, MANIFEST_TYPES);
    if (answer.status === 404) return undefined;
    const { headers, body } = expect(answer, `GET ${target}`, [200]);
    const mediaType = String(headers["content-type"] ?? "").split(";")[0] ?? "";
    return { digest: digestIn(answer), mediaType, body: JSON.parse(body.toString()) as Record<string, unknown> };
  }

  /**
   * A blob of JSON, an image's config; undefined if it is gone or no JSON. A redirect to an object store is followed.
   */
  async json(repository: string, digest: string): Promise<unknown> {
    let target = new URL(`/v2/${repository}/blobs/${digest}`, this.base);
    for (let hops = 0; hops < 5; hops++) {
      const answer = await this.ask("GET", target, "*/*");
      const location = answer.headers["location"];
      if (answer.status >= 300 && answer.status < 400 && typeof location === "string") {
        target = new URL(location, target);
        continue;
      }
      if (answer.status === 404) return undefined;
      return parsed(expect(answer, `GET ${target.pathname}`, [200]).body);
    }
    throw new RegistryError(`GET /v2/${repository}/blobs/${digest} was sent on five times`, 0);
  }

  /** Deletes a manifest, and with it every tag that points to it. True if it was there. */
  async deleteManifest(repository: string, digest: string): Promise<boolean> {
    const target = `/v2/${repository}/manifests/${digest}`;
    const answer = await this.ask("DELETE", target, "*/*");
    if (answer.status === 404) return false;
    expect(answer, `DELETE ${target}`, [202, 200]);
    return true;
  }

  close(): void {
    this.agent.destroy();
  }

  /** A list of several pages: each names the next one in its Link header (RFC 8288). */
  private async listed(path: string, member: string): Promise<string[]> {
    const found: string[] = [];
    for (let next: string | undefined = path; next !== undefined;) {
      const answer: Answer = await this.ask("GET", next, "application/json");
      if (answer.status === 404) return found;
      const { headers, body } = expect(answer, `GET ${next}`, [200]);
      const page = JSON.parse(body.toString()) as Record<string, string[] | null>;
      found.push(...(page[member] ?? []));
      const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(headers["link"] ?? ""))?.[1];
      next = link === undefined ? undefined : pathOf(new URL(link, new URL(next, this.base)));
    }
    return found;
  }

  /** Asks again what only reads: a registry of version 2 says 500 of a tag that is just being written. */
  private async ask(method: string, target: string | URL, accept: string): Promise<Answer> {
    for (let tries = 1; ; tries++) {
      const answer = await this.askOnce(method, target, accept);
      if (answer.status < 500 || method === "DELETE" || tries === 3) return answer;
      await sleep(tries * 500);
    }
  }

  private askOnce(method: string, target: string | URL, accept: string): Promise<Answer> {
    const url = new URL(target, this.base);
    const own = url.origin === this.base.origin;
    const { user, password } = this.access;
    const auth = own && user !== undefined ? { auth: `${user}:${password ?? ""}` } : {};
    return new Promise((resolve, reject) => {
      const options = { method, headers: { accept }, timeout: 60_000, ...auth, ...(own ? { agent: this.agent } : {}) };
      const request = https.request(url, options, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
        );
      });
      request.on("timeout", () => request.destroy(new Error(`${url.host} did not answer within 60 s`)));
      request.on("error", reject);
      request.end();
    });
  }
}

const pathOf = (url: URL): string => url.pathname + url.search;

function digestIn(answer: Answer): string {
  const digest = answer.headers["docker-content-digest"];
  if (typeof digest === "string" && /^[a-z0-9]+:[a-f0-9]{32,}$/.test(digest)) return digest;
  throw new RegistryError("the registry names no digest of a manifest", answer.status);
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

const ADVICE: Record<number, string> = {
  401: "give the name and password of a user of the registry",
  403: "deleting needs a user with the role push",
  405:
    "the registry deletes nothing: set registry.deleteEnabled to true (REGISTRY_STORAGE_DELETE_ENABLED), " +
    "and registry.readOnly to false",
  429: "too many wrong passwords; wait a minute",
};

function expect(answer: Answer, what: string, wanted: readonly number[]): Answer {
  if (wanted.includes(answer.status)) return answer;
  const advice = ADVICE[answer.status];
  throw new RegistryError(`${what} was answered ${answer.status}${advice ? `: ${advice}` : ""}`, answer.status);
}
