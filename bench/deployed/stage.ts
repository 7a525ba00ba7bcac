import { credentials } from "../../rig/stack/images";
import { labVariable } from "../../rig/stack/lab";
import type { Server } from "../gateway/load";

/** What is measured of a server: names with the values of all rounds. */
export type Measure = (stage: Stage) => Promise<Measured[]>;

/** A measured figure. */
export interface Measured {
  what: string;
  unit: string;
  values: number[];
}

/** Where it is measured. */
export interface Stage {
  server: Server;
  folder: string;
  /** True if clients get there by the registry's name. */
  byName: boolean;
}

/** The lab's gateway, with the user who pushes. */
export function gateway(): Server {
  const { auth } = credentials("push");
  return { url: `https://${labVariable("LAB_GATEWAY_HOST")}`, host: labVariable("LAB_REGISTRY_HOST"), auth };
}
