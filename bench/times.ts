/** The middle one of some times. */
export function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

/** Times in seconds for a person. */
export function line(times: readonly number[]): string {
  const all = times.map((time) => time.toFixed(2)).join(", ");
  return `${median(times).toFixed(2)} s (median of ${all})`;
}
