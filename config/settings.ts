import { clusterSettings } from "./cluster-settings";
import { gatewaySettings } from "./gateway-settings";
import { storageSettings } from "./storage-settings";
import type { Setting, ValueOf } from "./setting";

/** Every key of the stack's config. `Pulumi.yaml` declares the same. */
export const settings = { ...gatewaySettings, ...clusterSettings, ...storageSettings };

/** What the keys hold; one that is neither set nor has a default is undefined. */
export type Values = { [K in keyof typeof settings]?: ValueOf<(typeof settings)[K]> };

/** The settings as a plain list of name and setting. */
export const listed = Object.entries(settings) as [keyof Values, Setting][];
