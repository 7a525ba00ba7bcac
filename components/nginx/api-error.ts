/** An error as the registry's API tells it (distribution specification, "Error Codes"), as a word of nginx. */
export function apiError(code: string, message: string): string {
  return `'{"errors":[{"code":"${code}","message":"${message.replace(/'/g, "\\'")}"}]}'`;
}
