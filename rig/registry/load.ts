import { once } from "node:events";
import * as path from "node:path";
import { Worker } from "node:worker_threads";

/** Where pulls and pushes go to. */
export interface LoadTarget {
  port: number;
  /** The registry's name. */
  host: string;
  caPem: string;
  /** "name:password". */
  auth?: string;
  repository: string;
}

/** What came of them. */
export interface LoadCounts {
  pulls: number;
  pushes: number;
  /** One line for every one that failed. */
  failedPulls: string[];
  failedPushes: string[];
}

/**
 * Pulls and pushes without end, in a thread of their own: a client that is late to see that its connection is closed
 * loses more.
 */
export class RegistryLoad {
  private constructor(private readonly worker: Worker) {}

  /** Starts it; a first push has been through then. */
  static async start(target: LoadTarget): Promise<RegistryLoad> {
    const register = ["--require", "ts-node/register/transpile-only"];
    const worker = new Worker(path.join(__dirname, "load-worker.ts"), {
      execArgv: register,
      workerData: target,
    });
    await once(worker, "message");
    return new RegistryLoad(worker);
  }

  /** Lets what is under way end, and says what came of all. */
  async stop(): Promise<LoadCounts> {
    const said = once(this.worker, "message");
    this.worker.postMessage("stop");
    const [counts] = (await said) as [LoadCounts];
    await this.worker.terminate();
    return counts;
  }
}
