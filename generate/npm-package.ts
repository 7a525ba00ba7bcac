/** What package.json says, as far as it matters here. */
export interface Manifest {
  name: string;
  private?: boolean;
  license?: string;
  repository?: { type: string; url: string };
  publishConfig?: { access?: string };
  scripts?: Record<string, string>;
  devDependencies?: Record<string, string>;
  dependencies?: Record<string, string>;
  [more: string]: unknown;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What is of use only in a checkout: the tools, their versions, and the commands that call them. */
const OF_A_CHECKOUT = ["scripts", "devDependencies", "overrides"];

/**
 * The package.json of what is published. Without the tools of a checkout, since `pulumi package add` and `npm install`
 * in the package's folder would install them, too; and with the address of the repository that publishes it, which only
 * its own workflow knows (the variables of GitHub Actions). Anywhere else there is none.
 */
export function publishedManifest(manifest: Manifest, env: Environment): Manifest {
  const kept = Object.entries(manifest).filter(([name]) => !OF_A_CHECKOUT.includes(name));
  const address = addressOf(env);
  return {
    ...(Object.fromEntries(kept) as Manifest),
    ...(address === undefined
      ? {}
      : {
          homepage: `${address}#readme`,
          bugs: { url: `${address}/issues` },
          repository: { type: "git", url: `git+${address}.git` },
        }),
    publishConfig: { access: "public" },
  };
}

function addressOf({ GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository }: Environment): string | undefined {
  return server && repository ? `${server}/${repository}` : undefined;
}

/**
 * Why `npm publish --provenance` would refuse a package: npm signs where it was built only for a public package, in a
 * workflow that may ask for a token, and the registry accepts it only if package.json names that very repository.
 */
export function refusals(manifest: Manifest, env: Environment): string[] {
  return RULES.flatMap((rule) => rule(manifest, env) ?? []);
}

type Rule = (manifest: Manifest, env: Environment) => string | undefined;

const when = (wrong: boolean, text: string): string | undefined => (wrong ? text : undefined);

const NAME = /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]{0,213}$/;
const AT_INSTALL = ["preinstall", "install", "postinstall", "prepare"];

const RULES: readonly Rule[] = [
  (manifest) => when(manifest.private === true, "package.json says private: npm publishes no such package"),
  ({ name }) => when(!NAME.test(name), `npm takes no package of the name ${name}`),
  ({ license }) => when(!license, "package.json has no license"),
  ({ publishConfig }) =>
    when(publishConfig?.access !== "public", "package.json has no publishConfig.access public, and npm signs no other"),
  (_, env) =>
    when(
      addressOf(env) === undefined,
      "GITHUB_SERVER_URL and GITHUB_REPOSITORY are not set: npm signs in workflows only",
    ),
  ({ repository }, env) => otherRepository(repository?.url, addressOf(env)),
  (_, env) =>
    when(!env["ACTIONS_ID_TOKEN_REQUEST_URL"], "the job may not ask for a token: give it permissions id-token: write"),
  (_, { RUNNER_ENVIRONMENT: runner = "github-hosted" }) =>
    when(runner !== "github-hosted", "npm signs on runners of GitHub's own only"),
  ({ devDependencies }) =>
    when(devDependencies !== undefined, "package.json has devDependencies, which pulumi package add would install"),
  ({ scripts = {} }) => {
    const found = AT_INSTALL.filter((script) => script in scripts);
    return when(found.length > 0, `package.json runs ${found.join(", ")} when it is installed`);
  },
];

function otherRepository(url: string | undefined, address: string | undefined): string | undefined {
  if (url === undefined) return "package.json has no repository, which has to be the one that publishes";
  if (address === undefined || url === `git+${address}.git`) return undefined;
  return `package.json has the repository ${url}, and git+${address}.git publishes`;
}
