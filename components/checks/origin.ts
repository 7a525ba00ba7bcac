/** Where the user wrote the arguments that a component hands to another one. */
export interface Origin {
  /** What the user made: `PrivateRegistry "main"`. */
  subject: string;
  /** The user's path for each of the part's paths that has a different one; "" stands for all that are not named. */
  places: Readonly<Record<string, string>>;
}

const origins = new WeakMap<object, Origin>();

/**
 * Notes of a part's arguments where the user wrote them, so that a problem that shows late is told in the user's words.
 */
export function from<T extends object>(origin: Origin, args: T): T {
  origins.set(args, origin);
  return args;
}

/** What was noted of these arguments. */
export function originOf(args: object): Origin | undefined {
  return origins.get(args);
}

/** The user's path of a part's path. */
export function placeIn({ places }: Origin, path: string): string {
  const named = Object.keys(places)
    .filter((each) => each !== "" && (path === each || path.startsWith(`${each}.`) || path.startsWith(`${each}[`)))
    .sort((one, other) => other.length - one.length);
  const [longest] = named;
  if (longest !== undefined) return `${places[longest] ?? ""}${path.slice(longest.length)}`;
  const base = places[""];
  return base === undefined ? path : `${base}.${path}`;
}
