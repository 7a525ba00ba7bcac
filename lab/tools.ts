import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { Lab, logFile } from "./lab";
import { ensurePlugins, pluginsInstalled, realPluginsInstalled, removePlugins } from "./plugins";
import { ensurePrograms, PROGRAMS_FOR } from "./programs";
import { DEBIAN_GROUPS, ensureDebianPackages, isDebian, missingPackages } from "./programs/debian";
import { Step } from "./step";
import { pulumiEnvironment, shellQuote } from "./environment";

const { hosts, cluster, images, gateway, ssh, browser, docker } = DEBIAN_GROUPS;
const packages = [
  ...[...hosts, ...cluster, ...images, ...gateway, ...ssh, ...browser],
  ...(isDebian() ? docker : []), // elsewhere docker is used where it is there, and crane where it is not
];

/** Debian's packages, all at once: later steps find theirs installed. `down` keeps them. */
export const debianStep: Step = {
  title: "Debian packages",
  isUp: async () => (await missingPackages(packages)).length === 0,
  up: (_lab, say) => ensureDebianPackages(packages, say),
  down: () => Promise.resolve(),
};

/** The programs that are built from Go modules, under their names in a folder of PATH. `down` keeps the built ones. */
export const programsStep: Step = {
  title: "Programs",
  log: (lab) => logFile(lab, "programs"),
  isUp: (lab) => {
    const stamp = stampFile(lab);
    return Promise.resolve(
      existsSync(stamp) &&
        readFileSync(stamp, "utf8") === stampOf(lab) &&
        PROGRAMS_FOR.lab.every((name) => existsSync(path.join(lab.bin, name))),
    );
  },
  up: async (lab, say) => {
    const paths = await ensurePrograms(PROGRAMS_FOR.lab, say);
    mkdirSync(lab.bin, { recursive: true });
    rmSync(stampFile(lab), { force: true });
    // Comes with the npm package, but neither executable nor on PATH.
    const dynamic = path.join(lab.checkout, "node_modules/@pulumi/pulumi/pulumi-resource-pulumi-nodejs");
    chmodSync(dynamic, 0o755);
    for (const [name, target] of Object.entries({ ...paths, "pulumi-resource-pulumi-nodejs": dynamic })) {
      const file = path.join(lab.bin, name);
      rmSync(file, { force: true });
      if (name === "pulumi-resource-kubernetes") placeProvider(file, target, path.join(lab.dir, "provider-tmp"));
      else symlinkSync(target, file);
    }
    writeFileSync(stampFile(lab), stampOf(lab));
  },
  down: (lab) => Promise.resolve(rmSync(lab.bin, { recursive: true, force: true })),
};

/**
 * Puts the Kubernetes provider at a path, with a temporary folder of its own. At every run it leaves a copy of the
 * kubeconfig there, which so goes with the lab.
 */
export function placeProvider(file: string, program: string, temporary: string): void {
  mkdirSync(temporary, { recursive: true, mode: 0o700 });
  const script = `#!/bin/sh\nTMPDIR=${shellQuote(temporary)} exec ${shellQuote(program)} "$@"\n`;
  writeFileSync(file, script, { mode: 0o755 });
}

const stampFile = (lab: Lab): string => path.join(lab.bin, ".made-for");

/** Changes with every file that decides what is built. */
function stampOf(lab: Lab): string {
  const hash = createHash("sha256").update(lab.checkout);
  for (const folder of ["programs", "images"]) {
    const files = readdirSync(path.join(__dirname, folder), { recursive: true, withFileTypes: true });
    for (const file of files.filter((one) => one.isFile()).map((one) => path.join(one.parentPath, one.name))) {
      hash.update(`\0${file}\0`).update(readFileSync(file));
    }
  }
  return hash.digest("hex");
}

/** Pulumi's plugins `command` and `tls`: the real ones where they can be had, else the lab's own. */
export const pluginsStep: Step = {
  title: "Pulumi plugins",
  isUp: async (lab) => {
    const kind = pluginKind(lab);
    if (kind === "real") return realPluginsInstalled(lab.pulumi.home);
    return kind === "stand-ins" && pluginsInstalled(lab.bin);
  },
  up: async (lab, say) => {
    mkdirSync(lab.pulumi.home, { recursive: true, mode: 0o700 });
    const pulumi = { program: path.join(lab.bin, "pulumi"), env: pulumiEnvironment(lab) };
    const kind = await ensurePlugins(pulumi, lab.bin, say);
    writeFileSync(pluginsMark(lab), kind);
  },
  down: async (lab) => {
    await removePlugins(lab.bin);
    rmSync(pluginsMark(lab), { force: true });
  },
};

const pluginsMark = (lab: Lab): string => path.join(lab.dir, "pulumi", "plugins");

/** Which plugins the stack runs with: "real" ones or the lab's "stand-ins". */
export function pluginKind(lab: Lab): string {
  return existsSync(pluginsMark(lab)) ? readFileSync(pluginsMark(lab), "utf8") : "no";
}
