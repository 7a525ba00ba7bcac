import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** The rule of the house (docs/architecture.md): who may import what. */
const outside = {
  regex: "^(\\.\\./)+(cli|lab|test|bench|config|index)(/|$)",
  message: "components/ imports nothing from outside itself",
};
const component = {
  regex:
    "/(private-registry|acme-certificate|acme-responder|tls-secret|registry-pod|registry-service|nginx-gateway)(\\.js)?$",
  message: "only private-registry.ts with its folder and the face (index.ts) import other components",
};
const notTheFace = {
  regex: "components/(?!index(\\.js)?$).+",
  message: "import components/ through its face, components/index",
};
const restrict = (...patterns) => ({ "no-restricted-imports": ["error", { patterns }] });

export default tseslint.config(
  { ignores: ["node_modules/", "dist/", "coverage/", "examples/", ".lab/"] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      complexity: ["error", 12],
      "max-depth": ["error", 4],
      "max-lines": ["error", { max: 250, skipBlankLines: false, skipComments: false }],
      "no-console": "off",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
    },
  },
  { files: ["components/**/*.ts"], rules: restrict(outside, component) },
  {
    files: ["components/private-registry.ts", "components/private-registry/**/*.ts", "components/index.ts"],
    rules: restrict(outside),
  },
  {
    files: ["components/*.ts"],
    rules: { "max-lines-per-function": ["error", { max: 40, skipComments: true, skipBlankLines: true }] },
  },
  { files: ["index.ts", "config.ts", "cli/**/*.ts", "lab/**/*.ts", "bench/**/*.ts"], rules: restrict(notTheFace) },
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
