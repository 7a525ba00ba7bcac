import { join } from "node:path";
import { ComponentProvider, getPulumiComponents } from "@pulumi/pulumi/provider/experimental";
import * as components from "../components";

/**
 * The schema of the package, as programs in other languages see it. It is read from the sources' types, which takes some seconds. test/golden/schema.json
 * keeps it, so that no change of a type token, an argument or an output goes unseen.
 */
export async function packageSchema(): Promise<string> {
  const provider = new ComponentProvider({
    components: getPulumiComponents(components),
    dirname: join(__dirname, ".."),
    name: "private-registry",
  });
  const schema = JSON.parse(await provider.getSchema()) as Record<string, unknown>;
  delete schema["version"];
  return `${JSON.stringify(schema, null, 2)}\n`;
}
