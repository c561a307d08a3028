/** onelogin.sdk.json: the API client. */

import { orUserError, UserError } from "../errors.ts";
import { checkApiUrl } from "./endpoints.ts";
import { keyProblem, membersOf, objectOf, textOf, unknownKey } from "./json_members.ts";
import { type JsonFile, readJson } from "./json.ts";
import type { Json } from "./json_values.ts";
import { readOneloginRegion } from "./values.ts";
import type { Warn } from "./text_file.ts";

const KEYS = ["client_id", "client_secret", "region", "ip", "api_url"] as const;

/** Absent, `null` and empty values are left out. */
export type SdkFile = { readonly [K in typeof KEYS[number]]?: string };

/**
 * Parses onelogin.sdk.json. Absent, `null` and empty values are unset.
 *
 * @param warn gets one line for each unknown or repeated key
 * @throws UserError exit 2 with the file, position and key
 */
export function readSdkFile(path: string, text: string, warn: Warn): Promise<SdkFile> {
  const file: JsonFile = { path, text };
  return readJson(file, warn, (root, warn) => readValues(file, root, warn));
}

function readValues(file: JsonFile, root: Json, warn: Warn): SdkFile {
  const members = membersOf(file, objectOf(file, root), warn);
  const values: { [K in typeof KEYS[number]]?: string } = {};
  for (const [name, member] of members) {
    const key = KEYS.find((one) => one === name);
    const text = key === undefined ? undefined : textOf(file, key, member.value);
    if (key !== undefined && text !== undefined) values[key] = text;
    else if (key === undefined && name !== "$schema") warn(unknownKey(file, member, KEYS));
  }
  const refuse = (key: "region" | "api_url", problem: string, hint: string) =>
    keyProblem(file, members.get(key)?.value.at ?? 0, key, problem, hint);
  if (values.region !== undefined && "problem" in readOneloginRegion(values.region)) {
    throw refuse("region", 'must be "us" or "eu"', "use the region of the OneLogin account, not the AWS region");
  }
  const { api_url } = values;
  if (api_url === undefined) return values;
  const endpoint = orUserError(() => checkApiUrl(api_url));
  if (!(endpoint instanceof UserError)) return { ...values, api_url: endpoint.url };
  throw refuse(
    "api_url",
    "must be an https address under onelogin.com",
    'use "https://SUBDOMAIN.onelogin.com", or remove the key to use the region\'s address',
  );
}
