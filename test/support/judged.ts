import { judge } from "../../components/checks/judge";
import { type Problem, sentence } from "../../components/checks/problems";
import type { Value } from "../../components/checks/value";

/**
 * What is said of a value under the path `it`, a line each; with a root, under the path of the arguments themselves.
 */
export function judged(value: Value, given: unknown, root?: Value): string[] {
  const problems: Problem[] = [];
  judge(value, given, root ? "" : "it", { root: root ?? value, problems });
  return problems.map(sentence);
}
