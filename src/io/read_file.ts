/** Reading existing files that may be unreadable. */

import { Exit, printable, UserError } from "../errors.ts";
import { FileError, type FileFacts, type Files } from "./deps.ts";
import { lookAt } from "./paths.ts";

/**
 * The bytes of a file, or undefined when there is none.
 *
 * @throws UserError exit 2 when it exists and cannot be read
 */
export async function readFile(
  files: Pick<Files, "read">,
  path: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await files.read(path);
  } catch (error) {
    throw error instanceof FileError ? cannotRead(path, error) : error;
  }
}

const REASONS: { readonly [K in FileError["kind"]]?: string } = {
  denied: "permission denied",
  directory: "it is a folder",
  blocked: "the sandbox does not allow it",
};

export function cannotRead(path: string, error: FileError): UserError {
  const reason = REASONS[error.kind] ?? printable(error.message);
  return new UserError(`cannot read "${printable(path)}": ${reason}`, {
    exit: Exit.usage,
    hint: checkOwner(path),
    cause: error,
  });
}

/** The hint for a file or folder that exists and may not be used. */
export function checkOwner(path: string): string {
  return `check its permissions: ${lookAt(path)}`;
}

/** The result of reading the disk; undefined if that is not allowed or fails. */
export async function unlessUnreadable<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}

/** Whether other users can write a file or folder. A group with the id of its user contains only that user. */
export function othersCanWrite({ mode = 0, owner, group }: FileFacts): boolean {
  return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && (owner === undefined || group !== owner));
}
