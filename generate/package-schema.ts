import { join } from "node:path";
import { ComponentProvider, getPulumiComponents } from "@pulumi/pulumi/provider/experimental";
import * as components from "../components";
import manifest from "../package.json";
import { declarations } from "./docstrings";
import { detailed, type Schema } from "./schema-details";

/**
 * The schema of the package, as programs in other languages see it. It is read from the sources' types, which takes
 * some seconds: the plugin serves what provider/schema.json keeps, and a test finds that current, so that no change of
 * a type token, an argument or an output goes unseen. `AcmeChain`, which the plugin serves too, is not in it: only
 * the components make one.
 */
export async function packageSchema(): Promise<string> {
  const root = join(__dirname, "..");
  const provider = new ComponentProvider({
    components: getPulumiComponents(components),
    dirname: root,
    name: "private-registry",
  });
  const schema = JSON.parse(await provider.getSchema()) as Schema;
  delete schema["version"];
  const all = declarations(join(root, "components"));
  return `${JSON.stringify(detailed(schema, all, manifest), null, 2)}\n`;
}
