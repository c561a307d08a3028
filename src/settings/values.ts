/**
 * Validates and normalises each value: one function each, whether the value comes from the command
 * line, the environment, a file or an answer. No later room checks or changes a value again.
 */

import { nearestRegion } from "../aws/nearest_region.ts";
import { checkRegion } from "../aws/partitions.ts";
import { Exit, printable, UserError } from "../errors.ts";
import type { Prompter, Question, Reporter } from "../io/prompter.ts";

/** The normalised value, or why it cannot be used and what to do. A `problem` never contains a secret. */
export type Checked<T> = { readonly value: T } | { readonly problem: string; readonly hint: string };

/** Reads one value from a trimmed text, which a problem calls `shown`: the text itself in quotes, if it is no secret. */
export type ReadValue<T = string> = (text: string, shown?: string) => Checked<T>;

function inQuotes(text: string): string {
  return `"${printable(text, 60)}"`;
}

/** The first label of the account's host. People paste the whole host or URL. */
export const readSubdomain: ReadValue = (text) => {
  const host = text.trim().replace(/^https?:\/\//i, "");
  return { value: /^([^/]+)\.onelogin\.com(?:\/.*)?$/i.exec(host)?.[1] ?? host };
};

/** Whether a subdomain is one host name label, as in OneLogin. */
export function isHostLabel(value: string): boolean {
  return /^[a-z0-9][a-z0-9-]*$/i.test(value);
}

/** A text that is posted. The runtime replaces bytes that are not UTF-8 with U+FFFD: never the right password. */
export const readPosted: ReadValue = (text) =>
  text.includes("\ufffd")
    ? { problem: "it is not UTF-8 text", hint: "set the terminal to UTF-8, or convert it: iconv -f latin1 -t utf-8" }
    : { value: text };

/** The id of the AWS app. People paste the URL that launches the app, or of its administration page. */
export const readAppId: ReadValue = (text, shown = inQuotes(text)) => {
  const id = /\.onelogin\.com\/(?:[\w-]+\/)*(?:launch|apps)\/(\d+)(?:[/?#].*)?$/i.exec(text.trim())?.[1] ?? text;
  return /^\d+$/.test(id) ? { value: id } : {
    problem: `${shown} is not a number`,
    hint: "the app id is the number in the URL of the app's page in OneLogin",
  };
};

/** Seconds from 900 to 43200, or "max". */
export const readDuration: ReadValue<number | "max"> = (text, shown = printable(text, 40)) => {
  if (text === "max") return { value: text };
  const seconds = Number(text);
  return /^\d+$/.test(text) && seconds >= 900 && seconds <= 43200 ? { value: seconds } : {
    problem: `${shown} is not a lifetime that AWS accepts`,
    hint: 'use 900 to 43200 seconds, or "max"',
  };
};

export const readOneloginRegion: ReadValue<"us" | "eu"> = (text, shown = inQuotes(text)) => {
  const value = text.toLowerCase();
  return value === "us" || value === "eu"
    ? { value }
    : { problem: `${shown} is not "us" or "eu"`, hint: 'set it to "us" or "eu"' };
};

/** A variable that turns something on. */
export const readSwitch: ReadValue<boolean | undefined> = (text, shown = inQuotes(text)) => {
  const value = text.trim().toLowerCase();
  if (value === "") return { value: undefined };
  if (["1", "true", "yes", "on"].includes(value)) return { value: true };
  if (["0", "false", "no", "off"].includes(value)) return { value: false };
  return { problem: `${shown} is neither 1 nor 0`, hint: "set it to 1 or 0" };
};

/** A client id or secret. Both travel in a header, which takes printable ASCII only (RFC 9110, 5.5). */
export const readApiCredential: ReadValue = (text) =>
  /^[\x21-\x7e]+$/.test(text) ? { value: text } : {
    problem: "it contains a space or a character that is not ASCII",
    hint: "copy it again from OneLogin: Administration > Developers > API Credentials",
  };

/** The region becomes part of a host name, so it must look like a region. */
export const readAwsRegion: ReadValue = (text, shown = inQuotes(text)) => {
  const value = text.toLowerCase();
  if (checkRegion(value) !== "malformed") return { value };
  const nearest = nearestRegion(text);
  return {
    problem: `${shown} is not an AWS region`,
    hint: nearest === undefined
      ? "use a region such as us-west-2, eu-central-1 or us-gov-west-1: --aws-region REGION"
      : `did you mean "${nearest}"?`,
  };
};

/** An account id as the console shows it, `1234-5678-9012`, without hyphens; an alias is not changed. */
export function withoutHyphens(account: string): string {
  return /^\d{4}-\d{4}-\d{4}$/.test(account) ? account.replaceAll("-", "") : account;
}

/** The answer to a question; an invalid answer is asked for again. It is not quoted: it may be a password out of its turn. */
export async function askValue<T>(
  { prompter, reporter }: { readonly prompter: Prompter; readonly reporter: Reporter },
  question: Question & { readonly fallback?: string },
  read: ReadValue<T>,
): Promise<T> {
  while (true) {
    const checked = read((await prompter.text(question)).trim(), "it");
    if ("value" in checked) return checked.value;
    // The Python tool would accept it: the next line of a script answers the next question.
    if (prompter.piped && question.fallback === undefined) {
      throw new UserError(`cannot use the answer to ${JSON.stringify(question.line.trim())}: ${checked.problem}`, {
        exit: Exit.input,
        hint: [checked.hint, `or use ${question.option}`],
      });
    }
    reporter.warn(`cannot use this: ${checked.problem}; ${checked.hint}`);
  }
}
