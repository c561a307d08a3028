/** AWS account ids. */

/** An account id as the console shows it, `1234-5678-9012`, without its hyphens; anything else only trimmed. */
export function normalAccountId(text: string): string {
  const trimmed = text.trim();
  return /^\d{4}-\d{4}-\d{4}$/.test(trimmed) ? trimmed.replaceAll("-", "") : trimmed;
}
