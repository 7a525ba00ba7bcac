import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { isServed } from "../../served";
import type { CheckedUsers } from "./check";
import type * as life from "./user-file-life";
import { htpasswd } from "./users";

/*
 * bcrypt at cost 10 takes 70 ms of CPU a user: too much for every preview and every up, and a thousand users would take
 * a minute. So a resource remembers the hashes, beside the passwords they are of, encrypted in the state like those;
 * only changed users are hashed.
 *
 * What a preview shows of a gateway's files is made without hashes (gateway-shown.ts). In the package's plugin there
 * are no dynamic resources; there all are hashed each time, with the same file as a result, since a salt never changes.
 */

/** The folder of user-file-life.ts, whose path lies in users' states: see there. */
const home = path.relative(process.cwd(), path.join(__dirname, "..")) || ".";

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

/** What a user file is made of, of a gateway after the checks. */
interface Hashed {
  plain: { registryHost: pulumi.Output<string> };
  bcryptCost: pulumi.Output<number>;
  users: CheckedUsers;
}

/**
 * The htpasswd text of a gateway's users.
 * @param beside What the gateway itself lies in. Not the gateway: its children wait for all that it depends on, and the
 * provider's start is the longest wait of a run.
 */
export function createUserFile(
  name: string,
  input: Hashed,
  beside: pulumi.Resource | undefined,
): pulumi.Output<string> {
  const { named, passwords } = input.users;
  const realm = input.plain.registryHost;
  const users = pulumi
    .all([named, passwords])
    .apply(([all, secrets]) => all.map((user, index) => ({ name: user.name, password: secrets[index] ?? "" })));
  if (isServed())
    return pulumi.all([users, realm, input.bcryptCost]).apply(([all, host, cost]) => htpasswd(all, host, cost));
  const opts = beside === undefined ? {} : { parent: beside };
  return new UserFile(`${name}-users`, { realm, cost: input.bcryptCost, users: pulumi.secret(users) }, opts).file;
}
