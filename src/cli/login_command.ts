import { Exit, type ExitCode } from "../errors.ts";
import type { Context } from "../login/context.ts";
import { login } from "../login/login.ts";
import { deliverer } from "./deliver.ts";

/** The command without a name: log in and deliver credentials. */
export async function loginCommand(context: Context): Promise<ExitCode> {
  await login(context, deliverer(context));
  return Exit.done;
}
