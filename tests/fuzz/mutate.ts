/** Inputs that are nearly right, the same for the same seed. */
import { mulberry32 } from "../../simulator/random.ts";

/** Numbers that differ and repeat. */
export interface Dice {
  /** 0 <= n < below, an integer. */
  below(limit: number): number;
  pick<T>(list: readonly T[]): T;
}

export function dice(seed: number): Dice {
  const next = mulberry32(seed);
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    pick(list) {
      const one = list[below(list.length)];
      if (one === undefined && list.length === 0) throw new Error("nothing to pick from");
      return one as (typeof list)[number];
    },
  };
}

/** What parsers trip over, whatever they parse. */
export const EVERYWHERE = [
  "",
  "\u0000",
  "\n",
  "\r\n",
  "\r",
  "\t",
  "\u001b[2J",
  "\u0007",
  "\u0085",
  "\u2028",
  "\u202e",
  "\ufeff",
  "\ud800",
  "💥",
  "ﬁ",
  "İ",
  " ",
  '"',
  "'",
  "\\",
  "=",
  ":",
  ",",
  "/",
  "[",
  "]",
  "{",
  "}",
  "<",
  ">",
  "&",
  "#",
  ";",
  "-",
  "--",
  "0",
  "-1",
  "1e999",
  "9007199254740993",
  "null",
  "true",
  "__proto__",
  "constructor",
  "toString",
  "%s",
  "${x}",
  "$(x)",
  "../..",
];

/** A seed with one piece of a word or two repeated to some `length` characters: what makes a pattern start over. */
export function lengthen(roll: Dice, seeds: readonly string[], word: string, length: number): string {
  const text = roll.pick(seeds);
  const at = roll.below(text.length + 1);
  const piece = word + (roll.below(3) === 0 ? roll.pick(EVERYWHERE) : "");
  const long = piece.repeat(Math.ceil(length / piece.length));
  return text.slice(0, at) + long + text.slice(Math.min(text.length, at + roll.below(20)));
}

/** A seed with some places changed; now and then one that is made of the dictionary alone. */
export function mutate(roll: Dice, seeds: readonly string[], words: readonly string[]): string {
  const dictionary = [...words, ...EVERYWHERE];
  if (roll.below(50) === 0) return Array.from({ length: roll.below(30) }, () => roll.pick(dictionary)).join("");
  let text = roll.pick(seeds);
  for (let changes = 1 + roll.below(roll.below(4) === 0 ? 20 : 4); changes > 0; changes--) {
    const at = roll.below(text.length + 1);
    const to = Math.min(text.length, at + 1 + roll.below(roll.below(3) === 0 ? 200 : 8));
    switch (roll.below(9)) {
      case 0:
        text = text.slice(0, at) + text.slice(to);
        break;
      case 1:
      case 2:
      case 3:
        text = text.slice(0, at) + roll.pick(dictionary) + text.slice(at);
        break;
      case 4:
        text = text.slice(0, at) + roll.pick(dictionary) + text.slice(to);
        break;
      case 5: {
        const piece = text.slice(at, to);
        text = text.slice(0, at) + piece.repeat(1 + roll.below(roll.below(20) === 0 ? 300 : 3)) + text.slice(at);
        break;
      }
      case 6: {
        const other = roll.pick(seeds);
        const from = roll.below(other.length + 1);
        text = text.slice(0, at) + other.slice(from, from + roll.below(300)) + text.slice(to);
        break;
      }
      case 7:
        text = text.slice(0, at) + String.fromCharCode(roll.below(roll.below(2) ? 0x80 : 0x10000)) + text.slice(at + 1);
        break;
      case 8:
        if (roll.below(4) === 0) text = text.slice(0, at);
        break;
    }
  }
  return text;
}
