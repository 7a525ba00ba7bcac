import * as fs from "node:fs";
import * as path from "node:path";
import * as tar from "tar";
import { caRoots } from "../../lab/ca";
import { NODE_NAME } from "../../lab/cluster/places";
import { labOf } from "../../lab/lab";
import { credentials } from "../../rig/stack/images";
import { checkout, labVariable } from "../../rig/stack/lab";
import type { ProjectSettings } from "../../rig/stack/project";

const releases = path.join(checkout, "test/golden/releases");
const COMPONENTS = "package/dist/components/";

/**
 * Makes a folder what a checkout of 0.1.0 was: the stack's program and its reader of flat keys (0.1.0-stack.tgz), over
 * the packed components of that version (0.1.0.tgz), which lie where a checkout has them, since the state keeps paths.
 */
export async function makeFirstVersion(folder: string): Promise<void> {
  await tar.extract({ file: path.join(releases, "0.1.0-stack.tgz"), cwd: folder });
  const isComponent = (name: string): boolean => name.startsWith(COMPONENTS);
  await tar.extract({ file: path.join(releases, "0.1.0.tgz"), cwd: folder, strip: 2, filter: isComponent });
  const project = { name: "private-registry", private: true, main: "index.ts" };
  fs.writeFileSync(path.join(folder, "package.json"), JSON.stringify(project));
  fs.symlinkSync(path.join(checkout, "node_modules"), path.join(folder, "node_modules"));
}

/** The smallest stack of 0.1.0 in the lab, by the flat keys of that version. */
export function firstSettings(): ProjectSettings {
  const { directoryCa, issuerRoots } = caRoots(labOf({ LAB_DIR: labVariable("LAB_DIR") }));
  const gateway = {
    address: labVariable("LAB_GATEWAY_HOST"),
    user: labVariable("LAB_SSH_USER"),
    hostKey: labVariable("LAB_SSH_HOST_KEY"),
  };
  return {
    plain: {
      registryHost: labVariable("LAB_REGISTRY_HOST"),
      nodes: [labVariable("LAB_NODE_IP")],
      storageNode: NODE_NAME,
      gateways: [gateway],
      users: [{ name: credentials("push").user, role: "push" }],
      acmeDirectory: labVariable("LAB_ACME_DIRECTORY"),
      acmeDirectoryCa: directoryCa,
      acmeProfile: "classic",
      acmeTermsAgreed: true,
      trustedRoots: issuerRoots,
      uiKind: "none",
    },
    secret: {
      sshPrivateKey: fs.readFileSync(labVariable("LAB_SSH_KEY_FILE"), "utf8"),
      "users[0].password": credentials("push").password,
    },
  };
}

/** The same with a UI and with settings of many kinds: tables, lists, texts of digits, secrets in tables. */
export function largerFirstSettings(): ProjectSettings {
  const { plain, secret } = firstSettings();
  const { user, password } = credentials("pull");
  return {
    plain: {
      ...plain,
      users: [...(plain["users"] as object[]), { name: user, role: "pull" }],
      uiHost: labVariable("LAB_UI_HOST"),
      uiKind: "joxit",
      uiTitle: "Images of 0.1.0",
      readTimeoutSeconds: 901,
      realm: "Restricted",
      registryEnvironment: { REGISTRY_LOG_FIELDS_UPGRADE: "1" },
      registryNodePort: 30300,
      drainSeconds: 60,
      podLabels: { team: "infra" },
      metrics: true,
      deleteEnabled: true,
    },
    secret: {
      ...secret,
      "users[1].password": password,
      "registrySecretEnvironment.REGISTRY_LOG_FIELDS_HIDDEN": "of no use",
    },
  };
}
