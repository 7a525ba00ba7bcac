import assert from "node:assert/strict";
import { execa } from "execa";
import { type NodeProvider, providerFiles } from "../../components/nodes/provider";

const provider: NodeProvider = {
  audience: "registry.test",
  identities: [
    { name: "apps", subject: "system:serviceaccount:apps:*" },
    { name: "one", subject: "system:serviceaccount:other:builder" },
    { name: "web", subject: "system:serviceaccount:web:front-*" },
  ],
};

describe("what shows a pod's token", () => {
  const [, file] = providerFiles({ site: "main-nodes", provider }, "registry.test:5000");
  const token = (sub: string): string =>
    ["{}", JSON.stringify({ aud: ["registry.test"], "kubernetes.io": { namespace: "x" }, sub }), "sig"]
      .map((part) => Buffer.from(part).toString("base64url"))
      .join(".");
  const ask = async (shell: string, serviceAccountToken: string | undefined): Promise<Record<string, unknown>> => {
    const request = { kind: "CredentialProviderRequest", image: "registry.test:5000/a/b", serviceAccountToken };
    const { stdout } = await execa(shell, ["-c", file?.content ?? ""], { input: JSON.stringify(request) });
    const { auth, ...rest } = JSON.parse(stdout) as { auth: Record<string, unknown> };
    assert.deepEqual(rest, {
      kind: "CredentialProviderResponse",
      apiVersion: "credentialprovider.kubelet.k8s.io/v1",
      cacheKeyType: "Registry",
      cacheDuration: "0s",
    });
    return auth;
  };

  for (const shell of ["dash", "bash"]) {
    it(`shows it under the identity's name, and nothing for anybody else, by ${shell}`, async () => {
      for (const [sub, username] of [
        ["system:serviceaccount:apps:default", "apps"],
        ["system:serviceaccount:apps:a.b-c", "apps"],
        ["system:serviceaccount:other:builder", "one"],
        ["system:serviceaccount:web:front-1", "web"],
      ] as const) {
        const password = token(sub);
        assert.deepEqual(await ask(shell, password), { "registry.test:5000": { username, password } });
      }
      for (const sub of [
        "system:serviceaccount:other:builder2",
        "system:serviceaccount:web:back",
        "system:serviceaccount:apps2:default",
        "system:serviceaccount:apps:x:y",
        "x",
      ])
        assert.deepEqual(await ask(shell, token(sub)), {}, sub);
      for (const odd of [undefined, "", "a", "a.b.c", 'a"b.c.d', "..", "$(id).`id`.x"])
        assert.deepEqual(await ask(shell, odd), {}, odd);
    });
  }

  it("never has it in an argument of a program", async () => {
    const secret = token("system:serviceaccount:apps:default");
    const traced = ["sed", "tr", "base64"]
      .map((name) => `${name}() { echo "${name} $*" >&9; command ${name} "$@"; }`)
      .join("\n");
    const { stderr, stdout } = await execa("bash", ["-c", `exec 9>&2\n${traced}\n${file?.content ?? ""}`], {
      input: JSON.stringify({ serviceAccountToken: secret }),
    });
    assert.ok(stdout.includes(secret));
    assert.match(stderr, /base64 -d/);
    for (const part of secret.split(".")) assert.ok(!stderr.includes(part), stderr);
  });
});
