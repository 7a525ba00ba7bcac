import * as assert from "node:assert/strict";
import { certificateNames, wireName } from "../../components/issuers/rules";
import { hostName } from "../../components/checks/rules";

const NOT_HOSTS = [
  "",
  "localhost",
  "https://registry.example.com",
  "registry.example.com:5000",
  "registry.example.com/",
  "registry.example.com/v2",
  "registry.example.com?x",
  "registry.example.com#x",
  "registry.example.com\\x",
  "user@registry.example.com",
  "registry.example.com.",
  ".registry.example.com",
  "registry..example.com",
  "registry .example.com",
  "registry.example.com\n",
  "regi\nstry.example.com",
  "regi\tstry.example.com",
  "a%2eexample.com",
  "reg_istry.example.com",
  "-registry.example.com",
  "192.0.2.1",
  "0x7f.1",
  "1.2.3",
  "[2001:db8::1]",
  "2001:db8::1",
  "xn--a.com",
  `${"a".repeat(64)}.example.com`,
  `${"a.".repeat(130)}com`,
  "*",
  "*.",
  "**.example.com",
  "a.*.example.com",
  "*a.example.com",
  "*.*.example.com",
  "*.192.0.2.1",
  "*.com",
];

describe("the names of a certificate", () => {
  const rule = certificateNames(true);

  it("are host names of two labels or more, in any script and case", () => {
    const names = [
      "registry.example.com",
      "Registry2.EXAMPLE.com",
      "bücher.example",
      "例え.テスト",
      "faß.de",
      "*.example.com",
    ];
    assert.equal(rule(names), undefined);
    assert.deepEqual(names.map(wireName), [
      "registry.example.com",
      "registry2.example.com",
      "xn--bcher-kva.example",
      "xn--r8jz45g.xn--zckzah",
      "xn--fa-hia.de",
      "*.example.com",
    ]);
  });

  for (const name of NOT_HOSTS) {
    it(`are refused before the CA sees them: ${JSON.stringify(name).slice(0, 60)}`, () => {
      assert.ok(rule([name]), name);
      assert.ok(hostName(name), name);
    });
  }

  it("may be wildcards with DNS-01 only", () => {
    assert.match(certificateNames(false)(["*.example.com"])?.expected ?? "", /a wildcard needs dns01/);
  });

  it("are 100 at most, each once, whatever its spelling", () => {
    const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `a${index}.example.com`);
    assert.equal(rule(many(100)), undefined);
    assert.ok(rule(many(101)));
    assert.ok(rule([]));
    assert.match(rule(["bücher.example", "XN--BCHER-KVA.example"])?.got ?? "", /twice/);
  });
});
