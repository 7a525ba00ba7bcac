import * as assert from "node:assert/strict";
import { NodeFixture } from "../../rig/hosts/node-fixture";
import { needHost } from "../../rig/hosts/nginx-host";
import { type NodeHost, SETTINGS } from "../../rig/hosts/node-host";

describe("a node's containerd", function () {
  this.timeout(120_000);
  let fixture: NodeFixture;
  let node: NodeHost;

  before(async function () {
    needHost(this);
    fixture = await NodeFixture.start();
    node = fixture.node;
  });
  after(() => fixture?.stop());

  describe("that does not read one folder of registries", () => {
    const rows: Record<string, [string, RegExp]> = {
      "none is set": ["", /has no config_path/],
      "two are set": [SETTINGS.replace('certs.d"', 'certs.d:/etc/docker/certs.d"'), /containerd obeys one folder only/],
    };

    for (const [name, [settings, said]] of Object.entries(rows)) {
      it(`is refused with the lines to write: ${name}`, async () => {
        await node.write(node.config, node.configuration(settings));
        await node.stopContainerd();
        await node.startContainerd();
        const words = await fixture.refused(fixture.input());
        assert.match(words, said);
        assert.ok(words.includes(SETTINGS.trim()), words);
        assert.match(words, /restart containerd \(pods go on running\)/);
        assert.equal((await node.activate("check", fixture.input())).code, 3);
      });
    }

    it("is refused where the running one is older than its configuration, until it is restarted", async () => {
      await node.write(node.config, node.configuration(SETTINGS));
      await node.run(`touch -d '10 seconds' ${node.config}`);
      assert.match(await fixture.refused(fixture.input()), /was changed after containerd had been started/);
      await node.run(`touch -d '1 second ago' ${node.config}`);
      await node.stopContainerd();
      await node.run("sleep 1");
      await node.startContainerd();
      await fixture.succeeds("update", fixture.input());
    });

    it("is refused where there is no containerd of that flavour", async () => {
      assert.match(
        await fixture.refused(fixture.input({}, { flavour: "k3s" })),
        /does not run on this node as the flavour k3s/,
      );
      await node.stopContainerd();
      assert.match(await fixture.refused(fixture.input()), /containerd does not run on this node/);
      await node.startContainerd();
      await fixture.succeeds("update", fixture.input());
    });

    describe("and an up may write it", () => {
      const restart = (): string => fixture.input({}, { restart: "yes" });
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
          assert.match(
            await fixture.succeeds("update", restart()),
            /has got the config_path \/etc\/containerd\/certs\.d/,
          );
          assert.equal(await restarts(), 1);
          assert.equal((await node.pull(fixture.image)).code, 0);
          const dump = (await node.run(`containerd --config ${node.config} config dump`)).stdout;
          assert.match(dump, /max_container_log_line_size = 4242/);
          await fixture.succeeds("update", restart());
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
        assert.match(
          await fixture.refused(restart()),
          /tables registry\.mirrors, .* does not take beside a config_path/,
        );
        assert.equal(await restarts(), 0);
      });

      it("and brings the former configuration back if containerd does not come back", async () => {
        await fresh(OTHER);
        await standIn(`grep -q config_path ${node.config} || ${START}`);
        const before = (await node.run(`cat ${node.config}`)).stdout;
        const impatient = restart().replaceAll("$SECONDS -ge 30", "$SECONDS -ge 3");
        assert.match(await fixture.refused(impatient), /has its former configuration again/);
        assert.equal((await node.run(`cat ${node.config}`)).stdout, before);
        assert.equal((await node.ctr("version")).code, 0);
      });
    });
  });
});
