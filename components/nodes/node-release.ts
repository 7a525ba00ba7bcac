import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { isServed } from "../served";
import type * as life from "./release-life";
import { type NodeReleaseInputs, type NodeReleaseState, SECRETS } from "./release-life";

/*
 * A gateway that can't be reached fails an `up`, by the command plugin. A node must not: there are many, one of them is
 * often away, and a node without its release pulls as it did. So it is a resource of its own, which notes that a node
 * could not be asked, and tries again in the next run.
 */

/** The folder of node-release-life.ts, whose path lies in users' states: see there. */
const home = path.relative(process.cwd(), __dirname) || ".";

/** Loads the logic inside the provider's process: see `acme/resource.ts`. */
function load(): typeof life {
  /* eslint-disable @typescript-eslint/no-require-imports -- runs in another process, which has nothing but require */
  const logic = (require("node:path") as typeof path).resolve(home, "node-release-life");
  try {
    require.resolve(logic);
  } catch {
    require(require.resolve("ts-node/register/transpile-only", { paths: [logic] }));
  }
  return require(logic) as typeof life;
  /* eslint-enable @typescript-eslint/no-require-imports */
}

const provider: pulumi.dynamic.ResourceProvider<NodeReleaseInputs, NodeReleaseState> = {
  diff: (id, olds, news) => Promise.resolve(load().diff(id, olds, news)),
  create: (inputs) => load().create(inputs),
  update: (id, olds, news) => load().update(id, olds, news),
  read: (id, state) => load().read(id, state as NodeReleaseState),
  delete: (id, state) => load().remove(id, state),
};

const COMPUTED = { stdout: undefined, problem: undefined, refused: undefined } satisfies Record<
  Exclude<keyof NodeReleaseState, keyof NodeReleaseInputs>,
  undefined
>;

const withSecrets = (opts: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions => ({
  ...opts,
  additionalSecretOutputs: [...SECRETS],
});

class NodeRelease extends pulumi.dynamic.Resource {
  constructor(name: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    super(provider, name, { ...COMPUTED, ...inputs }, withSecrets(opts), "private-registry", "NodeRelease");
  }
}

/** The same as a resource of the package, whose plugin (provider/) does the work: for callers in any language. */
class ServedNodeRelease extends pulumi.CustomResource {
  constructor(name: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    super("private-registry:index:NodeRelease", name, { ...COMPUTED, ...inputs }, withSecrets(opts));
  }
}

/** What became of a release on a node. */
export interface SentRelease extends pulumi.CustomResource {
  readonly problem: pulumi.Output<string | undefined>;
  readonly refused: pulumi.Output<boolean | undefined>;
}

/** Brings a release to a node. */
export function sendRelease(name: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions): SentRelease {
  return new (isServed() ? ServedNodeRelease : NodeRelease)(name, inputs, opts) as unknown as SentRelease;
}
