import { freeMiB } from "./programs/cache";
import { Lab } from "./lab";

/** What a lab writes in its folder until it holds a few images. */
const NEEDED_MIB = 1024;

/** Throws if the lab can't run here at all: every reason at once, each with what to do. */
export function checkMachine(lab: Lab, command: string): void {
  const reasons: string[] = [];
  if (process.platform !== "linux") {
    reasons.push(`the lab needs Linux, this is ${process.platform}; run it in a Linux virtual machine`);
  } else {
    if (process.getuid?.() !== 0) {
      reasons.push(
        `the lab makes network namespaces and mounts, which only root may; run it as root: sudo npm run lab -- ${command}`,
      );
    }
    const free = freeMiB(lab.dir);
    if (command !== "down" && free < NEEDED_MIB) {
      reasons.push(
        `${lab.dir} needs ${NEEDED_MIB} MiB of free space and has ${free} MiB; make room, or name a folder on a larger disk by LAB_DIR`,
      );
    }
  }
  if (reasons.length > 0) throw new Error(reasons.join("\n"));
}
