/** Modules that need neither Pulumi's engine nor another program, and the tests that should notice a change in them. */
export interface Area {
  /** Modules, as globs. */
  mutate: string[];
  /** Tests by their names in test/unit and test/property, as globs without braces. */
  tests: string[];
}

/**
 * What talks to a CA (`acme/issuance.ts`, `acme/lifecycle.ts`, most of `acme/client/`) is in none of them: its tests
 * are those with a real ACME server. Tests are those that are quick: a changed constant is tried with all of them.
 * By name, as in `npm run mutants -- renewal`.
 */
export const AREAS: Record<string, Area> = {
  rights: {
    mutate: ["components/nginx/gateway/{rights,records,tokens}.ts", "components/nginx/users/repositories.ts"],
    tests: ["access-*", "gateway-text", "nginx-*", "repositories"],
  },
  access: {
    mutate: [
      "components/nginx/gateway/{access,access-question,access-server,hash-proof,secrets,stand-in}.ts",
      "components/nginx/users/{crypt-hashes,made,users,user-file-life}.ts",
      "components/private-registry/docker-config.ts",
    ],
    tests: [
      "access-*",
      "crypt-*",
      "docker-config",
      "gateway-text",
      "made-*",
      "nginx-*",
      "release-files",
      "user-*",
      "users",
    ],
  },
  sites: {
    mutate: [
      "components/nginx/gateway/{blob-cache,blueprint,logs,own-settings,text,tls-policy,upstream}.ts",
      "components/nginx/responder.ts",
    ],
    tests: ["blob-cache", "gateway-text", "nginx-*", "own-settings"],
  },
  releases: {
    mutate: [
      "components/hosts/{activation,host,preview,public-facts,release,site-name,ssh-keys}.ts",
      "components/nginx/gateway/preview.ts",
      "components/nginx/{kind,text}.ts",
    ],
    tests: ["gateway-hosts", "gateway-text", "nginx-*", "release", "release-*", "ssh-keys"],
  },
  nodes: {
    mutate: ["cli/nodes/runtimes.ts", "components/nodes/{blueprint,release-life,send}.ts"],
    tests: ["node-*", "nodes-print"],
  },
  renewal: {
    mutate: [
      "components/chain/*.ts",
      "components/acme/{data,diff,revocation,state,thumbprint}.ts",
      "components/acme/client/problem.ts",
    ],
    tests: [
      ...["acme-decision", "acme-names", "acme-problem", "acme-renewal", "acme-thumbprint", "acme-wire"],
      ...["chain-*", "renewal", "renewal-clock"],
    ],
  },
  retention: {
    mutate: ["cli/retention/*.ts"],
    tests: ["retention*"],
  },
  checks: {
    mutate: ["components/checks/*.ts"],
    tests: ["check*"],
  },
  config: {
    mutate: ["config/{flat-keys,in-the-open,problems,read,stack}.ts"],
    tests: ["config", "config-*", "access-rights", "empty-*", "migrate-keys", "wrong-*"],
  },
  pod: {
    mutate: ["components/registry/probes.ts"],
    tests: ["registry-probes", "registry-watching"],
  },
};
