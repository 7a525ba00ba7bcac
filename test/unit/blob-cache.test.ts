import assert from "node:assert/strict";
import { NginxGateway } from "../../components";
import { gatewayBlueprint } from "../../components/nginx/gateway/blueprint";
import { SLICE_BYTES } from "../../components/nginx/gateway/blob-cache";
import { LogFormat } from "../../components/nginx/gateway/logs";
import { makeRelease } from "../../components/hosts/release";
import { problemsOf } from "../../components/private-registry/check";
import type { PrivateRegistryArgs } from "../../components/private-registry/args";
import { gatewaySite } from "../../rig/gateway/fixture";
import { textOf } from "../support/docs";

type Changes = NonNullable<Parameters<typeof gatewaySite>[0]>;

const CACHE = { sizeGiB: 20, path: "/srv/blobs" };

async function files(changes: Changes = {}): Promise<Map<string, string>> {
  const release = makeRelease(gatewayBlueprint(await gatewaySite(changes)));
  return new Map(release.files.map(({ path, content }) => [path, content]));
}

/** What is said of `nginx.blobCache` in a registry with these settings beside others that are left out. */
const saidOf = (args: object): string[] =>
  problemsOf(args as PrivateRegistryArgs)
    .filter(({ property }) => property.startsWith("nginx.blobCache"))
    .map(({ property, expected }) => `${property}: ${expected}`);

describe("nginx.blobCache", () => {
  it("is nothing unless it is wanted", async () => {
    const all = await files();
    assert.deepEqual(
      [...all.keys()].filter((path) => /blob|reading/.test(path)),
      [],
    );
    assert.doesNotMatch(all.get("site.conf") ?? "", /blob-cache|with-blobs|_blob/);
  });

  it("is a folder with a zone of its own name, so that another folder is another zone", async () => {
    const http = async (blobCache: typeof CACHE): Promise<string> =>
      (await files({ blobCache })).get("when-1.19.1-blob-cache.conf") ?? "";
    const zone = async (blobCache: typeof CACHE): Promise<string | undefined> =>
      /keys_zone=(\S+):(\d+)m /.exec(await http(blobCache))?.[1];
    assert.match(
      await http(CACHE),
      /^proxy_cache_path \/srv\/blobs levels=1:2 .* max_size=20g min_free=3g inactive=30d /m,
    );
    assert.match(await http(CACHE), /keys_zone=pr_main_gateway_blobs_[0-9a-f]{8}:2m /);
    assert.match(await http({ ...CACHE, sizeGiB: 1000 }), /keys_zone=\S+:33m /);
    assert.notEqual(await zone(CACHE), await zone({ ...CACHE, path: "/srv/other" }));
    assert.equal(await zone(CACHE), await zone({ ...CACHE, sizeGiB: 30 }));
  });

  it("fetches slices where nginx can, and the whole where it can't", async () => {
    const all = await files({ blobCache: CACHE });
    const [sliced = "", whole = ""] = ["when-slice-blobs.conf", "when-whole-blobs.conf"].map((path) => all.get(path));
    assert.match(sliced, new RegExp(`slice ${SLICE_BYTES};`));
    assert.match(textOf("components/nginx/activate/cache.sh"), new RegExp(`^slice_bytes=${SLICE_BYTES}\\b`, "m"));
    assert.doesNotMatch(whole, /slice/);
    for (const text of [sliced, whole]) {
      assert.match(text, /auth_request \/\.private-registry\/access;/);
      assert.equal(text.match(/proxy_cache pr_main_gateway_blobs_/g)?.length, 1);
    }
  });

  it("says in the JSON log what it did", async () => {
    const log = async (changes: Changes): Promise<boolean> =>
      (await files({ logFormat: LogFormat.Json, ...changes })).get("site.conf")?.includes('"cache":') ?? false;
    assert.deepEqual([await log({}), await log({ blobCache: CACHE })], [false, true]);
  });

  it("is refused with what it can't be together with", () => {
    const s3 = { bucket: "images", region: "eu-central-1" };
    const nginx = { blobCache: CACHE };
    assert.deepEqual(saidOf({ nginx, storage: { s3 } }), []);
    assert.deepEqual(saidOf({ nginx, storage: { s3, redirects: true } }), [
      "nginx.blobCache: no cache with storage.redirects",
    ]);
    assert.deepEqual(saidOf({ nginx, registry: { proxy: { remoteUrl: "https://mirror.example.com" } } }), [
      "nginx.blobCache: no cache with registry.proxy",
    ]);
    assert.deepEqual(saidOf({ storage: { s3, redirects: true } }), []);
  });

  it("wants both, a size that can be, and a folder that the host doesn't need", () => {
    const said = (blobCache: object): string[] =>
      saidOf({ nginx: { blobCache } }).map((text) => text.split(": ")[0] ?? "");
    assert.deepEqual(said({ path: "/srv/blobs" }), ["nginx.blobCache.sizeGiB"]);
    assert.deepEqual(said({ sizeGiB: 20 }), ["nginx.blobCache.path"]);
    for (const sizeGiB of [0, 1.5, -1, 65537, "20"])
      assert.deepEqual(said({ ...CACHE, sizeGiB }), ["nginx.blobCache.sizeGiB"], `${sizeGiB}`);
    for (const path of [
      "blobs",
      "/",
      "/etc/nginx",
      "/var/log",
      "/var/log/x",
      "/srv",
      "/usr/x",
      "/a b",
      "/a/../b",
      "/$x",
    ])
      assert.deepEqual(said({ ...CACHE, path }), ["nginx.blobCache.path"], path);
    for (const path of ["/srv/blobs", "/blobs", "/var/cache/nginx/blobs", "/mnt/disk/a", "/etcetera/b"])
      assert.deepEqual(said({ ...CACHE, path }), [], path);
  });

  it("is an argument of the gateway by itself, too", () => {
    assert.throws(
      () => new NginxGateway("main-gateway", { nginx: { blobCache: { path: "/etc", sizeGiB: 0 } } } as never),
      /blobCache\.sizeGiB .*blobCache\.path/s,
    );
  });
});
