/** The figures that `--only` names, or all; fails on a name that is none, with those that there are. */
export function chosen<T>(figures: Readonly<Record<string, T>>, only: readonly string[] | undefined): [string, T][] {
  const known = Object.keys(figures);
  const unknown = (only ?? []).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`no such figure: ${unknown.join(", ")}; there are ${known.join(", ")}`);
  return Object.entries(figures).filter(([name]) => only === undefined || only.includes(name));
}
