import { type ListedTags, readManifests } from "./images";
import { inParallel } from "./parallel";
import type { RegistryCalls } from "./registry-api";

/**
 * The tags of a repository as they should be while a run deletes in it: what differs was pushed, moved or deleted by
 * somebody else.
 */
export class TagWatch {
  private readonly expected: Map<string, string | undefined>;
  private readonly deleted = new Set<string>();

  constructor(
    private readonly api: RegistryCalls,
    private readonly repository: string,
    listed: ListedTags,
  ) {
    this.expected = new Map(listed);
  }

  /** Takes note of a manifest that this run deleted, with all its tags. */
  took(digest: string): void {
    this.deleted.add(digest);
    for (const [tag, at] of this.expected) if (at === digest) this.expected.delete(tag);
  }

  /**
   * What is different by now, in words; undefined if nothing is. Every tag is asked for, since one that was moved is
   * listed as before. The list comes last, so that between it and a DELETE no request lies in which a new tag could
   * appear; and first, as a new tag is found there at once.
   * @param absent Digests of manifests that must not be there.
   */
  async change(absent: readonly string[]): Promise<string | undefined> {
    return (await this.nameChange()) ?? (await this.digestChange(absent)) ?? (await this.nameChange());
  }

  /**
   * What the last moment has cost, in words: tags that are gone though this run did not mean them, and tags that lead
   * to something that it deleted. The API has no DELETE on a condition, so a push can arrive between the last question
   * and the DELETE.
   */
  async losses(): Promise<string[]> {
    const names = await this.api.tags(this.repository);
    const digests = await inParallel(names, (tag) => this.api.digest(this.repository, tag));
    const now = new Map(names.map((tag, index) => [tag, digests[index]]));
    const missing = [...this.expected]
      .filter(([tag, digest]) => digest !== undefined && now.get(tag) === undefined)
      .map(([tag]) => `${tag} is gone: deleted by somebody, or pushed to an image just when that was deleted`);
    const broken = await inParallel(
      [...now].filter(([tag, digest]) => digest !== undefined && digest !== this.expected.get(tag)),
      ([tag, digest]) => this.broken(tag, digest as string),
    );
    return [...missing, ...broken.flat()];
  }

  private async nameChange(): Promise<string | undefined> {
    const names = new Set(await this.api.tags(this.repository));
    const added = [...names].find((tag) => !this.expected.has(tag));
    if (added !== undefined) return `${added} is new`;
    const [removed] = [...this.expected].find(([tag, digest]) => digest !== undefined && !names.has(tag)) ?? [];
    return removed === undefined ? undefined : `${removed} is gone`;
  }

  private async digestChange(absent: readonly string[]): Promise<string | undefined> {
    const questions = [...this.expected, ...absent.map((digest) => [digest, undefined] as const)];
    const changes = await inParallel(questions, async ([reference, wanted]) => {
      const digest = await this.api.digest(this.repository, reference);
      return digest === wanted ? [] : [`${reference} ${digest === undefined ? "is gone" : `is ${digest} now`}`];
    });
    return changes.flat()[0];
  }

  private async broken(tag: string, digest: string): Promise<string[]> {
    const parts = await readManifests(this.api, this.repository, [digest]);
    return [...parts.keys()]
      .filter((part) => this.deleted.has(part) && parts.get(part) === undefined)
      .map((part) => `${tag} was pushed with ${part}, just when that was deleted`);
  }
}
