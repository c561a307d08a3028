/** Work on a path whose system errors become {@linkcode FileError}s. */

export const NOT_A_FILE = "not a regular file";

/** The result; undefined if there is no such file. */
export async function orUndefined<T>(path: string, work: () => T): Promise<T | undefined> {
  try {
    return work();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw await asFileError(path, error);
  }
}

/** The result, which cannot be missing. */
export async function named<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw await asFileError(path, error);
  }
}

/** Loads the names of all errors only when there is one. */
async function asFileError(path: string, error: unknown): Promise<unknown> {
  return (await import("./system_errors.ts")).fileError(path, error);
}
