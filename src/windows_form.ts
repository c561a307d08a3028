/** Text with `~/.aws` and `~/.onelogin` as Windows knows it: `%USERPROFILE%\.aws`. */
export function inWindowsForm(text: string): string {
  return text.replace(
    /~\/\.(?:aws|onelogin)[\w./*-]*/g,
    (path) => `%USERPROFILE%${path.slice(1).replaceAll("/", "\\")}`,
  );
}
