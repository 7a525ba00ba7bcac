/** Numbers and booleans as the texts that they are meant to be. */
export function texts(table: Record<string, unknown> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [name, String(value)]));
}

/** The members that are there: an argument that is left out must not become one that is undefined. */
export function defined<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined | ""> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== "")) as {
    [K in keyof T]?: Exclude<T[K], undefined | "">;
  };
}
