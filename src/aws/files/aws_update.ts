/** Writes the AWS files: edits them and reports the result. */

import { printable } from "../../errors.ts";
import { inPieces, type Pieces } from "../../io/pieces.ts";
import { type SafeFileDeps, type Update, type Updated, updateFiles, type UpdateOptions } from "../../io/safe_file.ts";
import type { EditedFile } from "./edit_file.ts";

export interface Written {
  /** The file that was written: the target of a symlink. */
  readonly path: string;
  readonly changed: boolean;
  readonly warnings: readonly string[];
}

/** An edit of an AWS file, and the warnings of its last run. */
export interface AwsUpdate extends Update {
  readonly warnings: () => readonly string[];
}

/** A missing file counts as empty. `change` may return undefined to leave the file unchanged. */
export function awsUpdate(
  deps: SafeFileDeps,
  path: string,
  change: (bytes: Uint8Array<ArrayBuffer>) => Pieces<EditedFile | undefined>,
): AwsUpdate {
  let warnings: readonly string[] = [];
  return {
    path,
    warnings: () => warnings,
    async edit(old) {
      const edited = await inPieces(change(old ?? new Uint8Array()), deps);
      warnings = edited?.warnings ?? [];
      return edited?.bytes;
    },
  };
}

/** Writes one AWS file. */
export async function writeAwsFile(
  deps: SafeFileDeps,
  update: AwsUpdate,
  options: UpdateOptions,
): Promise<Written> {
  const [written] = await writeAwsFiles(deps, [update], options);
  return written ?? { path: update.path, changed: false, warnings: [] };
}

/** Writes all of them or none. */
export async function writeAwsFiles(
  deps: SafeFileDeps,
  updates: readonly AwsUpdate[],
  options: UpdateOptions,
): Promise<readonly Written[]> {
  const done = await updateFiles(deps, updates, options);
  return done.map((updated, index) => ({
    path: updated.path,
    changed: updated.changed,
    warnings: [...updates[index]?.warnings() ?? [], ...modeWarnings(updated)],
  }));
}

/** A warning that other users could use the file, or still can. */
function modeWarnings({ path, changed, looseMode }: Updated): readonly string[] {
  if (looseMode === undefined) return [];
  const bits = looseMode.toString(8).padStart(3, "0");
  const name = `"${printable(path)}"`;
  return [
    changed
      ? `other users could access ${name} (mode ${bits}); changed it to mode 600`
      : `other users can access ${name} (mode ${bits}); to prevent that: chmod 600 ${name}`,
  ];
}
