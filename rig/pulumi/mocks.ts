import { generateKeyPairSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as pulumiState from "@pulumi/pulumi/runtime/state";
import { Plain, plainOf, UNKNOWN } from "../../cli/render/wire";
import { create, type UserFileInputs } from "../../components/nginx/users/user-file-life";
import { doneLine } from "../../components/hosts/release";
import { CERTIFICATE } from "./certificate";

export { UNKNOWN };

/** The type of the resource that remembers the users' hashes. */
export const USER_FILE = "pulumi-nodejs:dynamic/private-registry:UserFile";

/** The SDK's own way to keep two programs in one process apart; its types don't show it. */
const { withLocalStorage } = pulumiState as unknown as {
  withLocalStorage: <T>(callback: () => Promise<T>) => Promise<T>;
};

/** One resource as the engine would have been asked for it. */
export interface Registered {
  type: string;
  name: string;
  urn: string;
  /** False for a component. */
  custom: boolean;
  /** The exact inputs, secrets unwrapped; what a preview doesn't know is `UNKNOWN`. */
  inputs: Record<string, unknown>;
  /** The paths of the inputs that were marked secret: "stringData.password"; a whole secret object is its own path. */
  secrets: string[];
  /** Names of the resources that come first, `dependsOn` and values alike, sorted. */
  after: string[];
  parent: string;
  /** The options that the engine got. */
  options: {
    protect: boolean;
    retainOnDelete: boolean;
    deleteBeforeReplace: boolean;
    ignoreChanges: string[];
    replaceOnChanges: string[];
    secretOutputs: string[];
    aliases: string[];
    provider: string;
  };
}

type Answered = Record<string, unknown> | undefined;

export interface MockOptions {
  /** True for a preview: ids and everything that a provider computes are unknown. Default false. */
  preview?: boolean;
  /** The stack's config: `{ "private-registry:registryHost": "..." }`. */
  config?: Record<string, string>;
  /** Keys of `config` that are secret. */
  secretKeys?: string[];
  /**
   * What a provider would answer beyond the inputs; undefined leaves it to the standard answers. A rejection fails the
   * resource.
   */
  answer?: (type: string, name: string, inputs: Record<string, unknown>) => Answered | Promise<Answered>;
}

/** What a program under mocks did. */
export class Run<T> {
  constructor(
    /** What the program returned. */
    readonly result: T,
    readonly resources: readonly Registered[],
  ) {}

  /** All resources of a type: "kubernetes:core/v1:Secret"; its last part is enough: "Secret". */
  all(type: string): Registered[] {
    return this.resources.filter((each) => each.type === type || each.type.endsWith(`:${type}`));
  }

  /** The resource of this type, and name if there may be several. Throws, saying what there is, if it isn't one. */
  one(type: string, name?: string): Registered {
    const found = this.all(type).filter((each) => name === undefined || each.name === name);
    const [first] = found;
    if (first && found.length === 1) return first;
    const there = this.resources.map((each) => `${each.type} ${each.name}`).join("\n  ");
    throw new Error(`${found.length} resources are a ${type}${name ? ` named ${name}` : ""}; there are\n  ${there}`);
  }
}

/**
 * Runs a program against a fresh recorder and waits until every resource is registered. Whatever fails on the way, in
 * an `apply` too, rejects: `await assert.rejects(underMocks(() => new Thing(...)), /port/)`.
 */
export async function underMocks<T>(program: () => T | Promise<T>, options: MockOptions = {}): Promise<Run<T>> {
  const resources: Registered[] = [];
  const secretOutputs: SecretOutputs = new Map();
  return withLocalStorage(async () => {
    await pulumi.runtime.setMocks(
      { call: ({ inputs }) => inputs as object, newResource: (args) => answerTo(args, options, secretOutputs) },
      "private-registry",
      "test",
      options.preview ?? false,
    );
    record(resources, secretOutputs);
    pulumi.runtime.setAllConfig(options.config ?? {}, options.secretKeys);
    const result = await untilSettled(program);
    return new Run(result, resources);
  });
}

/** The value of an output, or `UNKNOWN` in a preview. Rejects if the output does. */
export async function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  const inner = output as unknown as { isKnown: Promise<boolean>; promise(): Promise<T> };
  const value = await inner.promise();
  return (await inner.isKnown) ? value : (UNKNOWN as T);
}

/** True if the output is marked secret. */
export function isSecret(output: pulumi.Output<unknown>): Promise<boolean> {
  return pulumi.isSecret(output);
}

interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getObject(): { toJavaScript(): Record<string, Plain> };
  getDependenciesList(): string[];
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getDeletebeforereplace(): boolean;
  getIgnorechangesList(): string[];
  getReplaceonchangesList(): string[];
  getAdditionalsecretoutputsList(): string[];
  getAliasesList(): { getSpec(): { getName(): string; getType(): string } | undefined; getUrn(): string }[];
  getProvider(): string;
}
type Answer = (error: unknown, response?: { getUrn(): string }) => void;

/** By type and name, the outputs that a resource's options say are secret. */
type SecretOutputs = Map<string, string[]>;

/** Puts a recorder before the monitor: the mocks themselves see neither options nor what is secret. */
function record(resources: Registered[], secretOutputs: SecretOutputs): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource(request: Request, callback: Answer): void;
  };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    secretOutputs.set(`${request.getType()}::${request.getName()}`, request.getAdditionalsecretoutputsList());
    register(request, (error, response) => {
      if (response) resources.push(registered(request, response.getUrn()));
      callback(error, response);
    });
  };
}

function registered(request: Request, urn: string): Registered {
  const { value, secrets } = plainOf(request.getObject().toJavaScript());
  const nameOf = (other: string): string => other.split("::").at(-1) ?? other;
  return {
    type: request.getType(),
    name: request.getName(),
    urn,
    custom: request.getCustom(),
    inputs: value as Record<string, unknown>,
    secrets,
    after: [...new Set(request.getDependenciesList().map(nameOf))].sort(),
    parent: nameOf(request.getParent()),
    options: {
      protect: request.getProtect(),
      retainOnDelete: request.getRetainondelete(),
      deleteBeforeReplace: request.getDeletebeforereplace(),
      ignoreChanges: request.getIgnorechangesList(),
      replaceOnChanges: request.getReplaceonchangesList(),
      secretOutputs: request.getAdditionalsecretoutputsList(),
      aliases: request
        .getAliasesList()
        .map((alias) => alias.getUrn() || `${alias.getSpec()?.getType()}::${alias.getSpec()?.getName()}`),
      provider: nameOf(request.getProvider().replace(/::[^:]*$/, "")),
    },
  };
}

/** What a provider answers: the inputs, and unless this is a preview its own values. */
async function answerTo(
  args: pulumi.runtime.MockResourceArgs,
  options: MockOptions,
  secretOutputs: SecretOutputs,
): Promise<pulumi.runtime.MockResourceResult> {
  const inputs = args.inputs as Record<string, unknown>;
  if (args.custom === false) return { id: undefined, state: inputs };
  if (options.preview) return { id: undefined, state: inputs };
  const plain = plainOf(inputs as Record<string, Plain>).value as Record<string, unknown>;
  const computed =
    (await options.answer?.(args.type, args.name, plain)) ?? (await standardAnswer(args.type, args.name, plain));
  const state: Record<string, unknown> = { ...inputs, ...computed };
  for (const key of secretOutputs.get(`${args.type}::${args.name}`) ?? []) {
    if (key in state) state[key] = pulumi.secret(state[key]);
  }
  return { id: `${args.name}-id`, state };
}

async function standardAnswer(
  type: string,
  name: string,
  inputs: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  switch (type) {
    case "tls:index/privateKey:PrivateKey": {
      const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      return {
        privateKeyPem: privateKey.export({ type: "sec1", format: "pem" }),
        privateKeyPemPkcs8: privateKey.export({ type: "pkcs8", format: "pem" }),
        publicKeyPem: publicKey.export({ type: "spki", format: "pem" }),
      };
    }
    case "tls:index/selfSignedCert:SelfSignedCert":
    case "tls:index/locallySignedCert:LocallySignedCert":
      return { certPem: `${name}\n${CERTIFICATE}` };
    case "tls:index/certRequest:CertRequest":
      return { certRequestPem: `request of ${name}\n` };
    case "command:remote:Command":
      return { stdout: doneLine(String(inputs["stdin"]), "create"), stderr: "" };
    case "pulumi-nodejs:dynamic/private-registry:AcmeChain":
      return { chainPem: CERTIFICATE };
    case USER_FILE:
      return (await create(inputs as unknown as UserFileInputs)).outs as unknown as Record<string, unknown>;
    default:
      return type.startsWith("kubernetes:") ? { metadata: inputs["metadata"] } : {};
  }
}

/** Runs the program and waits for all its registrations, or for the first error that nobody handles. */
async function untilSettled<T>(program: () => T | Promise<T>): Promise<T> {
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  try {
    return await new Promise<T>((resolve, reject) => {
      process.on("unhandledRejection", reject);
      const settle = async (): Promise<T> => {
        const result = await program();
        await pulumi.runtime.disconnect();
        await new Promise((next) => setImmediate(next));
        return result;
      };
      settle().then(resolve, reject);
    });
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of listeners) process.on("unhandledRejection", listener);
  }
}
