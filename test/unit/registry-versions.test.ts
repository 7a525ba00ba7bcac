import assert from "node:assert/strict";
import { isVersion2, version2Warnings } from "../../components/registry/versions";

describe("version 2 of the registry", () => {
  it("is known by the image's name", () => {
    for (const image of [
      "registry:2",
      "docker.io/library/registry:2.8.3",
      "x.example.com:5000/distribution:v2.8",
      "registry:2-x",
    ])
      assert.equal(isVersion2(image), true, image);
    for (const image of ["registry:3", "registry:3.2", "registry:20", "my-registry:2", "registry@sha256:2", "other:2"])
      assert.equal(isVersion2(image), false, image);
  });

  it("is warned of: its end of life, and the identity that it doesn't know", () => {
    assert.deepEqual(version2Warnings("registry:3", true), []);
    const [ended = "", ...none] = version2Warnings("registry:2", false);
    assert.match(ended, /registry\.image is registry:2: .* end of its life .* docs\/runbooks\/moves\.md/);
    assert.deepEqual(none, []);
    assert.match(
      version2Warnings("registry:2", true)[1] ?? "",
      /storage\.s3 has no keys: .* registry\.image to registry:3/,
    );
  });
});
