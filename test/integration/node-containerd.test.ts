import * as assert from "node:assert/strict";
import { NodeFixture, VERSIONS } from "../../rig/hosts/node-fixture";
import { needHost } from "../../rig/hosts/nginx-host";
import type { NodeHost } from "../../rig/hosts/node-host";

for (const [title, version] of Object.entries(VERSIONS)) {
  describe(`a node's ${title}`, function () {
    this.timeout(120_000);
    let fixture: NodeFixture;
    let node: NodeHost;

    before(async function () {
      needHost(this);
      fixture = await NodeFixture.start(await version());
      node = fixture.node;
    });
    after(() => fixture?.stop());

    describe("that does not read one folder of registries", () => {
      const restarted = async (text: string): Promise<void> => {
        await node.write(node.config, text);
        await node.stopContainerd();
        await node.run("sleep 1.1");
        await node.startContainerd();
      };
      const rows: Record<string, [(lines: string) => string, RegExp]> = {
        "none is set": [() => "", /has no config_path/],
        "two are set": [
          (lines) => lines.replace('certs.d"', 'certs.d:/etc/docker/certs.d"'),
          /containerd obeys one folder only/,
        ],
      };

      for (const [name, [settings, said]] of Object.entries(rows)) {
        it(`is refused with the lines to write: ${name}`, async () => {
          await restarted(node.configuration(settings(node.settings)));
          const words = await fixture.refused(fixture.input());
          assert.match(words, said);
          assert.ok(words.includes(node.settings.trim()), words);
          assert.match(words, /restart containerd \(pods go on running\)/);
          assert.equal((await node.activate("check", fixture.input())).code, 3);
        });
      }

      it("is refused with the lines of the file's own version", async () => {
        await restarted(node.configuration("", 2));
        assert.match(await fixture.refused(fixture.input()), /\[plugins\."io\.containerd\.grpc\.v1\.cri"\.registry\]/);
      });

      it("is refused where the running one is older than its configuration, until it is restarted", async () => {
        await node.write(node.config, node.configuration(node.settings));
        await node.run(`touch -d '10 seconds' ${node.config}`);
        assert.match(await fixture.refused(fixture.input()), /was changed after containerd had been started/);
        await restarted(node.configuration(node.settings));
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
        const STAND_IN = (command: string): string => `#!/bin/sh
[ "$1" = restart ] || exit 1
pkill -x containerd
while ps -C containerd -o stat= | grep -qv Z; do sleep 0.05; done
echo restarted >>/run/restarts
${command}
`;
        const start = (): string =>
          `setsid ${node.program("containerd")} --config ${node.config} >>/run/containerd.log 2>&1 </dev/null &`;
        const standIn = async (command = start()): Promise<void> => {
          await node.write("/run/bin/systemctl", STAND_IN(command));
          await node.run(
            "chmod 755 /run/bin/systemctl; mount --bind /run/bin/systemctl /usr/bin/systemctl; : >/run/restarts",
          );
        };
        const fresh = async (settings: string, version?: number): Promise<void> => {
          await restarted(node.configuration(settings, version));
          await standIn();
        };
        const restarts = async (): Promise<number> =>
          (await node.run("cat /run/restarts")).stdout.split("\n").length - 1;
        /** A setting of another plugin, which has to stay, by the version of the configuration. */
        const other = (version = node.isNew ? 3 : 2): string => {
          const plugin = version === 2 ? "io.containerd.grpc.v1.cri" : "io.containerd.cri.v1.runtime";
          return `[plugins."${plugin}"]\n  max_container_log_line_size = 4242\n`;
        };
        const gets = async (settings: string, version?: number): Promise<void> => {
          await fresh(settings, version);
          const said = await fixture.succeeds("update", restart());
          assert.match(said, /has got the config_path \/etc\/containerd\/certs\.d/);
          assert.equal(await restarts(), 1);
          assert.ok(await fixture.pulls());
          const dump = await node.run(`${node.program("containerd")} --config ${node.config} config dump`);
          assert.match(dump.stdout, /max_container_log_line_size = 4242/);
          await fixture.succeeds("update", restart());
          assert.equal(await restarts(), 1);
        };

        it("as a table of its own, and once", () => gets(other()));

        it("into the table that is there", () =>
          gets(`${other()}${node.settings.replace(/=.*/, '= ""')}[plugins."io.containerd.gc.v1.scheduler"]\n`));

        it("into a file of an earlier version", () => gets(other(2), 2));

        it("and only restarts where the running one is older", async () => {
          await fresh(node.settings);
          await node.run(`touch -d '10 seconds' ${node.config}`);
          const done = await node.activate("update", restart());
          assert.equal(await restarts(), 1);
          assert.match(done.stderr + done.stdout, /is started anew to read it/);
          await node.run(`touch ${node.config}`);
        });

        it("not beside tables that containerd does not take with it", async () => {
          const mirrors = node.settings.replace(/registry\][^]*/, 'registry.mirrors."docker.io"]');
          await fresh(`${mirrors}\n  endpoint = ["https://m.test"]\n`);
          assert.match(
            await fixture.refused(restart()),
            /tables registry\.mirrors, .* does not take beside a config_path/,
          );
          assert.equal(await restarts(), 0);
        });

        it("and brings the former configuration back if containerd does not come back", async () => {
          await fresh(other());
          await standIn(`grep -q config_path ${node.config} || ${start()}`);
          const before = (await node.run(`cat ${node.config}`)).stdout;
          const impatient = restart().replaceAll("$SECONDS -ge 30", "$SECONDS -ge 3");
          assert.match(await fixture.refused(impatient), /has its former configuration again/);
          assert.equal((await node.run(`cat ${node.config}`)).stdout, before);
          assert.equal((await node.ctr("version")).code, 0);
        });
      });
    });
  });
}
