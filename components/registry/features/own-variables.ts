import type * as yaml from "yaml";
import { isTable } from "../../checks/judge";
import type { Problem } from "../../checks/problems";
import { isYaml } from "../environment";

/**
 * What is wrong with variables that the user has written, and that the registry reads as YAML: it does not start with
 * some, and takes others for what they are not. A text in quotes, a list in brackets and a table in braces are plain.
 * @param at Where they are: "registry.environment".
 * @param secret True if no value may be shown; such a variable is a text, so a number is taken for a mistake.
 */
export function variableProblems(at: string, variables: unknown, { secret }: { secret: boolean }): Problem[] {
  if (!isTable(variables)) return [];
  return Object.entries(variables).flatMap(([name, value]) => {
    if (!isYaml(name) || typeof value !== "string" || value === "") return [];
    const fault = faultOf(value, secret);
    if (fault === undefined) return [];
    const expected = "a text that stays what it is when the registry reads it as YAML";
    const got = secret ? `one that ${fault}` : `${JSON.stringify(value)}, which ${fault}`;
    const advice = "put it in double quotes of its own within the value, a list in [ ], a table in { }";
    return [{ property: `${at}.${name}`, expected, got, advice }];
  });
}

function faultOf(text: string, isText: boolean): string | undefined {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- not to be loaded where no such variable is given
  const { isAlias, isCollection, isScalar, parseDocument } = require("yaml") as typeof yaml;
  const { errors, contents } = parseDocument(text, { version: "1.1" });
  if (errors.length > 0 || isAlias(contents) || contents === null) return "is no YAML";
  if ([contents.comment, contents.anchor, contents.tag?.startsWith("!")].some(Boolean)) return "is cut";
  if (isCollection(contents)) return contents.flow ? undefined : "is a table or list to it";
  const plain = isScalar(contents) && contents.type === "PLAIN" ? typeof contents.value : "string";
  return isText && plain !== "string" ? `is a ${plain} to it` : undefined;
}
