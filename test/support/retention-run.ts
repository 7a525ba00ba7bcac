import { type RepositoryReport } from "../../cli/retention/report";
import { retain } from "../../cli/retention";
import type { RetentionRule } from "../../cli/retention/policy";
import { type Moment, NOW, type Push } from "./retention-arbitrary";
import { mustStay, partsOf, subjectsOf } from "./retention-oracle";
import { type Call, copyOf, digestOf, FakeRegistry, type Store, tagAbout } from "./retention-registry";

/** What a run did to a store, and what was wrong with it. */
export interface Ran {
  store: Store;
  /** What the plan was made from. */
  begun: Store;
  report: RepositoryReport;
  deleted: string[];
  calls: Call["kind"][];
  /** Pushes that changed something, by when they came. */
  pushed: { moment: Moment["at"]; kind: Push["kind"] }[];
  /**
   * Manifests that a push needed which came after the last question about it, and before the DELETE: nobody can tell.
   */
  hits: string[];
  /** True if something was pushed when the last DELETE had long been answered. */
  late: boolean;
  wrong: string[];
}

/**
 * Runs a retention job over a copy of a store, with somebody's pushes in between, and watches each DELETE.
 * @param rehearsal The same run without a push, by whose calls the moments are told.
 */
export async function ranOver(from: Store, rule: RetentionRule, pushes: Push[] = [], rehearsal?: Ran): Promise<Ran> {
  const run = new Run(from, rule, pushes, rehearsal?.calls ?? []);
  const registry = new FakeRegistry(run.store);
  registry.before = (call) => run.before(call);
  registry.after = (call) => run.after(call);
  const reports: RepositoryReport[] = [];
  for await (const report of retain(registry, [rule], { delete: true, now: NOW })) reports.push(report);
  return run.ran(reports[0] as RepositoryReport);
}

/** What a question has shown since the last DELETE; what was not asked for again counts as seen as it is. */
interface Seen {
  /** By tag or digest. */
  asked: Map<string, string | undefined>;
  /** The names of the last list, and what was asked for after it. */
  list: Set<string> | undefined;
  sinceList: Set<string>;
}

class Run {
  readonly store: Store;
  private readonly begun: Store;
  private readonly planned = new Map<string, string>();
  private reached = new Set<string>();
  private seen: Seen = { asked: new Map(), list: undefined, sinceList: new Set() };
  private readonly firstAnswers = new Set<string>();
  private lastPush = 0;
  private readonly all: Store["manifests"];
  private readonly due: { push: Push; before: number; after: boolean }[];
  private readonly record: Pick<Ran, "deleted" | "calls" | "pushed" | "hits" | "wrong"> = {
    deleted: [],
    calls: [],
    pushed: [],
    hits: [],
    wrong: [],
  };

  constructor(
    from: Store,
    private readonly rule: RetentionRule,
    pushes: Push[],
    calls: Call["kind"][],
  ) {
    this.store = copyOf(from);
    this.begun = copyOf(from);
    this.all = new Map(from.manifests);
    const deletes = calls.flatMap((kind, index) => (kind === "delete" ? [index] : []));
    this.due = pushes.map((push) => {
      const { at, share } = push.moment;
      const places = at === "any call" ? [...calls.keys()] : deletes;
      return { push, before: places[Math.floor(share * places.length)] ?? -1, after: at === "after a DELETE" };
    });
  }

  before(call: Call): void {
    this.pushAll(false);
    this.record.calls.push(call.kind);
    if (call.kind !== "delete") return;
    if (this.record.deleted.length === 0) this.reached = partsOf(this.begun, new Set(this.planned.values()));
    if (this.record.calls.at(-2) !== "list")
      this.record.wrong.push(`${call.reference} goes without a last look at the list`);
    this.judge(call.reference);
  }

  after({ kind, reference }: Call): void {
    const { asked, sinceList } = this.seen;
    if (kind === "list") this.seen = { asked, list: new Set(this.store.tags.keys()), sinceList: new Set() };
    if (kind === "ask") this.note(reference, sinceList);
    if (kind === "delete") {
      this.record.deleted.push(reference);
      this.reached.delete(reference);
      for (const [tag, digest] of this.planned) if (digest === reference) this.planned.delete(tag);
      this.seen = { asked: new Map(), list: undefined, sinceList: new Set() };
    }
    this.pushAll(true);
  }

  ran(report: RepositoryReport): Ran {
    const late = this.lastPush > this.record.calls.lastIndexOf("delete") + 1;
    return { ...this.record, late, store: this.store, begun: { ...this.begun, tags: this.planned }, report };
  }

  /** Takes note of an answer; the first about a tag, before the first DELETE, is what the plan is made from. */
  private note(reference: string, sinceList: Set<string>): void {
    const isDigest = reference.startsWith("sha256:");
    const at = isDigest ? reference : this.store.tags.get(reference);
    const digest = at !== undefined && this.store.manifests.has(at) ? at : undefined;
    this.seen.asked.set(reference, digest);
    sinceList.add(reference);
    if (isDigest) {
      const stored = this.store.manifests.get(reference);
      if (stored) this.begun.manifests.set(reference, stored);
    } else if (!this.firstAnswers.has(reference)) {
      this.firstAnswers.add(reference);
      if (digest !== undefined && this.record.deleted.length === 0) this.planned.set(reference, digest);
    }
  }

  private judge(digest: string): void {
    const situation = (store: Store) => ({
      store,
      planned: this.planned,
      reached: this.reached,
      rule: this.rule,
      now: NOW,
    });
    if (mustStay(situation(this.store)).has(digest)) {
      if (mustStay(situation(this.asSeen())).has(digest)) this.record.wrong.push(`${digest} must stay`);
      else this.record.hits.push(digest);
    }
    const parent = [...this.reached].find((each) => this.store.manifests.get(each)?.children.includes(digest));
    if (parent !== undefined && this.isPlanned(parent))
      this.record.wrong.push(`${digest} goes before its index ${parent}`);
    for (const subject of subjectsOf(this.store, digest)) {
      if (this.store.manifests.has(subject) && this.isPlanned(subject) && !this.waits(subject).has(digest)) {
        this.record.wrong.push(`${digest} goes before ${subject}, which it is about`);
      }
    }
  }

  /** True of what was there when the plan was made and is not held by somebody's push. */
  private isPlanned(digest: string): boolean {
    return this.reached.has(digest) && this.record.pushed.length === 0;
  }

  /** All that goes before a manifest: its indexes and subjects, and theirs. */
  private waits(digest: string): Set<string> {
    const found = new Set([digest]);
    for (const each of found) {
      for (const subject of subjectsOf(this.store, each)) found.add(subject);
      for (const [parent, { children }] of this.store.manifests) if (children.includes(each)) found.add(parent);
    }
    return found;
  }

  /** The store as the questions since the last DELETE have shown it. */
  private asSeen(): Store {
    const { asked, list, sinceList } = this.seen;
    const store = copyOf(this.store);
    for (const tag of new Set([...store.tags.keys(), ...asked.keys()])) {
      if (tag.startsWith("sha256:")) {
        if (asked.get(tag) === undefined) store.manifests.delete(tag);
        continue;
      }
      const digest = asked.get(tag);
      if (list && !list.has(tag) && !sinceList.has(tag)) store.tags.delete(tag);
      else if (asked.has(tag) && digest !== undefined) store.tags.set(tag, digest);
      else if (asked.has(tag) && !list?.has(tag)) store.tags.delete(tag);
    }
    return store;
  }

  private pushAll(after: boolean): void {
    const index = this.record.calls.length - (after ? 1 : 0);
    for (const due of this.due.splice(0)) {
      if (due.after === after && due.before === index) this.push(due.push);
      else this.due.push(due);
    }
  }

  private push({ kind, one, other, moment }: Push): void {
    const { tags, manifests } = this.store;
    const digests = [...this.all.keys()];
    const names = [...tags.keys()];
    const digest = digests[one % digests.length] as string;
    const second = digests[other % digests.length] as string;
    const name = names[other % names.length];
    const made = digestOf(500 + this.record.pushed.length);
    const put = (tag: string, at: string): void => {
      for (const part of partsOf({ manifests: this.all, tags }, new Set([at]))) {
        const stored = this.all.get(part);
        if (stored) manifests.set(part, stored);
      }
      tags.set(tag, at);
    };
    const add = (subject?: string, children: string[] = []): string => {
      this.all.set(made, { created: "2026-01-01T00:00:00Z", children, subject });
      return made;
    };
    const free = `new-${this.record.pushed.length}`;
    const acts: Record<Push["kind"], () => void> = {
      "new tag": () => put(free, digest),
      "moved tag": () => put(name ?? free, digest),
      "new index": () => put(other % 2 === 0 ? free : (name ?? free), add(undefined, [digest, second])),
      "re-push": () => put(name ?? free, name === undefined ? digest : (tags.get(name) as string)),
      "deleted tag": () => void tags.delete(name ?? ""),
      signature: () => put(tagAbout(digest, ".sig"), add()),
      referrer: () => put(free, add(digest)),
      untagged: () => {
        const missing = [90, 91, 92].map(digestOf).concat(this.record.deleted);
        const back = missing[one % missing.length] as string;
        manifests.set(back, this.all.get(back) ?? { children: [] });
      },
    };
    acts[kind]();
    this.lastPush = this.record.calls.length;
    this.record.pushed.push({ moment: moment.at, kind });
  }
}
