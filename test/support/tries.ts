/**
 * How many values a long property test tries: as many as it says, or under `npm run mutants`, where it runs once for
 * each mutant that the quick tests have not noticed, a part of them.
 */
export function tries(number: number): number {
  return Math.ceil(number / Number(process.env["FEWER_TRIES"] ?? 1));
}
