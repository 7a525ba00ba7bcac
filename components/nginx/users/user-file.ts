import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { isServed } from "../../served";
import type { CheckedUsers } from "./check";
import type * as life from "./user-file-life";
import { type Credential, htpasswd } from "./users";

/*
 * bcrypt at cost 10 takes 70 ms of CPU a user: too much for every preview and every up, even on all cores (hashing.ts).
 * So a resource remembers the hashes, beside the passwords they are of, encrypted in the state like those; only changed
 * users are hashed.
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
  declare readonly left: pulumi.Output<string[] | undefined>;
  declare readonly leftAt: pulumi.Output<number | undefined>;
  constructor(name: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    const secrets = { ...opts, additionalSecretOutputs: ["users", "file"] };
    const made = { file: undefined, left: undefined, leftAt: undefined };
    super(provider, name, { ...made, ...inputs }, secrets, "private-registry", "UserFile");
  }
}

/** How long after a change of the users it is still news, in ms: as long as an `up` may take. */
const NEWS = 900_000;

/**
 * Says who was taken away, before any host is asked: an `up` that fails at one host does not get to those after it, and
 * the message of a connection that fails is not ours to write.
 */
function tellWhoLeft(made: UserFile): void {
  if (pulumi.runtime.isDryRun()) return;
  pulumi.all([made.left, made.leftAt]).apply(([names = [], at = 0]) => {
    if (names.length === 0 || Date.now() - at > NEWS) return undefined;
    const users = names.map((each) => ` --user ${each}`).join("");
    return pulumi.log.warn(
      `the former passwords of ${names.join(", ")} end at each gateway when it has this release; if this up fails at ` +
        `one of them, \`npm run revoke --${users}\` ends them at every gateway that answers`,
      made,
    );
  });
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
  const { named, passwords, brought, made: isMade } = input.users;
  const realm = input.plain.registryHost;
  const users = pulumi.all([named, passwords, brought]).apply(([all, secrets, hashes]) =>
    all.map(({ name }, index): Credential => {
      const password = secrets[index] ?? "";
      const hash = hashes[index]?.hash;
      if (hash !== undefined) return { name, password, hash };
      return isMade[index] === true ? { name, password, made: true } : { name, password };
    }),
  );
  if (isServed())
    return pulumi.all([users, realm, input.bcryptCost]).apply(([all, host, cost]) => htpasswd(all, host, cost));
  const opts = beside === undefined ? {} : { parent: beside };
  const hashed = new UserFile(`${name}-users`, { realm, cost: input.bcryptCost, users: pulumi.secret(users) }, opts);
  tellWhoLeft(hashed);
  return hashed.file;
}
