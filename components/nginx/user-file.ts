import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { areServed } from "../acme/resource";
import type * as life from "./user-file-life";
import { htpasswd } from "./users";

/*
 * bcrypt at cost 10 takes 60 ms of CPU a user. Salts are the same in every run, so for few users the program simply hashes them again each time: nothing
 * has to be remembered. A thousand would take a minute in every preview and every up; so beyond `FEW` a resource remembers the hashes, beside
 * the passwords they are of, encrypted in the state like those. Then only changed users are hashed; the very first up takes its minute.
 *
 * The file is the same on both ways, so the number of users may go over the bound and back without a change on a gateway. What a preview shows of a gateway's
 * files is made without hashes (gateway-shown.ts), and stays as it is. In the package's plugin there are no dynamic resources; there all are
 * hashed each time.
 */

/** So many users are hashed in each run. */
export const FEW = 32;

const home = path.relative(process.cwd(), __dirname) || ".";

/** Loads the logic inside the provider's process: see `acme/resource.ts`. */
function load(): typeof life {
  /* eslint-disable @typescript-eslint/no-require-imports -- runs in another process, which has nothing but require */
  const logic = (require("node:path") as typeof path).resolve(home, "user-file-life");
  try {
    require.resolve(logic);
  } catch {
    require(require.resolve("ts-node/register/transpile-only", { paths: [logic] }));
  }
  return require(logic) as typeof life;
  /* eslint-enable @typescript-eslint/no-require-imports */
}

const provider: pulumi.dynamic.ResourceProvider<life.UserFileInputs, life.UserFileState> = {
  diff: (id, olds, news) => Promise.resolve(load().diff(id, olds, news)),
  create: (inputs) => load().create(inputs),
  update: (id, olds, news) => load().update(id, olds, news),
};

class UserFile extends pulumi.dynamic.Resource {
  declare readonly file: pulumi.Output<string>;
  constructor(name: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    const secrets = { ...opts, additionalSecretOutputs: ["users", "file"] };
    super(provider, name, { file: undefined, ...inputs }, secrets, "private-registry", "UserFile");
  }
}

/**
 * The htpasswd text of a gateway's users.
 * @param count How many there are; plain, since it decides whether there is a resource.
 */
export function userFile(
  name: string,
  count: number,
  inputs: pulumi.Output<life.UserFileInputs>,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  if (count <= FEW || areServed()) {
    return inputs.apply(({ users, realm, cost }) => htpasswd(users, realm, cost));
  }
  const { realm, cost, users } = pulumi.output(inputs);
  return new UserFile(`${name}-users`, { realm, cost, users: pulumi.secret(users) }, { parent }).file;
}
