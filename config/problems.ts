import { judge, nearest, type Problem } from "../components/internal";
import { newPlaceOf } from "./flat-keys";
import { valueAt } from "./read";
import { OWN, STACK } from "./stack";

/** The problems of keys that nothing knows: with their new place, where 0.1.0 knew them. */
export function unknownKeys(keys: readonly string[], file: string): Problem[] {
  const known = Object.keys(STACK.members ?? {});
  return keys
    .filter((key) => !known.includes(key))
    .map((property) => {
      const expected = "a setting that exists";
      const place = newPlaceOf(property);
      if (place !== undefined) {
        const now = place.includes(" ") && !place.includes(" and ") ? place : `it is ${place} now`;
        const advice = `${now}; npm run migrate -- --config ${file} moves every setting of 0.1.0`;
        return { property, expected, got: "one of 0.1.0", advice };
      }
      const near = nearest(property, known);
      const advice = near === undefined ? "remove it" : `did you mean ${near}? Rename it, or remove it`;
      return { property, expected, got: "an unknown one", advice };
    });
}

/** The problems of what is the stack's own. */
export function ownProblems(values: Record<string, unknown>): Problem[] {
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(OWN)) judge(value, values[name], name, { root: STACK, problems });
  return problems;
}

/** The problem with the command that puts it right, where there is one. */
export function advised(problem: Problem): Problem {
  const { property, got, advice } = problem;
  const path = /^[A-Za-z]+$/.test(property) ? property : `--path '${property}'`;
  if (got === "an unknown one") return { ...problem, advice: `${advice}: pulumi config rm ${path}` };
  const value = valueAt(STACK, property);
  if (got !== "nothing" || !value || value.members || value.each) return problem;
  const command = value.secret ? `pulumi config set --secret ${path} < file` : `pulumi config set ${path} <value>`;
  return { ...problem, advice: `${advice}: ${command}` };
}
