/** What this house overdoes, and what a native engineer would say: for `npm run lint` and for the documents. */
export const WORDS = [
  [/(?<!\b(leav\w*|left|let|stands?)\b[^.;]{0,40})\balone\b/i, "only"],
  [/\bmend(s|ed|ing)?\b/i, "fix, repair, correct"],
  [/\bas ever\b/i, "as before"],
  [/\bnobody but\b/i, "only"],
  [/\b(bears?|borne)\b/i, "tolerate, accept"],
  [/\bholds? (such )?(network ?)?polic/i, "enforces"],
  [/\bplain (list|presence)\b|(^|[^a-z] )Plain[.,] /, "not an output"],
  [/\banother\b[^.;]{0,30}\bthan\b/i, "a different ... from, other than"],
  [/\bof before\b/i, "former, earlier"],
];

/** The words of the list in a text, each with what to say instead. */
export function overdone(text) {
  return WORDS.flatMap(([pattern, better]) => {
    const found = pattern.exec(text.replace(/\s*\n\s*(\*|\/\/|#)?\s*/g, " "));
    return found ? [`"${found[0].trim()}": say ${better}`] : [];
  });
}

/** The ESLint rule: in comments, in texts and in the fixed parts of templates. */
export const rule = {
  meta: { type: "suggestion", schema: [] },
  create(context) {
    const look = (node, text) => overdone(text).forEach((message) => context.report({ node, message }));
    return {
      Program: () => context.sourceCode.getAllComments().forEach((comment) => look(comment, comment.value)),
      Literal: (node) => typeof node.value === "string" && look(node, node.value),
      TemplateElement: (node) => look(node, node.value.raw),
    };
  },
};
