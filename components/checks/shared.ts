import { labelKey, labelValue } from "./kubernetes";
import { basePath, hostName } from "./rules";
import { text, wholeNumber } from "./value";

/** The values of settings that stand in the arguments of more than one component. */

/** The bounds of a port. */
export const PORT = { min: 1, max: 65535 } as const;
/** The registry's port on every node. */
export const REGISTRY_NODE_PORT = wholeNumber({ ...PORT, default: 30299 });
/** The UI's port on every node. */
export const UI_NODE_PORT = wholeNumber({ ...PORT, default: 30949 });

/** How labels are written, by name. */
export const LABELS = { name: labelKey, each: text({ rule: labelValue, advice: "correct the label" }) };

/** The UI's host name. */
export const UI_HOST = text({ rule: hostName, without: "no UI" });
/** The path below which the UI's page is. */
export const UI_PATH = text({ rule: basePath, default: "/" });
