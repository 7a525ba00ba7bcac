import { type Command, Option } from "commander";
import { commandsFor, type NodeRegistry, type Runtime, RUNTIMES } from "./nodes/runtimes";
import { type StackOptions, stackOutputs, withStackOptions } from "./stack";

/** `private-registry nodes`: what nodes need that the stack does not write over SSH (`nodeHosts`). */
export function addNodes(cli: Command): void {
  withStackOptions(cli.command("nodes"))
    .description("print what a node needs to pull from the registry, for nodes without SSH and other runtimes")
    .addOption(
      new Option("-p, --print <runtime>", "for which runtime").choices(Object.keys(RUNTIMES)).makeOptionMandatory(),
    )
    .action(async ({ print, ...options }: StackOptions & { print: Runtime }) => {
      printFor(print, registryOf(await stackOutputs(options)));
    });
}

/** The registry, out of a stack's outputs. */
export function registryOf(outputs: Record<string, unknown>): NodeRegistry {
  const { registryUrl, trustedRootsPem, nodeMirrors } = outputs;
  if (typeof registryUrl !== "string" || registryUrl === "")
    throw new Error("the stack has no output registryUrl; run pulumi up first");
  const { hostname, port } = new URL(registryUrl);
  const rootsPem = typeof trustedRootsPem === "string" ? trustedRootsPem : "";
  const mirrors =
    typeof nodeMirrors === "string" && nodeMirrors !== ""
      ? (JSON.parse(nodeMirrors) as NonNullable<NodeRegistry["mirrors"]>)
      : undefined;
  return { host: hostname, port: port === "" ? 443 : Number(port), rootsPem, ...(mirrors ? { mirrors } : {}) };
}

/** The commands go to stdout, and what to know to stderr, so that the former can be run. */
function printFor(runtime: Runtime, registry: NodeRegistry): void {
  if (registry.rootsPem === "" && registry.mirrors === undefined) {
    console.error(
      "Nothing is needed: the registry's certificate is of a CA that every system knows. (If it is not, set " +
        "certificate.trustedRootsPem.)",
    );
    return;
  }
  const made = RUNTIMES[runtime](registry);
  console.log(commandsFor(made).trimEnd());
  for (const note of made.notes) console.error(note);
}
