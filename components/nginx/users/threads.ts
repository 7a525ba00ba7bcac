import { Worker } from "node:worker_threads";

/** What each thread runs. A text, since a thread can't load TypeScript, and what is compiled lies elsewhere. */
export interface ThreadProgram {
  /** JavaScript. It answers each task, a message of its `parentPort`, with one message. */
  text: string;
  /** Its `workerData`; no secret. */
  data?: unknown;
}

/**
 * Has tasks done in worker threads, each by the next thread that is free, and resolves to the results in the tasks'
 * order. Tasks reach a thread as messages only: it has no environment, and no options of this process. All threads have
 * ended when this has. Rejects with the first error of a thread, and if one ends before its work is done.
 * @param threads How many, at least 1.
 */
export async function inThreads<Task, Result>(
  program: ThreadProgram,
  tasks: readonly Task[],
  threads: number,
): Promise<Result[]> {
  const workers: Worker[] = [];
  const results: Result[] = [];
  const left: IterableIterator<[number, Task], undefined> = tasks.entries();
  const work = async (): Promise<void> => {
    const worker = new Worker(program.text, { eval: true, workerData: program.data, env: {}, execArgv: [] });
    workers.push(worker);
    await workOff(worker, left, results);
  };
  try {
    await Promise.all(Array.from({ length: threads }, work));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return results;
}

/** Gives a thread one task after the other until none is left. */
function workOff<Task, Result>(
  worker: Worker,
  left: IterableIterator<[number, Task], undefined>,
  results: Result[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    let current = 0;
    const next = (): void => {
      const { value } = left.next();
      if (value === undefined) return resolve();
      current = value[0];
      worker.postMessage(value[1]);
    };
    worker.on("message", (result: Result) => {
      results[current] = result;
      next();
    });
    worker.on("error", reject);
    worker.on("messageerror", reject);
    worker.on("exit", (code) => reject(new Error(`a thread ended with code ${code} before its work was done`)));
    next();
  });
}
