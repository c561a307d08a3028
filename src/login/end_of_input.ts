/** What becomes of a question that nobody can answer. */

import { Exit, UserError } from "../errors.ts";

/** Where the input has ended, the first error says more than "no answer". */
export async function orElse<T>(error: UserError, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (refused) {
    throw refused instanceof UserError && refused.exit === Exit.input ? error : refused;
  }
}
