import * as assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { activationInput, makeRelease, type Release } from "../../components/hosts/release";
import { NGINX_HOST } from "../../components/nginx/kind";
import { responderBlueprint } from "../../components/nginx/responder";
import { anyGateway } from "../support/gateway-arbitrary";
import { gatewayInput, gatewayRelease, OWNER, THUMBPRINT } from "../../rig/gateway/fixture";
import { NginxHost, needHost } from "../../rig/hosts/nginx-host";

type Values = typeof anyGateway extends fc.Arbitrary<infer T> ? T : never;

const COUNT = Number(process.env["GENERATED_CONFIGS"] ?? 160);

function samples(count: number): Values[] {
  const { seed } = fc.readConfigureGlobal();
  return fc.sample(anyGateway, { numRuns: count, ...(seed === undefined ? {} : { seed }) });
}

/** Some registries are known by the host's own roots, and ask for no certificate. */
function settings(values: Values, httpsPort: number): Parameters<typeof gatewayRelease>[0] {
  const upstreamTls = {
    caPem: undefined,
    serverName: values.registryHost,
    clientCertificatePem: undefined,
    clientKeyPem: undefined,
  };
  return { ...values, httpsPort, ...(values.realm.length % 3 === 0 ? { upstreamTls } : {}) };
}

function responder({ site, registryHost, uiHost = registryHost }: Values, host: NginxHost): Release {
  const ports = { httpPort: host.httpPort, httpsPort: host.httpsPort };
  return makeRelease(responderBlueprint({ site, names: [registryHost, uiHost], thumbprint: THUMBPRINT, ...ports }));
}

describe("nginx's own verdict on generated releases", function () {
  this.timeout(300_000);
  let host: NginxHost;

  before(async function () {
    needHost(this);
    host = await NginxHost.start();
  });
  after(() => host?.stop());

  it(`takes ${COUNT} gateways, and port-80 sites, of values that the checks let through`, async () => {
    const all = samples(COUNT);
    const releases = await Promise.all(all.map((values) => gatewayRelease(settings(values, host.httpsPort))));
    releases.push(...all.slice(0, 40).map((values) => responder(values, host)));
    const refused = await refusals(releases);
    assert.deepEqual(refused.slice(0, 3), []);
  });

  /**
   * nginx's words on each of the releases that it refuses, every one by itself, with the links that the host adds to
   * it.
   */
  async function refusals(releases: readonly Release[]): Promise<string[]> {
    const tree = join(host.folder, "releases");
    const folders = releases.map(({ site, hash, files }, index) => {
      for (const { path, content } of files) {
        const file = join(tree, site, "releases", hash, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, content);
      }
      const folder = `${NGINX_HOST.root}/${site}/releases/${hash}`;
      writeFileSync(
        join(tree, `${index}.conf`),
        `include /etc/nginx/modules-enabled/*.conf;\nevents { }\nhttp { include ${folder}/site.conf; }\n`,
      );
      return folder;
    });
    const [first] = releases;
    const program = activationInput(first as Release, OWNER).replace(
      'main "$@"',
      () => `
      mkdir -p ${NGINX_HOST.root} && mount --bind ${tree} ${NGINX_HOST.root} && find_nginx
      count=0
      for stage in ${folders.join(" ")}; do
        adapt && "$nginx" -t -q -c ${tree}/$count.conf 2>&1
        count=$((count + 1))
      done
      umount ${NGINX_HOST.root}`,
    );
    const { code, stdout, stderr } = await host.activate("update", program);
    assert.deepEqual([code, stderr], [0, ""]);
    // With a long name of a site nginx may say that its table of variables is not the quickest: docs/gateway-hosts.md.
    const slower = /\[warn\] .*could not build optimal variables_hash/;
    return stdout.split("\n").filter((line) => line !== "" && !slower.test(line));
  }

  it("is the same for some of them on the way that a release takes", async () => {
    const trial = `
      base=$root/$site
      umask 077
      mkdir -p -m 755 "$root" "$base" "$base/releases"
      find_nginx && find_master || fail "no nginx"
      find_link
      stage
      judge "$base/releases/$release/site.conf" || refuse
      rm -rf "$base"`;
    for (const values of samples(12)) {
      const input = await gatewayInput(settings(values, host.httpsPort));
      const done = await host.activate(
        "update",
        input.replace('main "$@"', () => trial),
      );
      assert.equal(done.code, 0, `${JSON.stringify(values)}: ${done.stderr}`);
    }
  });

  it("is a refusal where something is wrong, so that the tests above can fail", async () => {
    const [values] = samples(1) as [Values];
    const wrong = { ...settings(values, host.httpsPort), extraRegistryDirectives: "no_such 1;" };
    const [refused = ""] = await refusals([await gatewayRelease(wrong)]);
    assert.match(refused, /unknown directive "no_such"/);
  });
});
