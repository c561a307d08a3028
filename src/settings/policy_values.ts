/** The parts of a session policy as texts. */

import { printable } from "../errors.ts";
import { plainJson } from "./json.ts";
import type { ReadValue } from "./values.ts";

export const POLICY_ARN = /^arn:aws[a-z-]*:iam::(?:aws|\d{12}):policy\/[\w+=,.@/-]+$/;
const POLICY_CHARACTERS = /^[\t\n\r\x20-\xff]*$/;

export const readPolicyArn: ReadValue = (text) =>
  POLICY_ARN.test(text.trim()) ? { value: text.trim() } : {
    problem: `"${printable(text, 200)}" is not the ARN of a managed policy`,
    hint: "such an ARN looks like arn:aws:iam::aws:policy/ReadOnlyAccess",
  };

/** A policy as JSON, without the spaces between its words. */
export const readPolicy: ReadValue = (text) => {
  const bad = (problem: string) => ({ problem, hint: POLICY_HINT });
  const root = plainJson(text);
  if (root === undefined) return bad("it is not JSON, or has a name twice");
  if (root.kind !== "object" || !root.members.some(({ name }) => name === "Statement")) {
    return bad('it is not an object with "Statement"');
  }
  const packed = JSON.stringify(JSON.parse(text));
  return POLICY_CHARACTERS.test(packed) ? { value: packed } : bad("AWS accepts only Latin-1 characters in it");
};

const POLICY_HINT = 'it looks like {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", ' +
  '"Resource": "*"}]}';
