import js from "@eslint/js";
import tseslint from "typescript-eslint";
import { rule as words } from "./lint/words.mjs";

/** The rule of the house (docs/architecture.md): who may import what. */
const outside = {
  regex: "^(\\.\\./)+(cli|lab|test|rig|bench|config|generate|smoke|provider|policy|index)(/|$)",
  message: "components/ imports nothing from outside itself",
};
const component = {
  regex:
    "/(private-registry|acme-certificate|acme-responder|tls-secret|registry-pod|registry-service|nginx-gateway|node-hosts|token-verifier)(\\.js)?$",
  message: "only private-registry.ts with its folder and the face (index.ts) import other components",
};
const notTheFace = {
  regex: "components/(?!(index|internal)(\\.js)?$).+",
  message: "import components/ through one of its faces, components/index or components/internal",
};
const notTest = { regex: "(^|/)test/", message: "what bench/ and test/ share is in rig/" };
const restrict = (...patterns) => ({ "no-restricted-imports": ["error", { patterns }] });

/** The rooms of components/, and for each those that lie above it: no import climbs. */
const ABOVE = {
  checks: [
    "cluster",
    "chain",
    "acme",
    "issuers",
    "hosts",
    "nginx",
    "registry",
    "verifier",
    "mirrors",
    "private-registry",
  ],
  cluster: ["chain", "acme", "issuers", "hosts", "nginx", "registry", "verifier", "mirrors", "private-registry"],
  chain: ["acme", "issuers", "hosts", "nginx", "registry", "verifier", "mirrors", "private-registry"],
  "acme/client": [
    "issuers",
    "nginx",
    "registry",
    "verifier",
    "mirrors",
    "private-registry",
    "issuance",
    "lifecycle",
    "data",
    "resource",
  ],
  acme: ["issuers", "nginx", "registry", "verifier", "mirrors", "private-registry"],
  issuers: ["nginx", "registry", "verifier", "mirrors", "private-registry"],
  hosts: ["chain", "acme", "issuers", "nginx", "nodes", "registry", "verifier", "mirrors", "private-registry"],
  "nginx/users": ["chain", "acme", "issuers", "registry", "verifier", "mirrors", "private-registry", "gateway"],
  nginx: ["chain", "acme", "issuers", "nodes", "registry", "verifier", "mirrors", "private-registry"],
  nodes: ["chain", "acme", "issuers", "nginx", "registry", "verifier", "mirrors", "private-registry"],
  verifier: ["chain", "acme", "issuers", "hosts", "nodes", "gateway", "mirrors", "private-registry"],
  registry: ["chain", "acme", "issuers", "hosts", "nginx", "verifier", "mirrors", "private-registry"],
  mirrors: ["chain", "acme", "issuers", "nodes", "verifier", "private-registry"],
};
const rooms = Object.entries(ABOVE).map(([room, above]) => ({
  files: [`components/${room}/**/*.ts`],
  rules: restrict(outside, component, {
    regex: `^\\.\\.?/(\\.\\./)*(${above.join("|")})(/|$)`,
    message: `${room}/ lies below ${above.join(", ")}`,
  }),
}));
/** From the widest room to the narrowest, since the last block that fits a file holds. */
rooms.sort((one, other) => one.files[0].length - other.files[0].length);

export default tseslint.config(
  { ignores: ["node_modules/", "dist/", "coverage/", "examples/", ".lab/", ".mutants/"] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { house: { rules: { words } } },
    rules: {
      "house/words": "error",
      "max-len": [
        "error",
        { code: 120, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true, ignoreUrls: true },
      ],
      complexity: ["error", 12],
      "max-depth": ["error", 4],
      "max-lines": ["error", { max: 250, skipBlankLines: false, skipComments: false }],
      "no-console": "off",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
    },
  },
  { files: ["components/**/*.ts"], rules: restrict(outside, component) },
  ...rooms,
  {
    files: ["components/private-registry.ts", "components/private-registry/**/*.ts", "components/index.ts"],
    rules: restrict(outside),
  },
  {
    files: ["components/*.ts"],
    rules: { "max-lines-per-function": ["error", { max: 40, skipComments: true, skipBlankLines: true }] },
  },
  {
    files: ["index.ts", "config.ts", "cli/**/*.ts", "smoke/**/*.ts", "lab/**/*.ts", "bench/**/*.ts"],
    rules: restrict(notTheFace, notTest),
  },
  { files: ["config/**/*.ts", "generate/**/*.ts", "provider/**/*.ts"], rules: restrict(notTheFace, notTest) },
  // Two that are made from the code itself, and the two that serve it to other languages, read it where it is.
  {
    files: ["generate/dashboard-file.ts", "generate/served-schema.ts", "provider/plugin.ts", "provider/served.ts"],
    rules: restrict(notTest),
  },
  { files: ["rig/**/*.ts"], rules: restrict(notTest) },
  {
    files: ["**/*.cjs", "**/*.mjs", "**/*.js"],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: {
      parserOptions: { projectService: false },
      globals: {
        require: "readonly",
        module: "writable",
        process: "readonly",
        console: "readonly",
        __dirname: "readonly",
      },
    },
    rules: {
      ...tseslint.configs.disableTypeChecked.rules,
      "@typescript-eslint/no-require-imports": "off",
      "@typescript-eslint/explicit-module-boundary-types": "off",
    },
  },
);
