/** The system's errors as {@linkcode FileError}s. */

import { FileError } from "./deps.ts";

/** Maps Deno's error classes and the system's error codes to the kinds that the program uses. */
export function fileError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof FileError) return error;
  const kind = kindOf(error);
  if (kind === undefined) return error;
  // "No space left on device (os error 28): write '/path'": the caller adds the path itself.
  return new FileError(kind, path, error.message.replace(/(\(os error \d+\)):.*$/s, "$1"));
}

/** The kind of a system error; undefined for any other error. */
export function kindOf(error: Error): FileError["kind"] | undefined {
  // Node's functions put the code into the message.
  const code = "code" in error && typeof error.code === "string"
    ? error.code
    : /^(E[A-Z]+): /.exec(error.message)?.[1] ?? "";
  const windowsCode = /\(os error (\d+)\)/.exec(error.message)?.[1];
  if (error instanceof Deno.errors.NotCapable) return "blocked";
  if (code === "ENOSPC" || code === "EDQUOT" || /\(os error (122|69)\)/.test(error.message) && code === "") {
    return "full";
  }
  if (code === "EROFS") return "read-only";
  if (code === "EBUSY" || code === "ETXTBSY" || error instanceof Deno.errors.Busy) return "busy";
  // ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION: another process has the file open for now.
  if (Deno.build.os === "windows" && (windowsCode === "32" || windowsCode === "33")) return "busy";
  if (error instanceof Deno.errors.NotFound || code === "ENOENT") return "missing";
  if (error instanceof Deno.errors.PermissionDenied || code === "EACCES" || code === "EPERM") return "denied";
  if (error instanceof Deno.errors.AlreadyExists || code === "EEXIST") return "exists";
  if (error instanceof Deno.errors.IsADirectory || code === "EISDIR") return "directory";
  if (code !== "" || windowsCode !== undefined || isSystemError(error)) return "other";
  // The runtime's message when even the root is missing: a Windows drive.
  if (error.message.startsWith("failed to create whole tree")) return "missing";
  // The runtime appends what it did: "…: mkdir 'Q:\x'".
  return /: [a-z]+ '.*'$/s.test(error.message) ? "other" : undefined;
}

function isSystemError(error: Error): boolean {
  return Object.values(Deno.errors).some((kind) => error instanceof kind);
}

/** Network folders may lack locks (ENOLCK, ENOSYS) and flush (EINVAL). Numbers of Linux, then of macOS. */
export function isMissingInSystem(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return /^(?:ENOLCK|ENOSYS|EINVAL|ENOTSUP|EOPNOTSUPP)$/.test(code) ||
    /\(os error (?:37|38|22|95|77|78|45|102)\)|^(?:ENOLCK|ENOSYS|EINVAL|ENOTSUP|EOPNOTSUPP):/.test(error.message);
}
