/** Feeds the targets and keeps what breaks a rule. */
import process from "node:process";
import { UserError } from "../../src/errors.ts";
import { dice, EVERYWHERE, lengthen, mutate } from "./mutate.ts";
import { CANARY, type Target } from "./targets.ts";

/** Milliseconds for one input. */
const HANG_MS = 1000;

export interface Failure {
  readonly target: string;
  readonly why: string;
  readonly input: string;
}

interface Tally {
  readonly target: string;
  inputs: number;
  /** Inputs that were understood. */
  accepted: number;
  /** Milliseconds. */
  slowest: number;
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Feeds one input; reports what is wrong with that, or whether the input was understood. */
export async function feed(target: Target, input: string, seed: number): Promise<{ accepted: boolean; why?: string }> {
  let said: readonly string[];
  let accepted = false;
  try {
    said = await target.feed(input, dice(seed));
    accepted = true;
  } catch (error) {
    if (!(error instanceof UserError)) {
      return {
        accepted,
        why: error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : String(error),
      };
    }
    said = [error.message, ...error.hints];
  }
  const text = said.join("\n");
  // deno-lint-ignore no-control-regex
  const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/.exec(text);
  if (control && !target.quotes) {
    return { accepted, why: `prints a control character: ${JSON.stringify(text).slice(0, 200)}` };
  }
  if (control && target.quotes && control[0] === "\u001b") return { accepted, why: "prints an escape sequence" };
  if (!target.quotes && text.includes(CANARY) && staysSecret(input)) {
    return { accepted, why: `prints a secret: ${text.slice(0, 200)}` };
  }
  return { accepted };
}

/** A mutation may have moved the secret to where words stand; then it is not one. */
function staysSecret(input: string): boolean {
  const places = input.split(CANARY).slice(0, -1);
  return places.every((before) =>
    /(?:"(?:data|state_token|access_token|client_secret|password)"\s*:\s*(?:\[\s*)?"|<SecretAccessKey>|aws_\w+ = )$/
      .test(before)
  );
}

/** Characters of an input that repeats itself: a pattern that takes a second for it would take minutes for 1 MiB. */
const LONG = 120_000;

/**
 * Feeds every target each word it knows, or one in `every`, repeated to {@linkcode LONG} characters somewhere in a seed. Time
 * is that of the processor: other programs must not make a finding.
 */
export async function fuzzLong(
  targets: readonly Target[],
  options: { readonly every?: number; readonly seed: number },
): Promise<{ readonly tallies: readonly Tally[]; readonly failures: readonly Failure[] }> {
  const roll = dice(options.seed);
  const failures: Failure[] = [];
  const tallies: Tally[] = [];
  for (const target of targets) {
    const tally: Tally = { target: target.name, inputs: 0, accepted: 0, slowest: 0 };
    tallies.push(tally);
    const words = [...target.words, ...EVERYWHERE].filter((word) => word !== "");
    for (const word of words.filter((_, index) => index % (options.every ?? 1) === 0)) {
      const input = lengthen(roll, target.seeds, word, LONG);
      const start = processorMs();
      const { accepted, why } = await feed(target, input, roll.below(0x7fffffff));
      const took = processorMs() - start;
      tally.inputs++;
      if (accepted) tally.accepted++;
      tally.slowest = Math.max(tally.slowest, took);
      const wrong = why ?? (took > HANG_MS ? `took ${Math.round(took)} ms` : undefined);
      if (wrong !== undefined) failures.push({ target: target.name, why: `${wrong} (${JSON.stringify(word)})`, input });
    }
  }
  return { tallies, failures };
}

/** Feeds `inputs` inputs of the seed. The same seed gives the same inputs. */
export async function fuzz(
  targets: readonly Target[],
  options: {
    readonly inputs: number;
    readonly seed: number;
    readonly untilMs?: number;
    readonly hangMs?: number;
    readonly onProgress?: (done: number) => void;
  },
): Promise<{ readonly tallies: readonly Tally[]; readonly failures: readonly Failure[] }> {
  const roll = dice(options.seed);
  const wheel = targets.flatMap((target) => Array.from({ length: target.share }, () => target));
  const tallies = new Map(targets.map((target): [string, Tally] => [
    target.name,
    { target: target.name, inputs: 0, accepted: 0, slowest: 0 },
  ]));
  const failures: Failure[] = [];
  for (let done = 0; done < options.inputs; done++) {
    if (done % 1000 === 0) {
      options.onProgress?.(done);
      if (options.untilMs !== undefined && Date.now() >= options.untilMs) break;
    }
    const target = roll.pick(wheel);
    const input = mutate(roll, target.seeds, target.words);
    const tally = tallies.get(target.name)!;
    const start = performance.now();
    const { accepted, why } = await feed(target, input, roll.below(0x7fffffff));
    const took = performance.now() - start;
    tally.inputs++;
    if (accepted) tally.accepted++;
    tally.slowest = Math.max(tally.slowest, took);
    const wrong = why ?? (took > (options.hangMs ?? HANG_MS) ? `took ${Math.round(took)} ms` : undefined);
    if (wrong !== undefined && failures.length < 1000) failures.push({ target: target.name, why: wrong, input });
  }
  return { tallies: [...tallies.values()], failures };
}
