import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Checker } from "../../components/checks/checker";
import { from, originOf, placeIn } from "../../components/checks/origin";
import { originOf as registryOrigin } from "../../components/private-registry/origins";
import { list, text, wholeNumber } from "../../components/checks/value";
import { valueOf } from "../../rig/pulumi/mocks";

const NAMES = list(text({ max: 3 }), { of: "names" });

describe("a part of a registry", () => {
  const origin = { subject: 'Registry "main"', places: { "": "certificate", names: "registryHost", "a.b": "c.d" } };

  it("reports late problems in the words of who made the registry", async () => {
    const args = from(origin, { size: pulumi.output(10), names: [pulumi.output("long")] });
    const checker = new Checker('Part "main-part"', args);
    const input = checker.read({ size: wholeNumber({ min: 1, max: 9, default: 1 }), names: NAMES }, args);
    checker.done();
    const said = (late: pulumi.Output<unknown>, message: RegExp) => assert.rejects(valueOf(late), { message });
    await said(input.size, /^Registry "main": 1 setting is not right\n {2}- certificate\.size must be 1-9, got 10;/);
    assert.ok(input.names);
    await said(input.names, /^Registry "main": 1 setting is not right\n {2}- registryHost\[0\] must be/);
    assert.equal(originOf(args), origin);
    assert.equal(originOf({ ...args }), undefined);
  });

  it("has its paths where the longest name of them is", () => {
    const places = ["names", "names[1]", "namesake", "a.b", "a.b.e", "a.bc", "x"].map((each) => placeIn(origin, each));
    assert.deepEqual(places, [
      "registryHost",
      "registryHost[1]",
      "certificate.namesake",
      "c.d",
      "c.d.e",
      "certificate.a.bc",
      "certificate.x",
    ]);
    assert.equal(placeIn({ subject: "", places: { a: "b", "a[0]": "c" } }, "a[0].d"), "c.d");
    assert.equal(placeIn({ subject: "", places: { a: "b" } }, "x.a"), "x.a");
  });

  it("has the names of a certificate where the user wrote each", () => {
    const place = (part: "responder" | "certificate", each: string): string =>
      placeIn(registryOrigin("main", part), each);
    assert.equal(place("responder", "names[0]"), "registryHost");
    assert.equal(place("responder", "names[1]"), "ui.host");
    assert.equal(place("responder", "gateways[1].hostKey"), "gateways[1].hostKey");
    assert.equal(place("certificate", "names"), "registryHost");
    assert.equal(place("certificate", "dns01.hook.command"), "certificate.dns01.hook.command");
  });
});

describe("a checker in the package's plugin", () => {
  it("throws the engine's own error, with every path by itself", () => {
    const script = `
      require("./components/served").serve();
      const pulumi = require("@pulumi/pulumi");
      const { Checker } = require("./components/checks/checker");
      const { from } = require("./components/checks/origin");
      const args = from({ subject: 'Registry "main"', places: { a: "registry.a" } }, { a: "", b: 0 });
      const checker = new Checker("Part", args);
      checker.add({ property: "a", expected: "a word", got: '""', advice: "correct it, or leave it out" });
      const expected = "a whole number from 1 on";
      checker.add({ property: "b", expected, got: "0", advice: "leave it out to use 2" });
      try { checker.done(); } catch (error) {
        const own = pulumi.InputPropertiesError.isInstance(error) && !pulumi.RunError.isInstance(error);
        console.log(JSON.stringify([own, error.message, error.errors]));
      }`;
    const options = ["-r", "ts-node/register/transpile-only", "-e", script];
    const cwd = path.join(__dirname, "../..");
    const said = JSON.parse(execFileSync(process.execPath, options, { cwd, encoding: "utf8" })) as unknown[];
    assert.deepEqual(said, [
      true,
      'Registry "main": 2 settings are not right\n' +
        '  - registry.a must be a word, got ""; correct it, or leave it out\n' +
        "  - b must be a whole number from 1 on, got 0; leave it out to use 2",
      [
        {
          propertyPath: "registry.a",
          reason: 'must be a word, got ""; correct it, or leave it out',
        },
        { propertyPath: "b", reason: "must be a whole number from 1 on, got 0; leave it out to use 2" },
      ],
    ]);
  });
});
