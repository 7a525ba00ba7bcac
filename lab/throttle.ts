import type { Say } from "./step";

/** Says what a job is doing at most once in a while, and the latest of it always. */
export interface Throttled {
  readonly say: Say;
  /** Says what is still held back; called when the job ends, whichever way. */
  flush(): void;
}

/**
 * The first thing said is passed on at once, and then the latest one each `milliseconds`. For a log, of which a build
 * that says each package it compiles would fill thousands of lines.
 */
export function throttled(say: Say, milliseconds: number): Throttled {
  let held: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const pass = (): void => {
    timer = undefined;
    if (held === undefined) return;
    say(held);
    held = undefined;
    timer = setTimeout(pass, milliseconds).unref();
  };
  return {
    say: (now) => {
      held = now;
      if (timer === undefined) pass();
    },
    flush: () => {
      clearTimeout(timer);
      pass();
      clearTimeout(timer);
    },
  };
}
