import { Exit, type ExitCode } from "../errors.ts";

/** Reports a bug in this program, with the only stack trace it ever shows, and returns the exit code. */
export function reportBug(error: unknown, write: (text: string) => void): ExitCode {
  const stack = error instanceof Error ? error.stack ?? error.message : String(error);
  write(
    `onelogin-aws-assume-role: error: this is a bug in onelogin-aws-assume-role, not something you did\n` +
      `onelogin-aws-assume-role: hint: please report it with the lines below; check them for secrets first\n` +
      `${stack}\n`,
  );
  return Exit.bug;
}
