import assert from "node:assert/strict";
import { alice, GatewayOnHost } from "../../rig/gateway/on-host";
import { gatewayInput } from "../../rig/gateway/fixture";
import { needHost } from "../../rig/hosts/nginx-host";

/** In a host's /var/log, which is its own. */
const ABOVE = "/var/log/cache";
const FOLDER = `${ABOVE}/blobs`;
const BOOT = "/etc/tmpfiles.d/private-registry-main-gateway.conf";
const blobCache = { sizeGiB: 1, path: FOLDER };

describe("the folder of a gateway's blobs", function () {
  this.timeout(60_000);
  let gateway: GatewayOnHost;

  before(async function () {
    needHost(this);
    gateway = await GatewayOnHost.start();
  });
  after(() => gateway.stop());

  const on = async (script: string): Promise<string> => (await gateway.host.run(script)).stdout.trim();
  const refused = async (input: string, verb: "create" | "update" = "update"): Promise<string> => {
    const done = await gateway.host.activate(verb, input);
    assert.notEqual(done.code, 0, done.stdout);
    return done.stderr;
  };
  const check = async (): Promise<string> =>
    (await gateway.host.activate("check", await gateway.input({ blobCache }))).stdout;
  const serves = async () => assert.equal(await gateway.code(`${alice.name}:${alice.password}`), 200);

  it("is not left by a release that nginx refuses", async () => {
    const said = await refused(await gateway.input({ blobCache, extraRegistryDirectives: "no_such_directive on;" }));
    assert.match(said, /unknown directive "no_such_directive"/);
    assert.equal(await on(`ls -d ${ABOVE} ${BOOT} /etc/nginx/private-registry/main-gateway/caches 2>/dev/null`), "");
  });

  it("is made for nginx's workers and nobody else, and is empty after a boot", async () => {
    await gateway.put({ blobCache });
    const workers = await on("stat -c %u /proc/$(pgrep -f 'nginx: worker' | head -n 1)");
    assert.equal(await on(`stat -c '%a %u' ${FOLDER}`), `700 ${workers}`);
    assert.match(await on(`cat ${BOOT}`), new RegExp(`^R! ${FOLDER}/\\*$`, "m"));
    await on(`mkdir ${FOLDER}/a && touch ${FOLDER}/a/b && systemd-tmpfiles --remove --boot ${BOOT}`);
    assert.equal(await on(`ls -A ${FOLDER}; ls -d ${FOLDER}`), FOLDER);
    await serves();
  });

  it("stays with what is in it when a later release is refused", async () => {
    await on(`mkdir ${FOLDER}/a && touch ${FOLDER}/a/kept`);
    await refused(await gateway.input({ blobCache, extraRegistryDirectives: "no_such_directive on;" }));
    await refused(
      await gateway.input({ blobCache: { ...blobCache, path: `${ABOVE}/2` }, extraRegistryDirectives: "no_such on;" }),
    );
    assert.equal(await on(`cd ${ABOVE} && find . -type f; ls`), "./blobs/a/kept\nblobs");
    assert.match(await on(`cat ${BOOT}`), /cache\/blobs\/\*$/);
    await serves();
  });

  it("is another one when the path changes, and back again; the former one is removed", async () => {
    for (const path of [`${ABOVE}/second`, FOLDER, `${ABOVE}/third/of/some`, FOLDER]) {
      await gateway.put({ blobCache: { ...blobCache, path } });
      assert.equal(
        await on(`cd ${ABOVE} && find . -name 'b*' -o -name second -o -name some`),
        `.${path.slice(ABOVE.length)}`,
      );
      assert.match(await on("nginx -T 2>/dev/null | grep '^proxy_cache_path [^;]*blobs'"), new RegExp(` ?${path} `));
      await serves();
    }
    await gateway.put({ blobCache: { ...blobCache, sizeGiB: 2 } });
    await serves();
    assert.match(await on("tail -n 40 /var/log/nginx/error.log"), /^(?!.*(emerg|alert|previously)).*$/s);
  });

  it("is refused if another site of the host keeps its blobs there, above or below", async () => {
    for (const path of [FOLDER, `${FOLDER}/below`, ABOVE, `${ABOVE}/./blobs/../blobs`]) {
      const input = await gatewayInput({
        site: "second-gateway",
        registryHost: "second.example.com",
        uiHost: undefined,
        httpsPort: gateway.host.httpsPort,
        blobCache: { ...blobCache, path },
      });
      const said = await refused(input, "create");
      assert.match(
        said,
        /the site main-gateway keeps its blobs in \S+, so this one can't .*nginx\.blobCache\.path/s,
        path,
      );
    }
    await serves();
  });

  it("is refused if something of others is in it, which nginx would delete", async () => {
    await on(`mkdir ${ABOVE}/theirs && touch ${ABOVE}/theirs/precious ${ABOVE}/file`);
    const theirs = { ...blobCache, path: `${ABOVE}/theirs` };
    assert.match(
      await refused(await gateway.input({ blobCache: theirs })),
      /has something in it.*nginx\.blobCache\.path/s,
    );
    const file = { ...blobCache, path: `${ABOVE}/file` };
    assert.match(await refused(await gateway.input({ blobCache: file })), /file is no folder/);
    assert.equal(await on(`ls ${ABOVE}/theirs`), "precious");
    await serves();
  });

  it("is refused where nginx's workers can't get to it", async () => {
    await on(`mkdir -m 700 ${ABOVE}/closed`);
    const closed = { ...blobCache, path: `${ABOVE}/closed/blobs` };
    assert.match(await refused(await gateway.input({ blobCache: closed })), /can't get past \S+\/closed to/);
    assert.equal(await on(`ls ${ABOVE}/closed`), "");
  });

  it("is looked at by a check", async () => {
    await gateway.put({ blobCache });
    assert.doesNotMatch(await check(), /cache/);
    await on(`chmod 755 ${FOLDER}`);
    assert.match(await check(), /cache\/blobs: is not for nginx's workers and nobody else/);
    await on(`mv ${FOLDER} ${FOLDER}.away`);
    assert.match(await check(), /cache\/blobs: is missing/);
    await on(`rm -rf ${FOLDER} && mv ${FOLDER}.away ${FOLDER}`);
    await gateway.put({ blobCache });
    assert.doesNotMatch(await check(), /cache\/blobs: /);
  });

  it("starts anew for another user of nginx's", async () => {
    await on(`mkdir -p ${FOLDER}/a && touch ${FOLDER}/a/old && chown -R 4242 ${FOLDER}`);
    await gateway.put({ blobCache });
    assert.equal(await on(`find ${FOLDER} -name old; stat -c %U ${FOLDER}`), "www-data");
  });

  it("goes with the setting, and with the site", async () => {
    await gateway.put();
    assert.equal(await on(`ls -d ${FOLDER} ${BOOT} /etc/nginx/private-registry/main-gateway/caches 2>/dev/null`), "");
    await gateway.put({ blobCache });
    const gone = await gateway.host.activate("delete", await gateway.input({ blobCache }));
    assert.equal(gone.code, 0, gone.stderr);
    assert.equal(await on(`ls -d ${FOLDER} ${BOOT} 2>/dev/null; ls ${ABOVE}/theirs`), "precious");
    await gateway.put();
  });

  it("warns of a disk that is too small, or that the host needs", async () => {
    const { stdout } = await gateway.host.activate(
      "update",
      await gateway.input({ blobCache: { ...blobCache, sizeGiB: 9999 } }),
    );
    assert.match(stdout, /warning: the disk of \S+ has \d+ GiB for nginx\.blobCache, and it may take 9999/);
    assert.match(stdout, /warning: \S+ is on the disk of \/var\/log/);
  });

  it("says what an nginx can't do", async () => {
    const cut = `sed 's/--with-http_slice_module//'`;
    const fake = (how: string) => `cat >/run/fake <<'.'
#!/bin/sh
if [ "$1" = -V ]; then /run/real -V 2>&1 | ${how} >&2; else exec /run/real "$@"; fi
.
      chmod 755 /run/fake; cp /usr/sbin/nginx /run/real; mount --bind /run/fake /usr/sbin/nginx`;
    for (const [how, says] of [
      [cut, /warning: this nginx has no slice module/],
      ["sed 's#nginx/1.22.1#nginx/1.18.0#'", /warning: nginx 1\.18\.0 keeps no blobs/],
    ] as const) {
      await on(fake(how));
      try {
        const { stdout, code, stderr } = await gateway.host.activate("update", await gateway.input({ blobCache }));
        assert.equal(code, 0, stderr);
        assert.match(stdout, says);
        await serves();
      } finally {
        await on("umount /usr/sbin/nginx");
      }
    }
  });
});
