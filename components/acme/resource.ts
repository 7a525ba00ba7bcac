import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { ChainOutputs, Issued } from "../chain/issued";
import { isServed } from "../served";
import { type ChainInputs, type ChainState, SECRETS } from "./data";
import type * as lifecycle from "./lifecycle";

/**
 * Where this folder is, seen from the program's project. The provider's process starts there, on whatever machine, so a
 * path from there is good in a state that several people use.
 */
const home = path.relative(process.cwd(), __dirname) || ".";

/**
 * Loads the logic inside the provider's process. The text of this function lies in the state; the logic doesn't, and so
 * an edit to it changes no resource. Where the logic is TypeScript, ts-node is started first, as Pulumi does for
 * programs.
 */
function load(): typeof lifecycle {
  /* eslint-disable @typescript-eslint/no-require-imports -- runs in another process, which has nothing but require */
  const logic = (require("node:path") as typeof path).resolve(home, "lifecycle");
  try {
    require.resolve(logic);
  } catch {
    require(require.resolve("ts-node/register/transpile-only", { paths: [logic] }));
  }
  return require(logic) as typeof lifecycle;
  /* eslint-enable @typescript-eslint/no-require-imports */
}

/** The thin half: everything is decided and done in lifecycle.ts. */
const provider: pulumi.dynamic.ResourceProvider<ChainInputs, ChainState> = {
  diff: (id, olds, news) => Promise.resolve(load().diff(id, olds, news)),
  create: (inputs) => load().create(inputs),
  update: (id, olds, news) => load().update(id, olds, news),
  read: (id, state) => load().read(id, state as ChainState),
  delete: (id, state) => load().remove(id, state),
};

/** What the resource computes; declared as outputs, so that a preview knows that they will be there. */
const COMPUTED = {
  accountUrl: undefined,
  chainPem: undefined,
  leafPem: undefined,
  issuerPem: undefined,
  notBefore: undefined,
  notAfter: undefined,
  renewAt: undefined,
  renewReason: undefined,
  serialNumber: undefined,
  fingerprintSha256: undefined,
} satisfies Record<keyof ChainOutputs, undefined>;

/** The options of either form: the account key is secret throughout. */
const withSecrets = (opts: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions => ({
  ...opts,
  additionalSecretOutputs: [...SECRETS],
});

/**
 * A certificate chain from an ACME directory, renewed in place when it is due. The dynamic form, for programs in Node.
 */
class AcmeChain extends pulumi.dynamic.Resource {
  constructor(name: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    super(provider, name, { ...COMPUTED, ...inputs }, withSecrets(opts), "private-registry", "AcmeChain");
  }
}

/** The same as a resource of the package, whose plugin (provider/) does the work: for callers in any language. */
class ServedChain extends pulumi.CustomResource {
  constructor(name: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    super("private-registry:index:AcmeChain", name, { ...COMPUTED, ...inputs }, withSecrets(opts));
  }
}

/** Orders a chain, and renews it from then on. */
export function orderChain(name: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions): Issued["chain"] {
  // Its outputs are there by the names in COMPUTED.
  return new (isServed() ? ServedChain : AcmeChain)(name, inputs, opts) as unknown as Issued["chain"];
}
