import { ChangeKind, Changes } from "./resource";
import { isList, isObject, Properties, same, Value } from "./values";

/** Compares two sets of properties as deep as both have the same shape; a secret is compared as a whole. */
export function changesBetween(old: Properties, now: Properties): Changes {
  const changes: Changes = {};
  compareObjects("", old, now, changes);
  return changes;
}

function compareObjects(prefix: string, old: Properties, now: Properties, into: Changes): void {
  for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
    compare(childPath(prefix, key), old[key], now[key], into);
  }
}

function compare(path: string, old: Value | undefined, now: Value | undefined, into: Changes): void {
  if (same(old, now)) return;
  if (old === undefined) into[path] = ChangeKind.Add;
  else if (now === undefined) into[path] = ChangeKind.Delete;
  else if (isObject(old) && isObject(now)) compareObjects(path, old, now, into);
  else if (isList(old) && isList(now)) {
    for (let index = 0; index < Math.max(old.length, now.length); index++) {
      compare(`${path}[${index}]`, old[index], now[index], into);
    }
  } else into[path] = ChangeKind.Update;
}

function childPath(prefix: string, key: string): string {
  if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(key)) return `${prefix}[${JSON.stringify(key)}]`;
  return prefix === "" ? key : `${prefix}.${key}`;
}

/** The same change, as one that makes the resource anew. */
export function asReplace(kind: ChangeKind): ChangeKind {
  const replacing: Record<ChangeKind, ChangeKind> = {
    [ChangeKind.Add]: ChangeKind.AddReplace,
    [ChangeKind.Delete]: ChangeKind.DeleteReplace,
    [ChangeKind.Update]: ChangeKind.UpdateReplace,
    [ChangeKind.AddReplace]: ChangeKind.AddReplace,
    [ChangeKind.DeleteReplace]: ChangeKind.DeleteReplace,
    [ChangeKind.UpdateReplace]: ChangeKind.UpdateReplace,
  };
  return replacing[kind];
}
