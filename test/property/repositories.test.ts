import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { expression, NAME, queryExpression, repositoryPattern } from "../../components/nginx/users/repositories";

/** What a pattern means, read the slow way: part by part, letter by letter. */
function means(pattern: string[], name: string[]): boolean {
  const [part, ...rest] = pattern;
  if (part === undefined) return name.length === 0;
  if (part === "**") return name.some((_, index) => means(rest, name.slice(index + 1)));
  const [first, ...others] = name;
  if (first === undefined) return false;
  const [before = "", after] = part.split("*");
  const fits =
    after === undefined
      ? first === before
      : first.length >= before.length + after.length && first.startsWith(before) && first.endsWith(after);
  return fits && means(rest, others);
}

const word = fc.stringMatching(/^[ab](?:[._-]?[ab]){0,2}$/);
const part = fc.oneof(
  word,
  fc.constant("*"),
  fc.tuple(word, fc.constantFrom("*")).map((both) => both.join("")),
  word.map((text) => `*${text}`),
  fc.tuple(word, word).map((both) => both.join("*")),
);
const pattern = fc
  .tuple(fc.array(part, { maxLength: 3 }), fc.boolean(), fc.array(part, { maxLength: 2 }))
  .map(([before, any, after]) => [...before, ...(any ? ["**"] : []), ...after].join("/"))
  .filter((text) => text !== "");
const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));

const anchored = (source: string): RegExp => new RegExp(`^(?:${source.replaceAll("\\z", "$")})$`);

describe("a pattern of repository names", () => {
  it("fits exactly the names that it says", () => {
    let fitting = 0;
    fc.assert(
      fc.property(pattern, name, (text, repository) => {
        assert.equal(repositoryPattern(text), undefined, text);
        const fits = anchored(expression(text)).test(repository);
        if (fits) fitting++;
        assert.equal(fits, means(text.split("/"), repository.split("/")), `${text} and ${repository}`);
      }),
      { numRuns: 5000 },
    );
    assert.ok(fitting > 200, `only ${fitting} names fitted`);
  });

  it("fits the same names in a query, with slashes encoded or not", () => {
    fc.assert(
      fc.property(pattern, name, fc.constantFrom("/", "%2F", "%2f"), (text, repository, slash) => {
        const fits = anchored(queryExpression(text)).test(repository.replaceAll("/", slash));
        assert.equal(fits, means(text.split("/"), repository.split("/")), `${text} and ${repository}`);
      }),
      { numRuns: 3000 },
    );
  });

  it("fits nothing that is no name", () => {
    const odd = fc.string({ unit: fc.constantFrom("a", "b", "/", ".", "-", "%2F", "%2f", "%61", "A", " ", "&", ";") });
    fc.assert(
      fc.property(pattern, odd, (text, other) => {
        const plain = other.replaceAll(/%2[Ff]/g, "/");
        if (!anchored(NAME).test(plain)) assert.equal(anchored(queryExpression(text)).test(other), false, other);
      }),
      { numRuns: 3000 },
    );
  });

  it("is compared in no time, whatever the name", () => {
    const started = performance.now();
    for (const text of ["a*a/**/*b*".slice(0, -1), "**/a", "*/*/*/**/*/*/*"]) {
      anchored(expression(text)).test(`${"a".repeat(4000)}${"/a".repeat(2000)}/c`);
    }
    assert.ok(performance.now() - started < 1000);
  });

  it("is refused if it is none", () => {
    for (const text of [
      "",
      "/a",
      "a/",
      "a//b",
      "A",
      "a**",
      "**/**",
      "a*b*c",
      "../a",
      ".",
      "a b",
      "a;b",
      'a"',
      "$a",
      "{",
      "a\n",
      "é",
      "a:1",
      "x".repeat(256),
    ]) {
      assert.notEqual(repositoryPattern(text), undefined, text);
    }
    assert.notEqual(repositoryPattern(7 as unknown as string), undefined);
    assert.equal(repositoryPattern("x".repeat(255)), undefined);
  });
});
