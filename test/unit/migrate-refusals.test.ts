import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { migrateFile } from "../../cli/migrate";
import { StackFile } from "../support/migrate";

describe("npm run migrate refuses, and changes nothing for", () => {
  const stack = new StackFile();

  /** What is said of a file, without its name; the file has to be as it was. */
  const refusal = (content: string): string => {
    stack.write(content);
    let said = "nothing";
    try {
      migrateFile(stack.file);
    } catch (error) {
      said = (error as Error).message;
    }
    assert.equal(stack.text(), content);
    assert.deepEqual(readdirSync(stack.folder), ["Pulumi.test.yaml"]);
    return said.replaceAll(stack.file, "FILE");
  };

  const head = "config:\n  private-registry:nodes: [192.0.2.10]\n";
  const rows: Record<string, [content: string, said: string]> = {
    "bad YAML": ["config:\n  a: 1\n  a: 2\n", "FILE is not valid YAML: Map keys must be unique at line 3, column 3"],
    "no config": ["encryptionsalt: v1:x\n", "FILE has no settings below config:"],
    "an empty config": ["config:\n", "FILE has no settings below config:"],
    "an empty file": ["", "FILE has no settings below config:"],
    "an unknown key with a known one near": [
      `${head}  private-registry:acmeDirectry: staging\n`,
      "FILE: private-registry:acmeDirectry is not a known setting; did you mean acmeDirectory?",
    ],
    "an unknown key with none near": [
      `${head}  zzzzzzzzzzzz: 1\n`,
      "FILE: zzzzzzzzzzzz is not a known setting; remove it",
    ],
    "several unknown keys": [
      `${head}  nodse: 1\n  zzzzzzzzzzzz: 1\n`,
      "FILE: nodse is not a known setting; did you mean nodes?\nFILE: zzzzzzzzzzzz is not a known setting; remove it",
    ],
    "a key with and without the prefix": [
      `${head}  nodes: [192.0.2.11]\n`,
      "FILE: private-registry:nodes and nodes are the same setting; remove one of them",
    ],
    "both shapes at the top": [
      `${head}  nodeAddresses: [192.0.2.10]\n`,
      "FILE: private-registry:nodes and nodeAddresses are the same setting; remove one of them",
    ],
    "both shapes below": [
      "config:\n  acmeDirectory: staging\n  private-registry:certificate:\n    directory: staging\n",
      "FILE: acmeDirectory and private-registry:certificate.directory are the same setting; remove one of them",
    ],
    "both shapes of a value with two places": [
      "config:\n  registryCpu: 1\n  registry: {resources: {limits: {cpu: 1}}}\n",
      "FILE: registryCpu and registry.resources.limits.cpu are the same setting; remove one of them",
    ],
    "both names of a user's generation": [
      "config:\n  users: [{name: a, passwordGeneration: 1, generation: '1'}]\n",
      "FILE: users[0].passwordGeneration and users[0].generation are the same setting; remove one of them",
    ],
    "a table that is encrypted as a whole": [
      "config:\n  acmeDirectory: staging\n  certificate: {secure: v1:c}\n",
      "FILE: acmeDirectory belongs in certificate, which is not a table in the clear; " +
        "put it there by hand, then remove it",
    ],
    "a table that is none": [
      "config:\n  logLevel: info\n  registry: {log: info}\n",
      "FILE: logLevel belongs in registry.log, which is not a table in the clear; put it there by hand, then remove it",
    ],
    "no UI with a host for it": [
      "config:\n  uiKind: none\n  ui: {host: u.example.com}\n",
      "FILE: uiKind is none, which means no UI, and ui.host asks for one; remove one of them",
    ],
    anchors: [
      "config:\n  nodes: &n [192.0.2.10]\n  allowedCidrs: *n\n",
      "FILE has YAML anchors (&name, *name); write each value where it is used, then run this again",
    ],
  };
  for (const [what, [content, said]] of Object.entries(rows)) it(what, () => assert.equal(refusal(content), said));

  it("a file that does not exist", () => {
    assert.throws(() => migrateFile(stack.file), { message: `${stack.file} does not exist` });
    assert.deepEqual(readdirSync(stack.folder), []);
  });

  it("a folder", () => {
    assert.throws(() => migrateFile(stack.folder), { message: `${stack.folder} can't be read (EISDIR)` });
  });
});
