import assert from "node:assert/strict";
import type { NodeProvider } from "../../components/nodes/provider";
import { ensurePrograms } from "../../lab/programs";
import { NodeFixture, SITE } from "../../rig/hosts/node-fixture";
import { commandsIn, counted, killedAt, points } from "../../rig/hosts/killed-at";
import { needHost } from "../../rig/hosts/nginx-host";

const KILLS = Number(process.env["KILL_POINTS"] ?? 6);
const SHARED = "/etc/private-registry/.kubelet";
const OWN = `private-registry-${SITE}`;
const FLAGS = `--image-credential-provider-config=${SHARED}/config --image-credential-provider-bin-dir=${SHARED}/bin`;

const provider: NodeProvider = {
  audience: "registry.test",
  identities: [
    { name: "apps", subject: "system:serviceaccount:apps:*" },
    { name: "one", subject: "system:serviceaccount:other:builder" },
  ],
};

const SYSTEMCTL = `#!/bin/bash
case "$1" in
  cat) cat /run/unit; exit 0 ;;
  restart) echo restart >>/run/restarts ;;
  *) exit 1 ;;
esac
pkill -9 -x kubelet
while [ -n "$(cat $(pgrep -x kubelet | sed 's#.*#/proc/&/cmdline#') /dev/null 2>/dev/null | tr -d '\\0')" ]; do sleep 0.05; done
KUBELET_EXTRA_ARGS=
[ ! -e /etc/default/kubelet ] || . /etc/default/kubelet
rm -f /run/kubelet.log
setsid /run/kubelet $(cat /run/own-flags) $KUBELET_EXTRA_ARGS >/run/kubelet.log 2>&1 </dev/null 9>&- &
exit 0
`;

describe("a node whose pods show tokens of their own", function () {
  this.timeout(120_000);
  let fixture: NodeFixture;

  before(async function () {
    needHost(this);
    fixture = await NodeFixture.start();
    const { node } = fixture;
    const programs = await ensurePrograms(["kubelet-stand-in"], () => undefined);
    await node.write("/run/systemctl", SYSTEMCTL);
    await on(`cp ${programs["kubelet-stand-in"]} /run/kubelet`);
    await on("chmod 755 /run/systemctl && mount --bind /run/systemctl /usr/bin/systemctl");
  });
  after(() => fixture?.stop());
  beforeEach(async () => {
    await fixture.node.activate("delete", input());
    await on(`rm -rf ${SHARED} /etc/default/kubelet* /run/theirs`);
    await on("printf 'EnvironmentFile=-/etc/default/kubelet\\nExecStart=kubelet $KUBELET_EXTRA_ARGS\\n' >/run/unit");
    await kubelet();
  });

  const on = async (script: string): Promise<string> => {
    const done = await fixture.node.run(script);
    assert.equal(done.code, 0, `${script}: ${done.stderr}`);
    return done.stdout.trim();
  };
  /** Has the kubelet run with these flags of its own, and counts restarts from now on. */
  const kubelet = async (flags = "--node-ip=192.0.2.10", version = "1.35.4"): Promise<void> => {
    await on(`echo ${version} >/run/kubelet-version; echo '${flags}' >/run/own-flags
      systemctl restart kubelet; rm -f /run/restarts`);
    await starts();
  };
  const starts = async (): Promise<void> => {
    await on(
      "for i in $(seq 50); do pgrep -x kubelet >/dev/null && exit 0; sleep 0.1; done; cat /run/kubelet.log >&2; exit 1",
    );
  };
  const restarts = async (): Promise<number> => Number(await on("cat /run/restarts 2>/dev/null | wc -l"));
  const input = (changes: Partial<NodeProvider> = {}, may = true): string =>
    fixture.input({ provider: { ...provider, ...changes } }, { restart_kubelet: may ? "yes" : "" });
  const without = (): string => fixture.input({}, { restart_kubelet: "yes" });
  const flags = () => on("cat /etc/default/kubelet 2>/dev/null || :");
  const drift = async (text = input()): Promise<string> => (await fixture.node.activate("check", text)).stdout;

  it("is told once, with one restart, and a changed pattern needs none", async () => {
    await fixture.succeeds("create", input());
    assert.equal(await flags(), `KUBELET_EXTRA_ARGS="${FLAGS}"`);
    assert.equal(await restarts(), 1);
    assert.doesNotMatch(await drift(), /kubelet/);
    await fixture.succeeds("update", input());
    await fixture.succeeds("update", input({ identities: provider.identities.slice(1) }));
    assert.equal(await restarts(), 1);
    assert.doesNotMatch(await on(`cat ${SHARED}/bin/${OWN}`), /user='apps'/);
    assert.ok(await fixture.pulls());
  });

  it("gets another audience with one restart", async () => {
    await fixture.succeeds("create", input());
    await fixture.succeeds("update", input({ audience: "other.test" }));
    assert.equal(await restarts(), 2);
    assert.match(await on(`cat ${SHARED}/config/${OWN}.yaml`), /serviceAccountTokenAudience: "other\.test"/);
  });

  it("is refused where nobody may restart it, with all in place and the lines to write, which do", async () => {
    const said = await fixture.refused(input({}, false), "create");
    assert.ok(said.includes(`add to KUBELET_EXTRA_ARGS in /etc/default/kubelet\n${FLAGS}`), said);
    assert.match(said, /nodeHosts\[\]\.restartKubelet/);
    assert.equal(await restarts(), 0);
    assert.equal(await flags(), "");
    assert.ok(await fixture.pulls(), "the registry's part is live");
    await on(`echo 'KUBELET_EXTRA_ARGS="${FLAGS}"' >/etc/default/kubelet; systemctl restart kubelet`);
    await starts();
    await fixture.succeeds("update", input({}, false));
  });

  it("keeps the flags that it has, whatever their quotes", async () => {
    for (const [line, expected] of [
      [`KUBELET_EXTRA_ARGS=--v=2`, `KUBELET_EXTRA_ARGS="--v=2 ${FLAGS}"`],
      [`KUBELET_EXTRA_ARGS="--v=2 --max-pods=50"`, `KUBELET_EXTRA_ARGS="--v=2 --max-pods=50 ${FLAGS}"`],
      [`KUBELET_EXTRA_ARGS='--node-labels=a="b"'`, `KUBELET_EXTRA_ARGS='--node-labels=a="b" ${FLAGS}'`],
      ["KUBELET_EXTRA_ARGS=", `KUBELET_EXTRA_ARGS="${FLAGS}"`],
    ]) {
      await on(
        `printf '%s\\n' '# by hand' ${JSON.stringify(line)} OTHER=1 >/etc/default/kubelet`.replace(/\\"/g, '\\"'),
      );
      await fixture.succeeds("update", input());
      assert.equal(await flags(), `# by hand\n${expected}\nOTHER=1`);
      await fixture.succeeds("update", without());
      assert.doesNotMatch(await flags(), /credential/);
      assert.match(await flags(), /^# by hand\n[^]*OTHER=1$/);
    }
  });

  for (const [what, config, form] of [
    ["a file", "/run/theirs/config.json", "="],
    ["a folder", "/run/theirs", " "],
  ] as const) {
    it(`leaves a provider that is there already beside ours: ${what}`, async () => {
      await on(`mkdir -p /run/theirs/bin; echo '{"providers":[{"name": "theirs"}]}' >/run/theirs/config.json
        printf '#!/bin/sh\\necho theirs\\n' >/run/theirs/bin/theirs; chmod 755 /run/theirs/bin/theirs`);
      const own = `--image-credential-provider-config${form}${config} --image-credential-provider-bin-dir${form}/run/theirs/bin`;
      await kubelet(own);
      await fixture.succeeds("create", input());
      assert.equal(
        await on(`${SHARED}/bin/theirs; cat ${SHARED}/config/00-config.json`),
        'theirs\n{"providers":[{"name": "theirs"}]}',
      );
      await starts();
      await fixture.succeeds("update", input());
      assert.equal(await restarts(), 1);
      await fixture.succeeds("update", without());
      assert.equal(await restarts(), 2, "back to theirs");
      await starts();
      assert.equal(await on(`ls -d ${SHARED} 2>/dev/null || :`), "");
    });
  }

  it("that is too old, or does not run, is refused before anything is written", async () => {
    await kubelet("", "1.33.9");
    assert.match(await fixture.refused(input(), "create"), /kubelet is v1\.33\.9, and pods show tokens from 1\.34 on/);
    await on("pkill -9 -x kubelet");
    assert.match(await fixture.refused(input(), "create"), /no kubelet runs on this node/);
    assert.equal(await on("ls /etc/private-registry/*/live 2>/dev/null || :"), "");
  });

  it("that does not come back has its former flags and settings again", async () => {
    await on(`mkdir -p ${SHARED}/config; echo 'name: broken' >${SHARED}/config/99-broken.yaml`);
    const hasty = input().replace("[ $SECONDS -ge 60 ]", "[ $SECONDS -ge 2 ]");
    assert.notEqual(hasty, input());
    assert.match(
      await fixture.refused(hasty, "create"),
      /does not come back with the provider of tokens: it is not well 60 s after its restart; it has its/,
    );
    assert.equal(await flags(), "");
    await starts();
    assert.ok(await fixture.pulls());
  });

  it("whose unit reads no file of flags is refused with the flags", async () => {
    await on("echo ExecStart=kubelet >/run/unit");
    assert.ok((await fixture.refused(input(), "create")).includes(`add to its command\n${FLAGS}`));
  });

  it("without identities, and after a delete, is as it was", async () => {
    for (const verb of ["update", "delete"] as const) {
      await fixture.succeeds("update", input());
      await fixture.succeeds(verb, verb === "update" ? without() : input());
      assert.equal(await on(`cat /etc/default/kubelet 2>/dev/null; ls -d ${SHARED} 2>/dev/null || :`), "");
      await on("systemctl restart kubelet");
      await starts();
    }
  });

  it("keeps the folder for as long as flags name it that somebody has written elsewhere", async () => {
    await fixture.succeeds("update", input());
    await on("rm /etc/default/kubelet");
    await kubelet(FLAGS);
    const said = await fixture.succeeds("delete", input());
    assert.match(said, /warning: the kubelet's flags name .*, and they are not in \/etc\/default\/kubelet/);
    await on("systemctl restart kubelet");
    await starts();
  });

  it("is compared by drift", async () => {
    await fixture.succeeds("update", input());
    for (const [fault, said] of [
      [`echo x >>${SHARED}/bin/${OWN}`, /bin\/\S+: is not the release's/],
      [`rm ${SHARED}/config/${OWN}.yaml`, /config\/\S+: is not the release's/],
      [`touch -d '+1 hour' ${SHARED}/config/${OWN}.yaml`, /was changed after the kubelet had been started/],
      [`rm /etc/default/kubelet; systemctl restart kubelet`, /kubelet: its flags do not name/],
      ["pkill -9 -x kubelet; sleep 0.2", /kubelet: does not run/],
    ] as const) {
      await on(fault);
      assert.match(await drift(), said);
      if (!fault.startsWith("pkill")) await fixture.succeeds("update", input());
    }
  });

  it(`starts, wherever a run was killed: ${KILLS} points of the first run and of a delete`, async () => {
    const last = { update: 0, delete: 0 };
    last.update = commandsIn(await fixture.succeeds("update", counted(input())));
    last.delete = commandsIn(await fixture.succeeds("delete", counted(input())));
    for (const verb of ["update", "delete"] as const) {
      for (const point of points(last[verb], KILLS)) {
        if (verb === "delete") await fixture.succeeds("update", input());
        await fixture.node.activate(verb, killedAt(input(), point));
        await on("systemctl restart kubelet");
        await starts();
        await fixture.succeeds(verb, input());
        await starts();
        if (verb === "update") await fixture.succeeds("delete", input());
      }
    }
    console.log(`      ${KILLS} kills over ${last.update} and ${last.delete} commands`);
  });
});
