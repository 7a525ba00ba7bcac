import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { activationInput, makeRelease } from "../../components/hosts/release";
import { nodeBlueprint, type NodeSite } from "../../components/nodes/blueprint";
import { needHost } from "../../rig/hosts/nginx-host";
import { CONFIG_PATH, NodeHost, SETTINGS } from "../../rig/hosts/node-host";
import { pushImage } from "../../rig/registry/images";
import { RegistryProcess, version3 } from "../../rig/registry/process";

const OWNER = "project/stack/main-nodes node-1 192.0.2.10:22";
const SITE = "main-nodes";
const LINK = `/etc/private-registry/${SITE}/live`;

describe("the release of a node", function () {
  this.timeout(120_000);
  let node: NodeHost;
  let registry: RegistryProcess;
  let digest = "";

  before(async function () {
    needHost(this);
    registry = await RegistryProcess.prepare(version3, { requireClientCertificate: false });
    await registry.start();
    digest = await pushImage(registry, "apps/one", "one", { tags: ["1"] });
    node = await NodeHost.start();
  });
  after(async () => {
    await node?.stop();
    await registry?.remove();
  });

  const site = (changes: Partial<NodeSite> = {}): NodeSite => ({
    site: SITE,
    registryHost: "localhost",
    httpsPort: registry.port,
    caPem: readFileSync(join(registry.folder, "domain.crt"), "utf8"),
    ...changes,
  });
  const input = (changes: Partial<NodeSite> = {}, words: Record<string, string> = {}): string =>
    activationInput(makeRelease({ ...nodeBlueprint(site(changes)), words }), OWNER);
  const folder = (): string => `${CONFIG_PATH}/localhost:${registry.port}`;
  const image = (): string => `localhost:${registry.port}/apps/one:1`;
  const succeeds = async (verb: "create" | "update" | "check" | "delete", text: string): Promise<string> => {
    const done = await node.activate(verb, text);
    assert.equal(done.code, 0, done.stdout + done.stderr);
    return done.stdout;
  };
  const refused = async (text: string, verb: "create" | "update" = "update"): Promise<string> => {
    const done = await node.activate(verb, text);
    assert.equal(done.code, 1, done.stdout);
    return done.stderr;
  };

  it("makes containerd pull from the registry by its certificate's root", async () => {
    const without = await node.pull(image());
    assert.notEqual(without.code, 0, "the node knew the root already");
    assert.match(await succeeds("create", input()), /private-registry: done create main-nodes \w+ \d+\n$/);
    const pulled = await node.pull(image());
    assert.equal(pulled.code, 0, pulled.stderr);
    assert.ok((await node.ctr("content ls -q")).stdout.includes(digest));
    assert.equal((await node.run(`readlink ${folder()}`)).stdout.trim(), `${LINK}/localhost:${registry.port}`);
  });

  it("is as it was written, for drift, and any change is a difference", async () => {
    await succeeds("check", input());
    const live = (await node.run(`readlink ${LINK}`)).stdout.trim();
    const changes: Record<string, [string, RegExp]> = {
      "a link is gone": [`rm ${folder()}`, /is not the link to .*live\/localhost/],
      "a file is changed": [
        `echo '#' >>${live}/localhost:${registry.port}/hosts.toml`,
        /hosts\.toml: has another content/,
      ],
      "a mode is changed": [`chmod 600 ${live}/localhost:${registry.port}/ca.crt`, /ca\.crt: has mode 0600/],
      "another file is there": [`touch ${live}/more`, /more: is not of this release/],
      "live is another folder": [`ln -sfn /tmp ${LINK}`, /live: points to \/tmp/],
    };
    for (const [name, [change, said]] of Object.entries(changes)) {
      await node.run(change);
      const found = await node.activate("check", input());
      assert.equal(found.code, 3, `${name}: ${found.stderr}`);
      assert.match(found.stdout, said, name);
      await node.run(`rm -f ${live}/more`);
      await succeeds("update", input());
      await succeeds("check", input());
    }
  });

  it("with roots that do not fit is refused, and the former one stays", async () => {
    const before = (await node.run(`readlink ${LINK}`)).stdout;
    const other = readFileSync("/etc/ssl/certs/ca-certificates.crt", "utf8").split("-----END CERTIFICATE-----\n")[0];
    const said = await refused(input({ caPem: `${other}-----END CERTIFICATE-----\n` }));
    assert.match(said, /can't be reached from this node as containerd would, nothing was changed: .*certificate/);
    assert.equal((await node.run(`readlink ${LINK}`)).stdout, before);
    await succeeds("check", input());
  });

  it("is refused where nobody answers, and where what answers is no registry", async () => {
    const [closed] = [registry.port + 1];
    assert.match(await refused(input({ httpsPort: closed })), /does not answer: curl: \(7\)/);
    const noCurl = input({ httpsPort: closed }).replaceAll("command -v curl", "false");
    assert.match(await refused(noCurl), /does not answer/);
    await succeeds("update", input().replaceAll("command -v curl", "false"));
  });

  it("leaves a folder alone that somebody else has made", async () => {
    await succeeds("delete", input());
    await node.run(`mkdir -p ${folder()} && touch ${folder()}/theirs`);
    assert.match(await refused(input(), "create"), /is there and is no link of ours; move it away \(mv /);
    assert.equal((await node.run(`ls ${folder()}`)).stdout, "theirs\n");
    await node.run(`rm -r ${folder()}`);
    await succeeds("create", input());
  });

  it("is refused while another stack's is there", async () => {
    const theirs = activationInput(makeRelease(nodeBlueprint(site())), OWNER.replace("project/", "other/"));
    assert.match(await refused(theirs, "create"), /was written by project\/stack\/main-nodes/);
    const left = await node.activate("delete", theirs);
    assert.match(left.stdout, /is not ours \(any more\): left alone/);
    await succeeds("check", input());
  });

  it("goes without a trace when it is deleted", async () => {
    await succeeds("delete", input());
    assert.equal(
      (await node.run(`ls -A ${CONFIG_PATH} /etc/private-registry 2>/dev/null`)).stdout.trim(),
      `${CONFIG_PATH}:`,
    );
    await succeeds("create", input());
  });

  describe("where containerd does not read one folder of registries", () => {
    const rows: Record<string, [string, RegExp]> = {
      "none is set": ["", /has no config_path/],
      "two are set": [SETTINGS.replace('certs.d"', 'certs.d:/etc/docker/certs.d"'), /containerd obeys one folder only/],
    };
    after(async () => {
      await node.write(node.config, node.configuration(SETTINGS));
      await node.stopContainerd();
      await node.startContainerd();
    });

    for (const [name, [settings, said]] of Object.entries(rows)) {
      it(`is refused with the lines to write: ${name}`, async () => {
        await node.write(node.config, node.configuration(settings));
        await node.stopContainerd();
        await node.startContainerd();
        const words = await refused(input());
        assert.match(words, said);
        assert.ok(words.includes(SETTINGS.trim()), words);
        assert.match(words, /restart containerd \(pods go on running\)/);
        assert.equal((await node.activate("check", input())).code, 3);
      });
    }

    it("is refused where the running one is older than its configuration, until it is restarted", async () => {
      await node.write(node.config, node.configuration(SETTINGS));
      await node.run(`touch -d '10 seconds' ${node.config}`);
      assert.match(await refused(input()), /was changed after containerd had been started/);
      await node.run(`touch -d '1 second ago' ${node.config}`);
      await node.stopContainerd();
      await node.run("sleep 1");
      await node.startContainerd();
      await succeeds("update", input());
    });

    it("is refused where there is no containerd of that flavour", async () => {
      assert.match(await refused(input({}, { flavour: "k3s" })), /does not run on this node as the flavour k3s/);
      await node.stopContainerd();
      assert.match(await refused(input()), /containerd does not run on this node/);
      await node.startContainerd();
      await succeeds("update", input());
    });

    describe("and an up may write it", () => {
      const restart = (): string => input({}, { restart: "yes" });
      /** Without systemd: what \`systemctl restart\` comes to. */
      const STAND_IN = (start: string): string => `#!/bin/sh
[ "$1" = restart ] || exit 1
pkill -x containerd
while ps -C containerd -o stat= | grep -qv Z; do sleep 0.05; done
echo restarted >>/run/restarts
${start}
`;
      const START = "setsid containerd --config /etc/containerd/config.toml >>/run/containerd.log 2>&1 </dev/null &";
      const standIn = async (start = START): Promise<void> => {
        await node.write("/run/bin/systemctl", STAND_IN(start));
        await node.run(
          "chmod 755 /run/bin/systemctl; mount --bind /run/bin/systemctl /usr/bin/systemctl; : >/run/restarts",
        );
      };
      const fresh = async (settings: string): Promise<void> => {
        await node.write(node.config, node.configuration(settings));
        await node.stopContainerd();
        await node.run("sleep 1.1");
        await node.startContainerd();
        await standIn();
      };
      const restarts = async (): Promise<number> => (await node.run("cat /run/restarts")).stdout.split("\n").length - 1;
      const OTHER = '[plugins."io.containerd.grpc.v1.cri"]\n  max_container_log_line_size = 4242\n';

      it("into the table of its plugin, or as one of its own, and once", async () => {
        for (const settings of [
          OTHER,
          `${OTHER}${SETTINGS.replace(/=.*/, '= ""')}[plugins."io.containerd.gc.v1.scheduler"]\n`,
        ]) {
          await fresh(settings);
          assert.match(await succeeds("update", restart()), /has got the config_path \/etc\/containerd\/certs\.d/);
          assert.equal(await restarts(), 1);
          assert.equal((await node.pull(image())).code, 0);
          const dump = (await node.run(`containerd --config ${node.config} config dump`)).stdout;
          assert.match(dump, /max_container_log_line_size = 4242/);
          await succeeds("update", restart());
          assert.equal(await restarts(), 1);
        }
      });

      it("and only restarts where the running one is older", async () => {
        await fresh(SETTINGS);
        await node.run(`touch -d '10 seconds' ${node.config}`);
        const done = await node.activate("update", restart());
        assert.equal(await restarts(), 1);
        assert.match(done.stderr + done.stdout, /is started anew to read it/);
        await node.run(`touch ${node.config}`);
      });

      it("not beside tables that containerd does not take with it", async () => {
        await fresh(
          `[plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]\n  endpoint = ["https://m.test"]\n`,
        );
        assert.match(await refused(restart()), /tables registry\.mirrors, .* does not take beside a config_path/);
        assert.equal(await restarts(), 0);
      });

      it("and brings the former configuration back if containerd does not come back", async () => {
        await fresh(OTHER);
        await standIn(`grep -q config_path ${node.config} || ${START}`);
        const before = (await node.run(`cat ${node.config}`)).stdout;
        const impatient = restart().replaceAll("$SECONDS -ge 30", "$SECONDS -ge 3");
        assert.match(await refused(impatient), /has its former configuration again/);
        assert.equal((await node.run(`cat ${node.config}`)).stdout, before);
        assert.equal((await node.ctr("version")).code, 0);
      });
    });
  });
});
