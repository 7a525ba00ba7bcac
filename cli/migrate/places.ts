import { isMap, isScalar, Pair, Scalar, YAMLMap } from "yaml";
import { partsOf } from "../../config/flat-keys";
import { type Entry, PREFIX, type StackFile } from "./stack-file";

/** Comments and blank lines above a key. */
interface Above {
  comment: string[];
  blank: boolean;
}

/** Builds what is below `config:` anew, in the order of the file: a group stands where its first member stood. */
export class Places {
  private readonly pairs: Pair[] = [];
  private readonly groups = new Map<string, Pair>();
  private left: Above = { comment: [], blank: false };

  /** @param entries The project's own keys, of which those of the new shape stay where they are. */
  constructor(entries: readonly Entry[]) {
    for (const { name, pair } of entries) this.groups.set(name, pair);
  }

  /** Keeps a pair of another namespace as it is. */
  keep(pair: Pair): void {
    this.push(pair);
  }

  /** Keeps a setting at the top, under its new name. */
  keepAs(name: string, pair: Pair): void {
    pair.key = keyLike(pair, PREFIX + name);
    this.groups.set(name, pair);
    this.push(pair);
  }

  /** Drops a key; what was said of it goes to the next one, since it may be about that too. */
  drop(pair: Pair): void {
    const { comment, blank } = above(pair);
    const beside = isScalar(pair.value) && pair.value.comment ? [pair.value.comment] : [];
    this.left = { comment: [...this.left.comment, ...comment, ...beside], blank: this.left.blank || blank };
  }

  /** Puts a value at its place below the top; `former` is the key with its comments. */
  put(place: string, value: unknown, former?: Pair): void {
    const [top, ...below] = partsOf(place);
    const last = below.pop() ?? top;
    const table = below.reduce(tableIn, this.group(top, former));
    const key = former ? keyLike(former, last) : new Scalar(last);
    key.spaceBefore = false;
    table.add(new Pair(key, value));
  }

  /** Puts everything below `config:`. */
  writeTo({ config }: StackFile): void {
    config.items = this.pairs;
    if (this.left.comment.length === 0) return;
    config.comment = [...this.left.comment, config.comment].filter(Boolean).join("\n");
  }

  private group(top: string, former?: Pair): YAMLMap {
    const known = this.groups.get(top);
    const pair = known ?? new Pair(new Scalar(PREFIX + top), new YAMLMap());
    if (!isMap(pair.value)) pair.value = new YAMLMap();
    const table = pair.value as YAMLMap;
    table.flow = false;
    if (!known) {
      this.groups.set(top, pair);
      (pair.key as Scalar).spaceBefore = former !== undefined && above(former).blank;
      this.push(pair);
    }
    return table;
  }

  private push(pair: Pair): void {
    const { comment, blank } = this.left;
    if (isScalar(pair.key) && comment.length > 0) {
      pair.key.commentBefore = [...comment, pair.key.commentBefore].filter(Boolean).join("\n");
    }
    if (isScalar(pair.key) && blank) pair.key.spaceBefore = true;
    this.left = { comment: [], blank: false };
    this.pairs.push(pair);
  }
}

/** The table of a name in a table, made if it is not there. */
function tableIn(table: YAMLMap, name: string): YAMLMap {
  const known = table.get(name, true);
  if (isMap(known)) {
    known.flow = false;
    return known;
  }
  const made = new YAMLMap();
  table.set(new Scalar(name), made);
  return made;
}

/** A key of another name with the comments of a former one. */
function keyLike({ key: former }: Pair, name: string): Scalar {
  const key = new Scalar(name);
  if (isScalar(former)) Object.assign(key, { commentBefore: former.commentBefore, spaceBefore: former.spaceBefore });
  return key;
}

function above({ key }: Pair): Above {
  if (!isScalar(key)) return { comment: [], blank: false };
  return { comment: key.commentBefore ? [key.commentBefore] : [], blank: key.spaceBefore ?? false };
}
