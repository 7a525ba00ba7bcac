import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { LogFormat } from "../../components/nginx/gateway/logs";
import { GatewayOnRegistry } from "../../rig/gateway/on-registry";
import type { Verb } from "../../components/hosts/release";
import { VARIANTS, optionsOf } from "../../rig/gateway/variants";
import { needHost, until } from "../../rig/hosts/nginx-host";
import { digestOf } from "../../rig/registry/process";
import { version2, version3 } from "../../rig/registry/versions";

/** In a host's /var/log, which is its own. */
const FOLDER = "/var/log/cache/blobs";
const MIB = 1024 * 1024;
const SITE = { blobCache: { sizeGiB: 1, path: FOLDER }, logFormat: LogFormat.Json };

for (const variant of VARIANTS.filter((each) => each !== "Debian's 1.22 without njs")) {
  for (const version of variant === "1.31" ? [version3] : [version2, version3]) {
    describe(`a gateway that keeps blobs, nginx ${variant}, ${version.name}`, function () {
      this.timeout(60_000);
      let one: GatewayOnRegistry;

      before(async function () {
        needHost(this);
        one = await GatewayOnRegistry.start(version, await optionsOf(variant));
        await one.put(SITE);
      });
      after(() => one.stop());

      /** PyPI's nginx has no slices. */
      const sliced = variant !== "1.31";
      const path = (repository: string, digest: string) => `/v2/${repository}/blobs/${digest}`;
      const get = async (target: string, headers: Record<string, string> = {}, who = "admin") =>
        one.send(who, "GET", target, { headers });
      const pushed = (repository: string, size: number, seed = randomBytes(size)) =>
        one.registry.blob(repository, seed).then((digest) => ({ digest, body: seed }));
      const stored = async (): Promise<number> =>
        Number((await one.gateway.host.run(`find ${FOLDER} -type f | wc -l`)).stdout);
      /** What the log says of the last requests for a path: "MISS", "HIT", "REVALIDATED" or "". */
      const said = async (target: string): Promise<string[]> => {
        const { stdout } = await one.gateway.host.run("cat /var/log/nginx/docker.access.log");
        const lines = stdout.split("\n").filter((line) => line.includes(`"${target}"`));
        return lines.map((line) => (JSON.parse(line) as { cache: string }).cache);
      };

      it("keeps a blob of several slices, and asks the registry of it again", async () => {
        const { digest, body } = await pushed("team/app", 17 * MIB + 17);
        for (let each = 0; each < 2; each++) {
          const answer = await get(path("team/app", digest));
          assert.equal(answer.status, 200);
          assert.equal(answer.headers["content-length"], `${body.length}`);
          assert.equal(answer.headers.etag, `"${digest}"`);
          assert.equal(answer.headers["docker-content-digest"], digest);
          assert.equal(answer.bytes, digest, "the body");
          await sleep(2100);
        }
        assert.equal(await stored(), sliced ? 3 : 1);
        assert.deepEqual(await said(path("team/app", digest)), ["MISS", "REVALIDATED"]);
      });

      it("forgets a blob within two seconds of its end, whatever the registry said of its age", async () => {
        const { digest } = await pushed("other", 1000);
        const target = path("other", digest);
        const first = await get(target);
        assert.match(String(first.headers["cache-control"]), /max-age=31536000/);
        assert.equal((await one.send("admin", "DELETE", target)).status, 202);
        await until("it is gone", async () => (await get(target)).status === 404, 2.2);
      });

      it("never gives a blob to who may not read its repository, nor out of another one", async () => {
        const { digest } = await pushed("secret/app", 5000);
        assert.equal((await get(path("secret/app", digest))).status, 200);
        assert.equal((await get(path("secret/app", digest), {}, "dev+1@team.example")).status, 403);
        assert.equal((await get(path("secret/app", digest), {}, "nobody")).status, 401);
        assert.equal((await get(path("team/app", digest), {}, "dev+1@team.example")).status, 404);
      });

      it("fetches nothing for a HEAD", async () => {
        const { digest } = await pushed("other", 5 * MIB);
        const before = await stored();
        const answer = await one.send("admin", "HEAD", path("other", digest));
        assert.deepEqual([answer.status, answer.headers["content-length"]], [200, `${5 * MIB}`]);
        assert.equal(await stored(), before);
      });

      it("serves parts of a blob, and what it does not keep as the registry does", async () => {
        const { digest, body } = await pushed("other", 9 * MIB);
        const target = path("other", digest);
        const parts: [string, number, number][] = [
          ["bytes=9000000-", 9000000, body.length],
          ["bytes=8388600-8388610", 8388600, 8388611],
          ["bytes=-10", body.length - 10, body.length],
          ["bytes=0-0", 0, 1],
        ];
        for (let each = 0; each < 2; each++) {
          for (const [Range, from, to] of parts) {
            const answer = await get(target, { Range });
            assert.equal(answer.status, 206, Range);
            assert.equal(answer.headers["content-range"], `bytes ${from}-${to - 1}/${body.length}`, Range);
            assert.equal(answer.bytes, digestOf(body.subarray(from, to)), Range);
          }
        }
        const many = await get(target, { Range: "bytes=0-1,5-6" });
        assert.match(`${many.status} ${many.headers["content-type"]}`, /^206 multipart\/byteranges/);
        // Registry 2 itself cuts this answer off.
        if (version === version3) assert.equal((await get(target, { Range: "bytes=99999999-" })).status, 416);
        for (const odd of [`${target}?x=1`, target.replace(":", "%3A"), target.replace("/blobs", "//blobs")]) {
          const directly = await one.registry.ask("GET", odd);
          assert.equal((await get(odd)).status, directly.status, odd);
        }
        const unchanged = await get(target, { "If-None-Match": `"${digest}"` });
        assert.equal(unchanged.status, 304);
      });

      it("keeps no answer that is not the blob: errors, and those of an empty one", async () => {
        const none = digestOf(randomBytes(10));
        const before = await stored();
        for (let each = 0; each < 2; each++) assert.equal((await get(path("other", none))).status, 404);
        assert.equal(await stored(), before);
        const { digest } = await pushed("other", 0);
        const answer = await get(path("other", digest));
        assert.deepEqual([answer.status, answer.headers["content-length"]], [200, "0"]);
      });

      it("fetches a blob once for twenty clients at once", async () => {
        const { digest, body } = await pushed("other", 12 * MIB);
        const target = path("other", digest);
        const answers = await Promise.all(Array.from({ length: 20 }, () => get(target)));
        assert.deepEqual([...new Set(answers.map(({ bytes }) => bytes))], [digest]);
        assert.equal(body.length, Number(answers[0]?.headers["content-length"]));
        // Each slice is fetched when it is asked for first, and again only as "not modified".
        const fetched = (await said(target)).filter((each) => each === "MISS").length;
        assert.ok(!sliced || fetched <= 2, `${fetched} began it`);
      });

      it("serves everything else while its folder is gone or closed", async () => {
        const { digest } = await pushed("other", 3 * MIB);
        const target = path("other", digest);
        assert.equal((await get(target)).bytes, digest);
        await one.gateway.host.run(`chmod -R 000 ${FOLDER}`);
        try {
          assert.equal((await get(target)).bytes, digest, "a blob that is kept and can't be read");
        } finally {
          await one.gateway.host.run(`chmod -R u+rwX ${FOLDER}`);
        }
        await one.gateway.host.run(`rm -rf ${FOLDER}/*`);
        assert.equal((await get(target)).bytes, digest, "a blob whose file is gone");
      });

      it("is hashed by a check, and repaired by the same release once more", async () => {
        const { digest } = await pushed("other", 9 * MIB);
        const target = path("other", digest);
        assert.equal((await get(target)).bytes, digest);
        const send = async (verb: Verb) => one.gateway.host.activate(verb, await one.input(SITE));
        const damaged = async () => (await send("check")).stdout.match(/holds a damaged copy of \S+ of other\b/g) ?? [];
        assert.deepEqual(await damaged(), []);
        const files = `$(grep -rla '^KEY: other@${digest}' ${FOLDER} | sort | tail -n 1)`;
        await one.gateway.host.run(`printf x | dd of=${files} bs=1 seek=300000 conv=notrunc`);
        assert.deepEqual(await damaged(), [`holds a damaged copy of ${digest} of other`]);
        assert.notEqual((await get(target)).bytes, digest, "a client has to refuse it");
        assert.equal((await send("update")).code, 0);
        assert.equal((await get(target)).bytes, digest);
        assert.deepEqual(await damaged(), []);
      });

      it("costs nothing that is not being stored when its disk is full", async () => {
        await one.gateway.host.run("mkdir /var/log/small && mount -t tmpfs -o size=16m tmpfs /var/log/small");
        await one.put({ ...SITE, blobCache: { sizeGiB: 1, path: "/var/log/small/blobs" } });
        const { digest } = await pushed("other", 2 * MIB);
        const { digest: later } = await pushed("other", 3 * MIB);
        assert.equal((await get(path("other", digest))).bytes, digest);
        await one.gateway.host.run("head -c 20m /dev/zero >/var/log/small/full");
        assert.equal((await get(path("other", digest))).bytes, digest, "what is kept");
        assert.equal((await one.send("admin", "HEAD", path("other", later))).status, 200);
        assert.equal((await get(path("other", later), { Range: "bytes=-5" })).status, 206);
        assert.equal((await one.send("admin", "GET", "/v2/other/manifests/1")).status, 200);
        await get(path("other", later)).catch(() => undefined);
        await one.gateway.host.run("rm /var/log/small/full");
        assert.equal((await get(path("other", later))).bytes, later, "as soon as there is room");
        await one.put(SITE);
      });
    });
  }
}
