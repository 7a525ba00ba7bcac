/** Kills an activation, and nothing else, before its n-th command. */
export const killedAt = (input: string, point: number): string =>
  `commands=0; set -T; trap '[ $((++commands)) != ${point} ] || kill -9 $$' DEBUG\n${input}`;

/** The same, counted: its last line says how many commands there were. */
export const counted = (input: string): string =>
  `commands=0; set -T; trap 'commands=$((commands + 1))' DEBUG\n${input}`.replace(
    /main "\$@"\n/,
    'main "$@"; echo "commands $commands"\n',
  );

/** How many commands a counted activation had. */
export const commandsIn = (stdout: string): number => Number(/commands (\d+)/.exec(stdout)?.[1]);

/** Numbers of commands to be killed at, from the first to the last, evenly spread. */
export const points = (last: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => 1 + Math.round((index * (last - 1)) / (count - 1)));
