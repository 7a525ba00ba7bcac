import { doneAt, type Verb } from "../hosts/release";
import { type Ended, notDone, onHost, type SshTarget } from "../hosts/ssh";

/** What goes to a node, and how it is reached. All of it is secret but the address. */
export interface NodeReleaseInputs extends Omit<SshTarget, "name"> {
  /** Everything that goes to the node's stdin. */
  stdin: string;
  /** Name of the site on the node. */
  site: string;
  /** The release's hash. */
  release: string;
  /** True if a refusal fails at once: the first node, after which the others come. */
  first: boolean;
}

/** The same, with what became of it. */
export interface NodeReleaseState extends NodeReleaseInputs {
  /** What the node said at the end of its last run; "" if it could not be asked. */
  stdout: string;
  /** Why the node does not have the release; "" if it has. */
  problem: string;
  /** True if the node was reached, and refused it. */
  refused: boolean;
}

/** What every kind of life of a resource shares, so that a test can put another host in its place. */
export type Run = (to: SshTarget, verb: Verb, input: string) => Promise<Ended>;

export const SECRETS = ["privateKey", "stdin", "stdout"] as const;

const INPUTS = ["host", "port", "user", "privateKey", "hostKey", "stdin", "site", "release", "first"] as const;

/** A node that does not have its release is tried again by every run. */
export function diff(
  _id: string,
  olds: NodeReleaseState,
  news: NodeReleaseInputs,
): { changes: boolean; replaces: string[]; deleteBeforeReplace: boolean } {
  const changed = INPUTS.some((name) => name !== "first" && olds[name] !== news[name]);
  return { changes: changed || olds.problem !== "", replaces: [], deleteBeforeReplace: true };
}

export async function create(
  inputs: NodeReleaseInputs,
  run: Run = onHost,
): Promise<{ id: string; outs: NodeReleaseState }> {
  return { id: `${inputs.site} ${inputs.host}`, outs: await sent("create", inputs, run) };
}

export async function update(
  _id: string,
  _olds: NodeReleaseState,
  news: NodeReleaseInputs,
  run: Run = onHost,
): Promise<{ outs: NodeReleaseState }> {
  return { outs: await sent("update", news, run) };
}

/** What the state says: only drift looks at a host. */
export function read(id: string, props: NodeReleaseState): Promise<{ id: string; props: NodeReleaseState }> {
  return Promise.resolve({ id, props });
}

/** Takes the release away. A node that can't be asked is most often gone, and what is left on it does no harm. */
export async function remove(_id: string, state: NodeReleaseState, run: Run = onHost): Promise<void> {
  let done: Ended;
  try {
    done = await run(target(state), "delete", state.stdin);
  } catch {
    return;
  }
  if (done.code !== 0) throw new Error(`${state.host}: ${reason(done)}`);
}

async function sent(verb: "create" | "update", inputs: NodeReleaseInputs, run: Run): Promise<NodeReleaseState> {
  const plain = Object.fromEntries(INPUTS.map((name) => [name, inputs[name]])) as unknown as NodeReleaseInputs;
  let done: Ended;
  try {
    done = await run(target(inputs), verb, inputs.stdin);
  } catch (error) {
    return { ...plain, stdout: "", problem: (error as Error).message, refused: false };
  }
  const { code, stdout } = done;
  if (code === 0 && doneAt(stdout, ["create", "update"], inputs.site, inputs.release) !== undefined)
    return { ...plain, stdout, problem: "", refused: false };
  const problem = `${inputs.host}: ${reason(done)}`;
  if (inputs.first) throw new Error(problem);
  return { ...plain, stdout: "", problem, refused: true };
}

const target = ({ host, port, user, privateKey, hostKey }: NodeReleaseInputs): SshTarget => ({
  name: "node",
  host,
  port,
  user,
  privateKey,
  hostKey,
});

function reason({ code, stderr }: Ended): string {
  const said = stderr.trim().replace(/^private-registry: /, "");
  return said || notDone(code, "node");
}
