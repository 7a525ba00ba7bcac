import { network } from "../lab";
import { Step } from "../step";
import { overlap, parseRoutes } from "./addresses";
import { run } from "./command";
import { createNetwork, destroyNetwork, networkIsUp, tidyNamespaces } from "./network";

/** The bridge that joins the hosts, and the machine's link to it. */
export const networkStep: Step = {
  title: "Network",
  isUp: networkIsUp,
  up: async (_lab, say) => {
    const routes = parseRoutes((await run(["ip", "-4", "route", "show", "table", "all"])).stdout);
    const taken = routes.find((route) => route.link !== network.machineLink && overlap(route.network, network.subnet));
    if (taken) {
      throw new Error(
        `the lab's network ${network.subnet} is in use on this machine: ${taken.link} leads to ${taken.network}; ` +
          `take that link down, or run the lab on another machine`,
      );
    }
    say(network.subnet);
    await createNetwork();
  },
  down: async () => {
    await destroyNetwork();
    await tidyNamespaces();
  },
};
