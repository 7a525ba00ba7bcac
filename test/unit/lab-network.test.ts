import assert from "node:assert/strict";
import { overlap, parseRoutes } from "../../lab/hosts/addresses";
import { initScript } from "../../lab/hosts/plan";

describe("lab: what is taken on the machine", () => {
  it("sees networks that share an address, whatever their size", () => {
    const lab = "10.231.0.0/24";
    for (const other of ["10.231.0.0/24", "10.231.0.64/28", "10.231.0.255", "10.0.0.0/8", "0.0.0.0/0"]) {
      assert.equal(overlap(lab, other), true, other);
      assert.equal(overlap(other, lab), true, other);
    }
    for (const other of ["10.231.1.0/24", "10.230.255.255", "192.0.2.0/24"])
      assert.equal(overlap(lab, other), false, other);
  });

  it("reads the machine's routes and leaves out what is no network of a link", () => {
    const text = `default via 192.0.2.1 dev eth0
192.0.2.0/24 dev eth0 proto kernel scope link src 192.0.2.2
blackhole 10.9.0.0/16
local 10.231.0.7 dev wg0 table local proto kernel scope host src 10.231.0.7
broadcast 192.0.2.255 dev eth0 table local proto kernel scope link src 192.0.2.2
`;
    assert.deepEqual(parseRoutes(text), [
      { network: "192.0.2.0/24", link: "eth0" },
      { network: "10.231.0.7", link: "wg0" },
    ]);
  });
});

describe("lab: a host's file system", () => {
  const entries = [
    { name: "bin", kind: "link", target: "usr/bin" },
    ...["etc", "proc", "run", "sys", "usr", "var"].map((name) => ({ name, kind: "folder" }) as const),
  ] as const;
  const files = { changed: ["/etc"], own: ["/var", "/data"], memory: ["/run"], texts: { "/etc/hosts": "" } };
  const script = initScript("/lab/hosts/x", "x", files, entries);
  const at = (text: string): number => {
    const index = script.indexOf(text);
    assert.notEqual(index, -1, `${text} is not in:\n${script}`);
    return index;
  };

  it("binds the machine's folders, except those of its own", () => {
    at("mount --rbind '/usr' 'usr'");
    at("ln -s 'usr/bin' 'bin'");
    for (const folder of ["etc", "var", "run", "proc", "sys"])
      assert.equal(script.includes(`--rbind '/${folder}'`), false);
  });

  it("lays changes of a folder over the machine's, in memory where the file system can't", () => {
    at("lowerdir=/etc,upperdir=/lab/hosts/x/changed/etc/upper");
    at("2>/dev/null || { mount -t tmpfs tmpfs '/lab/hosts/x/changed/etc'");
  });

  it("makes folders that the machine does not have", () => {
    at("mount --bind '/lab/hosts/x/own/data' .'/data'");
  });

  it("tells its number before /proc is its own, and says so only once the root stands", () => {
    assert.ok(at("read -r pid") < at("mount -t proc"));
    assert.ok(at("pivot_root") < at('echo "$pid" >&3'));
    assert.ok(at("mount -t overlay") < at("mount --bind '/lab/hosts/x/texts/etc/hosts'"));
  });
});
