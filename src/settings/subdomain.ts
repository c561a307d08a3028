/** People type the whole host; the API wants its first part. */
export function bareSubdomain(typed: string): string {
  return typed.trim().replace(/^https?:\/\//i, "").replace(/\.onelogin\.com\/?$/i, "");
}
