/** What came of an area's mutants. */
export interface Score {
  name: string;
  /** Those that a test noticed, by failing or by not ending. */
  noticed: number;
  /** Those of them by which a test did not end in time. */
  endless: number;
  /** Those that tests ran through and did not notice. */
  survived: number;
  /** Those that no test ran through. */
  unreached: number;
  seconds: number;
}

/** "renewal    737 mutants, 723 noticed (98.1 %, 3 by time), 11 survived, 3 in code that no test runs; 80 s". */
export function scoreLine({ name, noticed, endless, survived, unreached, seconds }: Score): string {
  const all = noticed + survived + unreached;
  const share = all === 0 ? "-" : ((100 * noticed) / all).toFixed(1);
  const rest = `${survived} survived, ${unreached} in code that no test runs`;
  return `${name.padEnd(10)} ${all} mutants, ${noticed} noticed (${share} %, ${endless} by time), ${rest}; ${Math.round(seconds)} s`;
}

export function sum(scores: readonly Score[]): Score {
  const of = (member: Exclude<keyof Score, "name">) => scores.reduce((all, score) => all + score[member], 0);
  return {
    name: "all",
    noticed: of("noticed"),
    endless: of("endless"),
    survived: of("survived"),
    unreached: of("unreached"),
    seconds: of("seconds"),
  };
}
