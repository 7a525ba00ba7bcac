import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { UserRole } from "../../components";
import { dockerConfig, dockerConfigs } from "../../components/private-registry/docker-config";
import { isSecret, valueOf } from "../../rig/pulumi/mocks";

describe("a docker config", () => {
  it("is what docker login writes: the host, and name and password in base64", () => {
    assert.equal(
      dockerConfig("registry.example.com", "alice", "open sesame"),
      '{"auths":{"registry.example.com":{"username":"alice","password":"open sesame",' +
        '"auth":"YWxpY2U6b3BlbiBzZXNhbWU="}}}',
    );
  });

  it("is there for each user, secret, under the host's ASCII name", async () => {
    const users = [
      { name: "alice", role: UserRole.Push, password: pulumi.output("a") },
      { name: "bob", role: UserRole.Pull },
    ];
    const configs = dockerConfigs(pulumi.output("bücher.example"), users);
    assert.ok(await isSecret(configs));
    const host = "xn--bcher-kva.example";
    assert.deepEqual(await valueOf(configs), {
      alice: dockerConfig(host, "alice", "a"),
      bob: dockerConfig(host, "bob", ""),
    });
  });
});
