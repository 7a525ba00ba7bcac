import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { commandsFor, RUNTIMES } from "../../cli/nodes/runtimes";
import { NodeFixture, OWNER, SITE, VERSIONS } from "../../rig/hosts/node-fixture";
import { needHost } from "../../rig/hosts/nginx-host";
import { CONFIG_PATH, type NodeHost } from "../../rig/hosts/node-host";

const LINK = `/etc/private-registry/${SITE}/live`;

for (const [title, version] of Object.entries(VERSIONS)) {
  describe(`the release of a node with ${title}`, function () {
    this.timeout(120_000);
    let fixture: NodeFixture;
    let node: NodeHost;

    before(async function () {
      needHost(this);
      fixture = await NodeFixture.start(await version());
      node = fixture.node;
    });
    after(() => fixture?.stop());

    it("makes containerd pull from the registry by its certificate's root", async () => {
      const without = await node.pull(fixture.image);
      assert.notEqual(without.code, 0, "the node knew the root already");
      assert.match(
        await fixture.succeeds("create", fixture.input()),
        /private-registry: done create main-nodes \w+ \d+\n$/,
      );
      const pulled = await node.pull(fixture.image);
      assert.equal(pulled.code, 0, pulled.stderr);
      assert.ok((await node.ctr("content ls -q")).stdout.includes(fixture.digest));
      assert.equal((await node.run(`readlink ${fixture.folder}`)).stdout.trim(), `${LINK}/${fixture.name}`);
    });

    it("is as it was written, for drift, and any change is a difference", async () => {
      await fixture.succeeds("check", fixture.input());
      const live = (await node.run(`readlink ${LINK}`)).stdout.trim();
      const changes: Record<string, [string, RegExp]> = {
        "a link is gone": [`rm ${fixture.folder}`, /is not the link to .*live\/registry/],
        "a file is changed": [`echo '#' >>${live}/${fixture.name}/hosts.toml`, /hosts\.toml: has another content/],
        "a mode is changed": [`chmod 600 ${live}/${fixture.name}/ca.crt`, /ca\.crt: has mode 0600/],
        "another file is there": [`touch ${live}/more`, /more: is not of this release/],
        "live is another folder": [`ln -sfn /tmp ${LINK}`, /live: points to \/tmp/],
      };
      for (const [name, [change, said]] of Object.entries(changes)) {
        await node.run(change);
        const found = await node.activate("check", fixture.input());
        assert.equal(found.code, 3, `${name}: ${found.stderr}`);
        assert.match(found.stdout, said, name);
        await node.run(`rm -f ${live}/more`);
        await fixture.succeeds("update", fixture.input());
        await fixture.succeeds("check", fixture.input());
      }
    });

    it("with roots that do not fit is refused, and the former one stays", async () => {
      const before = (await node.run(`readlink ${LINK}`)).stdout;
      const other = readFileSync("/etc/ssl/certs/ca-certificates.crt", "utf8").split("-----END CERTIFICATE-----\n")[0];
      const said = await fixture.refused(fixture.input({ caPem: `${other}-----END CERTIFICATE-----\n` }));
      assert.match(said, /can't be reached from this node as containerd would, nothing was changed: .*certificate/);
      assert.equal((await node.run(`readlink ${LINK}`)).stdout, before);
      await fixture.succeeds("check", fixture.input());
    });

    it("is refused where nobody answers, and where what answers is no registry", async () => {
      const [closed] = [fixture.registry.port + 1];
      assert.match(await fixture.refused(fixture.input({ httpsPort: closed })), /does not answer: curl: \(7\)/);
      const noCurl = fixture.input({ httpsPort: closed }).replaceAll("command -v curl", "false");
      assert.match(await fixture.refused(noCurl), /does not answer/);
      await fixture.succeeds("update", fixture.input().replaceAll("command -v curl", "false"));
    });

    it("leaves a folder alone that somebody else has made", async () => {
      await fixture.succeeds("delete", fixture.input());
      await node.run(`mkdir -p ${fixture.folder} && touch ${fixture.folder}/theirs`);
      assert.match(
        await fixture.refused(fixture.input(), "create"),
        /is there and is no link of ours; move it away \(mv /,
      );
      assert.equal((await node.run(`ls ${fixture.folder}`)).stdout, "theirs\n");
      await node.run(`rm -r ${fixture.folder} && ln -s /etc/private-registry/other/live/it ${fixture.folder}`);
      assert.match(await fixture.refused(fixture.input(), "create"), /is there and is no link of ours/);
      await node.run(`rm ${fixture.folder}`);
      await fixture.succeeds("create", fixture.input());
    });

    it("is refused while another stack's is there", async () => {
      const theirs = fixture.input({}, {}, OWNER.replace("project/", "other/"));
      assert.match(await fixture.refused(theirs, "create"), /was written by project\/stack\/main-nodes/);
      const left = await node.activate("delete", theirs);
      assert.match(left.stdout, /is not ours \(any more\): left alone/);
      await fixture.succeeds("check", fixture.input());
    });

    it("goes without a trace when it is deleted", async () => {
      await fixture.succeeds("delete", fixture.input());
      assert.equal(
        (await node.run(`ls -A ${CONFIG_PATH} /etc/private-registry 2>/dev/null`)).stdout.trim(),
        `${CONFIG_PATH}:`,
      );
      await fixture.succeeds("create", fixture.input());
    });

    describe("that is printed for other ways to a node", () => {
      const printed = (runtime: "containerd" | "crio"): string => {
        const registryOf = { host: "registry.test", port: fixture.registry.port, rootsPem: fixture.rootPem };
        return commandsFor(RUNTIMES[runtime](registryOf));
      };

      it("makes containerd pull, once its commands have run", async () => {
        await fixture.succeeds("delete", fixture.input());
        assert.notEqual((await node.pull(fixture.image)).code, 0);
        const done = await node.run(printed("containerd"));
        assert.equal(done.code, 0, done.stderr);
        assert.equal((await node.pull(fixture.image)).code, 0);
        await node.run(`rm -r ${fixture.folder}`);
      });

      it("makes the library of CRI-O and podman pull", async () => {
        const inspect = `skopeo inspect --raw docker://${fixture.image}`;
        assert.match((await node.run(inspect)).stderr, /certificate/);
        await node.run(printed("crio"));
        const done = await node.run(inspect);
        assert.equal(done.code, 0, done.stderr);
        assert.match(done.stdout, /schemaVersion/);
      });
    });
  });
}
