import type { RawManifest, RegistryCalls } from "../../cli/retention/registry-api";

/**
 * A manifest of a made-up registry; its digest is a number of the test's and no hash, so subjects may go round in a
 * circle.
 */
export interface Stored {
  /** The config's time; for an index its annotation's. */
  created?: string | undefined;
  children: string[];
  subject?: string | undefined;
}

/** What a repository holds. */
export interface Store {
  manifests: Map<string, Stored>;
  /** Digest by tag. */
  tags: Map<string, string>;
}

/** A call of the API, before it is answered. */
export interface Call {
  kind: "list" | "ask" | "delete" | "other";
  /** The tag or digest; empty for a list. */
  reference: string;
}

export const digestOf = (number: number): string => `sha256:${number.toString(16).padStart(64, "0")}`;

/** The tag by which something is about a manifest. */
export const tagAbout = (digest: string, suffix = ""): string => `${digest.replace(":", "-")}${suffix}`;

export const copyOf = ({ manifests, tags }: Store): Store => ({ manifests: new Map(manifests), tags: new Map(tags) });

/** A registry of one repository, `app`, in memory. A call is answered as a whole, from what is there at that time. */
export class FakeRegistry implements RegistryCalls {
  /**
   * Called before each call is answered. May change the store, as somebody's push would, or throw what a registry
   * refuses.
   */
  before: (call: Call) => void = () => undefined;
  /** Called once a call is answered. */
  after: (call: Call) => void = () => undefined;

  constructor(readonly store: Store) {}

  repositories(): Promise<string[]> {
    return this.answer({ kind: "other", reference: "" }, () => ["app"]);
  }

  tags(): Promise<string[]> {
    return this.answer({ kind: "list", reference: "" }, () => [...this.store.tags.keys()]);
  }

  digest(_repository: string, reference: string): Promise<string | undefined> {
    return this.answer({ kind: "ask", reference }, () => this.resolved(reference));
  }

  manifest(_repository: string, reference: string): Promise<RawManifest | undefined> {
    return this.answer({ kind: "ask", reference }, () => {
      const digest = this.resolved(reference);
      return digest === undefined ? undefined : rawOf(digest, this.store.manifests.get(digest) as Stored);
    });
  }

  json(_repository: string, digest: string): Promise<unknown> {
    const created = /^config of (.*)$/.exec(digest)?.[1];
    return this.answer({ kind: "other", reference: digest }, () => (created === "nothing" ? {} : { created }));
  }

  deleteManifest(_repository: string, digest: string): Promise<boolean> {
    return this.answer({ kind: "delete", reference: digest }, () => {
      for (const [tag, at] of this.store.tags) if (at === digest) this.store.tags.delete(tag);
      return this.store.manifests.delete(digest);
    });
  }

  private resolved(reference: string): string | undefined {
    const digest = reference.startsWith("sha256:") ? reference : this.store.tags.get(reference);
    return digest !== undefined && this.store.manifests.has(digest) ? digest : undefined;
  }

  private async answer<T>(call: Call, work: () => T): Promise<T> {
    await Promise.resolve();
    this.before(call);
    const result = work();
    this.after(call);
    return result;
  }
}

function rawOf(digest: string, { created, children, subject }: Stored): RawManifest {
  const annotations = created === undefined ? {} : { "org.opencontainers.image.created": created };
  const about = subject === undefined ? {} : { subject: { digest: subject } };
  const own =
    children.length > 0
      ? { manifests: children.map((child) => ({ digest: child })), annotations }
      : { config: { digest: `config of ${created ?? "nothing"}` } };
  return { digest, mediaType: "application/json", body: { ...own, ...about } };
}
