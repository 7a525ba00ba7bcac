import { aboutEach, type RepositoryImages } from "./images";

/** An image that goes, with its manifests. */
interface Going {
  digest: string;
  manifests: string[];
}

/**
 * The manifests that go, each once, in an order in which a run that is cut short breaks nothing that is still there: an
 * index before its parts, and what something is about before that, so that no image is left without its platforms or
 * its signature. Parts follow their index at once where they can, since without a tag no later run finds them.
 * @param deletions In the order that is wanted where this does not matter.
 */
export function deletionOrder(deletions: readonly Going[], images: RepositoryImages): string[] {
  const going = new Map(deletions.flatMap(({ manifests }) => manifests.map((digest) => [digest, [] as string[]])));
  for (const { digest, manifests } of deletions) going.set(digest, manifests);
  const about = aboutEach(images);
  const parents = parentsOf(going.keys(), images);
  const ordered = new Set<string>();
  const waiting = new Set(deletions.map(({ digest }) => digest));
  const isLeft = (digest: string): boolean => going.has(digest) && !ordered.has(digest);
  const indexesOf = (digest: string): string[] => (parents.get(digest) ?? []).filter(isLeft);
  const subjectsOf = (digest: string): string[] => (about.get(digest) ?? []).filter(isLeft);
  const isFree = (digest: string): boolean => indexesOf(digest).length + subjectsOf(digest).length === 0;
  const isWhollyFree = (digest: string): boolean => {
    const own = going.get(digest) ?? [];
    return isFree(digest) && own.every((part) => subjectsOf(part).every((subject) => own.includes(subject)));
  };
  const take = (digest: string): void => {
    ordered.add(digest);
    waiting.delete(digest);
    for (const child of images.nodes.get(digest)?.children ?? []) {
      if (!isLeft(child) || indexesOf(child).length > 0) continue;
      if (isFree(child)) take(child);
      else waiting.add(child);
    }
  };
  while (waiting.size > 0) {
    const free = first(waiting, isWhollyFree) ?? first(waiting, isFree);
    take(free ?? inCircle(first(waiting, () => true) as string, indexesOf, subjectsOf));
  }
  return [...ordered];
}

/**
 * Where everything waits for something, as two manifests can be about each other by their tags: one to begin with, of
 * a circle that waits for nothing outside it, and of that one that waits for no index.
 * @param start One that waits.
 */
function inCircle(
  start: string,
  indexesOf: (digest: string) => string[],
  subjectsOf: (digest: string) => string[],
): string {
  const before = (digest: string): Set<string> => {
    const found = new Set([digest]);
    for (const each of found) for (const other of [...indexesOf(each), ...subjectsOf(each)]) found.add(other);
    return found;
  };
  const all = before(start);
  let circle = all;
  for (const digest of all) {
    const needed = before(digest);
    if (needed.size < circle.size) circle = needed;
  }
  return first(circle, (digest) => indexesOf(digest).length === 0) ?? start;
}

/** The indexes among these manifests that name one, by its digest. */
export function parentsOf(going: Iterable<string>, { nodes }: RepositoryImages): Map<string, string[]> {
  const parents = new Map<string, string[]>();
  for (const digest of going) {
    for (const child of new Set(nodes.get(digest)?.children)) {
      parents.set(child, [...(parents.get(child) ?? []), digest]);
    }
  }
  return parents;
}

function first(digests: Iterable<string>, fits: (digest: string) => boolean): string | undefined {
  for (const digest of digests) if (fits(digest)) return digest;
  return undefined;
}
