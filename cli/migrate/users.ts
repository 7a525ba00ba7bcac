import { isMap, isScalar, isSeq, type Pair, Scalar } from "yaml";
import { isEncrypted, memberAsText } from "./values";

const FORMER = "passwordGeneration";
const NOW = "generation";

/** True if a user has a member that is called differently now. */
export function hasFormerMembers(users: unknown): boolean {
  return formerMembers(users).length > 0;
}

/** The members of a user that has the former one and the one of now, as two paths. */
export function membersInBothShapes(users: unknown): [former: string, now: string][] {
  return formerMembers(users)
    .filter(({ hasBoth }) => hasBoth)
    .map(({ path }) => [`${path}.${FORMER}`, `${path}.${NOW}`]);
}

/** Renames what is called differently now, and says so, a line each. */
export function renameMembers(users: unknown): string[] {
  if (isEncrypted(users)) {
    return [`users is encrypted as a whole: rename each ${FORMER} in it to ${NOW}, a text, by hand`];
  }
  return formerMembers(users).map(({ path, pair }) => {
    if (isScalar(pair.key)) pair.key.value = NOW;
    else pair.key = new Scalar(NOW);
    if (!isEncrypted(pair.value)) pair.value = memberAsText(pair.value);
    return `${path}.${FORMER} -> ${path}.${NOW}`;
  });
}

function formerMembers(users: unknown): { path: string; pair: Pair; hasBoth: boolean }[] {
  return (isSeq(users) ? users.items : []).flatMap((user, index) => {
    const pairs = isMap(user) ? user.items : [];
    const named = (name: string) => pairs.find(({ key }) => (isScalar(key) ? key.value : key) === name);
    const pair = named(FORMER);
    return pair ? [{ path: `users[${index}]`, pair, hasBoth: named(NOW) !== undefined }] : [];
  });
}
