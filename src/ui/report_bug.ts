import { Exit, type ExitCode } from "../errors.ts";

/** Says that this program is wrong, with the only stack it ever shows, and gives the exit code for it. */
export function reportBug(error: unknown, write: (text: string) => void): ExitCode {
  const stack = error instanceof Error ? error.stack ?? error.message : String(error);
  write(
    `onelogin-aws-assume-role: error: this is a bug in onelogin-aws-assume-role, not something you did\n` +
      `onelogin-aws-assume-role: hint: please report it with the lines below; look through them for secrets first\n` +
      `${stack}\n`,
  );
  return Exit.bug;
}
