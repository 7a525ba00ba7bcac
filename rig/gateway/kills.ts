import { PROBE_HEADER } from "../../components/nginx/kind";
import { ask } from "./client";
import { gatewayInput, gatewayRelease } from "./fixture";
import type { NginxHost } from "../hosts/nginx-host";

/**
 * Who is killed: the program, it and all that it has started (its guard too), or those and nginx, as a power cut would.
 */
export const VICTIMS = ["the program", "its process group", "everything, nginx too"] as const;
export type Victim = (typeof VICTIMS)[number];

/** What one killed activation left. */
export interface Kill {
  victim: Victim;
  /** The last step that the host's journal names. */
  step: string;
  /** False if the activation ended before the kill came. */
  killed: boolean;
  /** Which release is served after nginx has been started anew. */
  found: "old" | "new" | "nothing";
  /** Everything that is not as it has to be; empty if all is right. */
  wrong: string[];
}

/** When an activation is how far, in seconds from its start. */
export interface Course {
  switched: number;
  ended: number;
}

/** Two releases in turn on one host, whose activations are killed. */
export class KilledActivations {
  private live = 0;

  private constructor(
    private readonly host: NginxHost,
    private readonly releases: { hash: string; input: string }[],
  ) {}

  static async on(host: NginxHost): Promise<KilledActivations> {
    const releases = [];
    for (const realm of ["One", "Two"]) {
      const changes = { httpsPort: host.httpsPort, realm };
      releases.push({ hash: (await gatewayRelease(changes)).hash, input: await gatewayInput(changes) });
    }
    const all = new KilledActivations(host, releases);
    for (const error of await all.converge(0)) throw new Error(error);
    return all;
  }

  /** Measures undisturbed activations. */
  async course(rounds: number): Promise<Course> {
    const found: Course[] = [];
    for (let round = 0; round < rounds; round++) {
      const next = 1 - this.live;
      const clocked = this.input(next).replace(
        "step() {",
        () => 'step() {\ncase $1 in switch | done) echo "$1 $EPOCHREALTIME" >>/run/course ;; esac',
      );
      const done = await this.host.activate("update", `echo "begin $EPOCHREALTIME" >/run/course\n${clocked}`);
      if (done.code !== 0) throw new Error(done.stderr);
      this.live = next;
      const text = (await this.host.run("cat /run/course")).stdout;
      const at = (step: string): number => Number(new RegExp(`^${step} (\\S+)$`, "m").exec(text)?.[1]);
      found.push({ switched: at("switch") - at("begin"), ended: at("done") - at("begin") });
    }
    const middle = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
    return { switched: middle(found.map((each) => each.switched)), ended: middle(found.map((each) => each.ended)) };
  }

  /** Kills one activation by SIGKILL so many seconds after its start, looks at what is left, and runs it again. */
  async kill(victim: Victim, seconds: number): Promise<Kill> {
    const next = 1 - this.live;
    const journal = "/var/log/nginx/private-registry.log";
    await this.host.run(`: >${journal}`);
    const target = victim === "the program" ? "$$" : "0";
    const killer = `( exec 9>&-; sleep ${seconds.toFixed(4)}; kill -9 ${target} ) &\n`;
    const done = await this.host.activate(
      "update",
      killer + this.input(next).replace('main "$@"', 'main "$@"; kill $!'),
    );
    const step = (await this.host.run(`tail -n 1 ${journal}`)).stdout.trim().split(" ").slice(3).join(" ");
    const wrong: string[] = [];
    if (victim === "everything, nginx too") wrong.push(...(await this.start()));
    else if ((await this.served()) === "nothing") wrong.push("nothing is served while nginx runs on");
    if (victim !== "everything, nginx too") wrong.push(...(await this.start()));
    const served = await this.served();
    if (served === "nothing") wrong.push("nothing is served after a start of nginx");
    wrong.push(...(await this.converge(next)));
    return {
      victim,
      step: step === "" ? "before the first step" : step,
      killed: done.code !== 0,
      found: served === "nothing" ? "nothing" : served === next ? "new" : "old",
      wrong,
    };
  }

  private input(index: number): string {
    return this.releases[index]?.input ?? "";
  }

  private async start(): Promise<string[]> {
    const start = await this.host.restartNginx();
    const neighbour = await ask({ port: this.host.neighbourPort, tls: false, path: "/" }).catch(() => undefined);
    return [
      ...(start.code === 0 ? [] : [`nginx does not start: ${start.stderr}`]),
      ...(neighbour?.body === "neighbour\n" ? [] : ["the neighbour's site is gone"]),
    ];
  }

  /**
   * The index of the release that is served. Each is asked for by itself, and a reload that was begun before the kill
   * may come between the two questions: so "nothing" is what holds twice.
   */
  private async served(): Promise<number | "nothing"> {
    for (let round = 0; round < 2; round++) {
      for (const [index, { hash }] of this.releases.entries()) {
        const question = { port: this.host.httpsPort, headers: { [PROBE_HEADER]: hash } };
        const answer = await ask(question).catch(() => undefined);
        if (answer?.status === 204) return index;
      }
    }
    return "nothing";
  }

  private async converge(to: number): Promise<string[]> {
    const done = await this.host.activate("update", this.input(to));
    this.live = to;
    return [
      ...(done.code === 0 ? [] : [`the next run fails: ${done.stderr}`]),
      ...((await this.served()) === to ? [] : ["the next run does not bring the release"]),
    ];
  }
}

/** Times to kill at: two thirds evenly over the whole run, one third evenly from the switch to the end. In seconds. */
export function killTimes(count: number, { switched, ended }: Course): number[] {
  const late = Math.round(count / 3);
  const spread = (many: number, from: number): number[] =>
    Array.from({ length: many }, (_, index) => from + ((index + 0.5) * (ended - from)) / many);
  return [...spread(count - late, 0), ...spread(late, switched)];
}
