import { basePath, hostName } from "./rules";
import { text } from "./value";

/** The values of settings that stand in the arguments of more than one component. */

/** The UI's host name. */
export const UI_HOST = text({ rule: hostName, without: "no UI" });
/** The path below which the UI's page is. */
export const UI_PATH = text({ rule: basePath, default: "/" });
