import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { clientOf } from "../../components/nginx/gateway/access-question";

/** The map as nginx reads it: the first pattern that fits, or the default. */
const RULES = clientOf("x").flatMap((line) => {
  const [, pattern, value] = /^ +"~(.*)" "(.*)";$/.exec(line) ?? [];
  return pattern === undefined ? [] : [{ pattern: new RegExp(pattern.replace("\\z", "$")), value: value ?? "" }];
});
const mapped = (address: string): string => {
  const rule = RULES.find(({ pattern }) => pattern.test(address));
  const found = rule?.pattern.exec(address) ?? [];
  return rule === undefined ? address : rule.value.replace(/\$(\d)/g, (_, at: string) => found[Number(at)] ?? "");
};

/** Eight groups as nginx prints them (ngx_inet6_ntop): the first longest run of two or more zeros is "::". */
function printed(groups: readonly number[]): string {
  let [from, length] = [-1, 1];
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (groups[end] === 0 && end < 8) end++;
    if (end - at > length) [from, length] = [at, end - at];
  }
  const hex = groups.map((group) => group.toString(16));
  if (from < 0) return hex.join(":");
  return `${hex.slice(0, from).join(":")}::${hex.slice(from + length).join(":")}`;
}

describe("whose guesses are counted together", () => {
  const group = fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  const address = fc.array(group, { minLength: 8, maxLength: 8 });

  it("is the /64 of an IPv6 address, however it is printed", () => {
    fc.assert(
      fc.property(address, address, (one, other) => {
        fc.pre(one.slice(0, 5).some((part) => part !== 0));
        assert.equal(
          mapped(printed(one)),
          one
            .slice(0, 4)
            .map((part) => part.toString(16))
            .join(":"),
        );
        const near = [...one.slice(0, 4), ...other.slice(4)];
        fc.pre(near.slice(0, 5).some((part) => part !== 0));
        assert.equal(mapped(printed(near)), mapped(printed(one)));
      }),
      { numRuns: 5000 },
    );
  });

  it("is an IPv4 address by itself, also in its IPv6 form", () => {
    fc.assert(fc.property(fc.ipV4(), (one) => assert.equal(mapped(one), one)));
    assert.equal(mapped("::ffff:192.0.2.1"), "192.0.2.1");
  });
});
