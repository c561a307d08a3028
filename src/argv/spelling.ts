/** Suggestions for mistyped words. */

/** The number of single-letter changes (insert, delete, replace, swap of neighbours) between two words. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** The most likely name for a mistyped word: at most a third of its letters are wrong. */
export function closest(word: string, names: readonly string[]): string | undefined {
  if (word.length > 60) return undefined;
  const lower = word.toLowerCase();
  let found: string | undefined;
  let least = Math.max(1, Math.floor(word.replace(/^-+/, "").length / 3)) + 1;
  for (const name of names) {
    const wrong = distance(lower, name.toLowerCase());
    if (wrong < least) {
      least = wrong;
      found = name;
    }
  }
  return found;
}

/** The hint for a mistyped word; empty when no name is near. */
export function didYouMean(word: string, names: readonly string[]): readonly string[] {
  const near = closest(word, names);
  return near === undefined ? [] : [`did you mean "${near}"?`];
}
