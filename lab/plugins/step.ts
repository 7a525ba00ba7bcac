import path from "node:path";
import { Lab } from "../lab";
import { Step } from "../step";
import { ensurePlugins, pluginsInstalled, PulumiCli, realPluginsInstalled, removePlugins } from "./index";

/** Gives the lab's Pulumi the plugins `command` and `tls`: the real ones where they can be downloaded. */
export const pluginsStep: Step = {
  title: "Pulumi plugins",
  isUp: async (lab) => (await pluginsInstalled(lab.bin)) || (await realPluginsInstalled(lab.pulumi.home)),
  up: async (lab, say) => {
    await ensurePlugins(pulumiOf(lab), lab.bin, say);
  },
  down: (lab) => removePlugins(lab.bin),
};

function pulumiOf(lab: Lab): PulumiCli {
  return {
    program: path.join(lab.bin, "pulumi"),
    env: { PULUMI_HOME: lab.pulumi.home, PULUMI_SKIP_UPDATE_CHECK: "true" },
  };
}
