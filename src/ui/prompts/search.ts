/** Searches a menu: which choices match, and which matches best. */

/**
 * How well a choice matches the typed words: each must be somewhere in the label or the hint.
 *
 * @param apart the letters of a word may be apart in the label, in order (`prdadm` finds `Prod Admin`).
 * @returns undefined when a word is missing; higher is better.
 */
export function matchScore(search: string, label: string, hint: string, apart: boolean): number | undefined {
  const [text, more] = [label.toLowerCase(), hint.toLowerCase()];
  let total = 0;
  for (const word of search.toLowerCase().split(/\s+/).filter((each) => each !== "")) {
    const score = wordScore(word, text) ?? (apart ? scattered(word, text) : undefined) ??
      (more.includes(word) ? 0 : undefined);
    if (score === undefined) return undefined;
    total += score;
  }
  return total;
}

const WHOLE = 1000;
const AT_START = 500;

function wordScore(word: string, text: string): number | undefined {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (startsWord(text, at)) return WHOLE + AT_START - at;
  }
  const at = text.indexOf(word);
  return at >= 0 ? WHOLE - at : undefined;
}

function startsWord(text: string, at: number): boolean {
  return at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1] ?? "");
}

/** Letters in order: better with fewer letters in between, and with more of them at the start of a word. */
function scattered(word: string, text: string): number | undefined {
  let from = 0;
  let score = 0;
  let last: number | undefined;
  for (const letter of word) {
    const at = text.indexOf(letter, from);
    if (at < 0) return undefined;
    score += (startsWord(text, at) ? 10 : 0) - (last === undefined ? 0 : at - last - 1);
    [from, last] = [at + letter.length, at];
  }
  return Math.min(score, WHOLE - text.length);
}

/**
 * The indexes of the choices in display order: matches first, best on top, equal ones in their order. Letters that
 * are apart count only if nothing else matches.
 */
export function ranked(search: string, choices: readonly { readonly label: string; readonly hint?: string }[]): {
  readonly order: readonly number[];
  readonly matches: ReadonlySet<number>;
} {
  const scoresOf = (apart: boolean) =>
    choices.map(({ label, hint = "" }) => search.trim() === "" ? 0 : matchScore(search, label, hint, apart));
  const strict = scoresOf(false);
  const scores = strict.some((score) => score !== undefined) ? strict : scoresOf(true);
  const matches = new Set(scores.flatMap((score, place) => score === undefined ? [] : [place]));
  const order = choices.map((_, place) => place).toSorted((a, b) =>
    (scores[b] ?? -Infinity) - (scores[a] ?? -Infinity) || a - b
  );
  return { order, matches };
}
