import { aboutEach, type ReadImages } from "./images";
import { deletionOrder, parentsOf } from "./order";
import type { Deletion, Plan } from "./plan";
import type { RegistryCalls } from "./registry-api";
import { TagWatch } from "./watch";

/** What deleting came to. */
export interface Outcome {
  /** What was deleted: an image whose parts were left has only some of its manifests here. */
  deletions: Deletion[];
  /** Why the rest of the repository was left alone. */
  leftAlone?: string;
  /** What should go and is there still, if it was left alone. */
  spared?: Deletion[];
  /** Digests of parts of deleted images that are there still, without a tag, if the run stopped between them. */
  orphans?: string[];
  /** What was lost in the moment between the last question and a DELETE, in words. */
  losses?: string[];
}

/**
 * Deletes what a plan says, and asks before each manifest whether the repository is still the one that was planned for.
 * It stops at the first change of any tag: what somebody pushes while this runs may need whatever is planned to go.
 * Rejects with what the registry refused, and how far it came.
 */
export async function deletePlanned(api: RegistryCalls, images: ReadImages, plan: Plan): Promise<Outcome> {
  if (plan.deletions.length === 0) return { deletions: [] };
  const unreadTag = [...images.tags].find(([, digest]) => images.unread.has(digest));
  if (unreadTag) return stopped(plan, new Set(), `${unreadTag[0]} could not be read: what it needs is unknown`);
  const { repository } = images;
  const watch = new TagWatch(api, repository, images.listed);
  const order = deletionOrder(plan.deletions, images);
  const done = new Set<string>();
  try {
    const change = await deleteInOrder({ api, images, watch, order, done });
    const outcome =
      change === undefined
        ? { deletions: plan.deletions }
        : stopped(plan, done, `a tag was pushed, moved or deleted meanwhile: ${change}`);
    const losses = done.size === 0 ? [] : await watch.losses();
    return losses.length === 0 ? outcome : { ...outcome, losses };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new Error(`${repository}: ${done.size} of ${order.length} manifests were deleted, then: ${words}`, {
      cause: error,
    });
  }
}

interface Work {
  api: RegistryCalls;
  images: ReadImages;
  watch: TagWatch;
  order: string[];
  /** Filled with what was deleted. */
  done: Set<string>;
}

async function deleteInOrder({ api, images, watch, order, done }: Work): Promise<string | undefined> {
  const reasons = { about: aboutEach(images), parents: parentsOf(order, images), left: new Set(order) };
  for (const digest of order) {
    const change = await watch.change([...new Set([...images.unread, ...goneSubjects(digest, reasons)])]);
    if (change !== undefined) return change;
    if (!(await api.deleteManifest(images.repository, digest))) return `${digest} is gone`;
    watch.took(digest);
    reasons.left.delete(digest);
    done.add(digest);
  }
  return undefined;
}

interface Reasons {
  about: ReadonlyMap<string, string[]>;
  /** The indexes that go. */
  parents: ReadonlyMap<string, string[]>;
  /** What is still to go. */
  left: ReadonlySet<string>;
}

/**
 * What must be gone for a manifest to go: what it is about, and the same for the indexes and subjects that go after it
 * and would keep it. A push may have brought one back without a tag.
 */
function goneSubjects(digest: string, { about, parents, left }: Reasons): string[] {
  const gone: string[] = [];
  const keepers = new Set([digest]);
  for (const each of keepers) {
    for (const subject of about.get(each) ?? []) {
      keepers.add(subject);
      if (!left.has(subject)) gone.push(subject);
    }
    for (const parent of parents.get(each) ?? []) if (left.has(parent)) keepers.add(parent);
  }
  return gone;
}

function stopped({ deletions }: Plan, done: ReadonlySet<string>, why: string): Outcome {
  const part = (each: Deletion, isDone: boolean): Deletion => ({
    ...each,
    manifests: each.manifests.filter((digest) => done.has(digest) === isDone),
  });
  const gone = deletions.filter(({ digest }) => done.has(digest));
  const spared = deletions.filter(({ digest }) => !done.has(digest)).map((each) => part(each, false));
  const named = new Set([...done, ...spared.flatMap(({ manifests }) => manifests)]);
  const orphans = new Set(gone.flatMap(({ manifests }) => manifests.filter((digest) => !named.has(digest))));
  return {
    deletions: gone.map((each) => part(each, true)),
    leftAlone: `${why}; run this again`,
    spared,
    ...(orphans.size > 0 ? { orphans: [...orphans] } : {}),
  };
}
