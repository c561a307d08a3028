/** JSON Schemas of the settings files, for editors; made from the option table. */

import { HOMEPAGE } from "../../src/repository.ts";
import { type OptionRow, OPTIONS } from "../../src/argv/options.ts";
import { LIKE_A_REGION } from "../../src/aws/partitions.ts";
import { defined } from "../../src/defined.ts";
import { CONFIG_FILES, TEAM_FILE } from "../../src/io/paths.ts";
import { POLICY_ARN } from "../../src/settings/policy_values.ts";

/** The part of JSON Schema (draft 7, the one that editors read) that is used here. */
export interface Schema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

type FileName = typeof CONFIG_FILES[0] | typeof CONFIG_FILES[1];

const DESCRIPTIONS: Readonly<Record<FileName, string>> = {
  "onelogin.sdk.json": "The OneLogin API client. It contains a secret: chmod 600.",
  "onelogin.aws.json": "Values that need not be typed each time. Empty values count as not given.",
};

/** A text, which may be written as a number. */
const TEXT = { type: ["string", "integer", "null"], minimum: 0 } as const;

/** Spaces around a value are ignored, and an empty one is unset. */
function trimmed(source: string): string {
  return `^\\s*(?:${source})?\\s*$`;
}

/** A pattern of small letters that matches capitals too: JSON Schema has no flag for that. */
function anyCase(source: string): string {
  return source.replace(/\\.|\[[^\]]*\]|[a-z]/g, (part) => {
    if (part.startsWith("\\")) return part;
    return part.startsWith("[") ? part.replace("a-z", "A-Za-z") : `[${part}${part.toUpperCase()}]`;
  });
}

/** Editors suggest the values of the list. */
function choice(values: readonly string[], pattern: string): Schema {
  return { anyOf: [{ enum: [...values, "", null] }, { type: "string", pattern: trimmed(pattern) }] };
}

/** What the program takes of a text, with the spaces around it that it drops. */
const PATTERNS: Readonly<Record<string, string>> = {
  // People paste the address of the app's page.
  appId: `^\\s*\\d*\\s*$|${anyCase("\\.onelogin\\.com/(?:[\\w-]+/)*(?:launch|apps)/\\d+(?:[/?#].*)?\\s*$")}`,
  clientId: "^\\s*[!-~]*\\s*$",
  clientSecret: "^\\s*[!-~]*\\s*$",
  awsRegion: trimmed(anyCase(LIKE_A_REGION.source.slice(1, -1))),
  username: "^[^\ufffd]*$",
};

/** Keys without an option. */
const FURTHER: Readonly<Record<FileName, Readonly<Record<string, Schema>>>> = {
  "onelogin.sdk.json": {
    ip: {
      description: "IP address to send to OneLogin; a second factor is left out where an administrator has allowed it.",
      ...TEXT,
    },
    api_url: {
      description: "Address of OneLogin's API instead of the region's, such as https://acme.onelogin.com.",
      type: ["string", "null"],
      pattern: trimmed(anyCase("https://[a-z0-9.-]+\\.onelogin\\.com(?::443)?(?:/[^?#\\s]*)?")),
    },
  },
  "onelogin.aws.json": {
    profiles: {
      description: "Values that count when the credentials are saved as that AWS profile.",
      type: ["object", "null"],
      additionalProperties: { type: ["object", "null"], ...objectOf(profileProperties()) },
    },
    precedence: {
      description: "Which value counts when the top of this file and the profile both have one.",
      ...choice(["global", "profile"], "global|profile"),
      default: "global",
    },
  },
};

/** Path in the project to content. */
export function schemas(): Readonly<Record<string, string>> {
  const all = [
    ...(["onelogin.sdk.json", "onelogin.aws.json"] as const).map((name) =>
      schemaOf(name, DESCRIPTIONS[name], { ...properties(rowsOf(name)), ...FURTHER[name] })
    ),
    schemaOf(TEAM_FILE, "Values that a team shares. A person's own files come first.", teamProperties()),
  ];
  return Object.fromEntries(all.map(([path, schema]) => [path, `${JSON.stringify(schema, null, 2)}\n`]));
}

function rowsOf(name: FileName): readonly OptionRow[] {
  return OPTIONS.filter(({ file }) => file?.name === name);
}

function schemaOf(
  name: string,
  description: string,
  keys: Readonly<Record<string, Schema>>,
): readonly [string, Schema] {
  const path = `docs/schema/${name.replace(/\.json$/, ".schema.json")}`;
  return [path, {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: `${HOMEPAGE}/raw/main/${path}`,
    title: name,
    description,
    type: "object",
    ...objectOf({ $schema: { description: "Address of this schema, for editors." }, ...keys }),
  }];
}

/** The keys of onelogin.aws.json without those of one person, the OneLogin region and the accounts. */
function teamProperties(): Readonly<Record<string, Schema>> {
  const shared = (rows: readonly OptionRow[]) =>
    properties(rows.filter(({ key }) => key !== "username" && key !== "mfaDevice"));
  const { profiles, ...further } = FURTHER["onelogin.aws.json"];
  const subdomain = trimmed(anyCase("(?:https?://)?[a-z0-9][a-z0-9-]*(?:\\.onelogin\\.com(?:/.*)?)?"));
  const keys = shared([...OPTIONS.filter(({ key }) => key === "region"), ...rowsOf("onelogin.aws.json")]);
  return {
    ...keys,
    subdomain: { ...keys["subdomain"], pattern: subdomain },
    ...further,
    accounts: {
      description: "Account ids and their names.",
      type: ["object", "null"],
      patternProperties: { "^\\s*(?:\\d{12}|\\d{4}-\\d{4}-\\d{4})\\s*$": TEXT },
      additionalProperties: false,
    },
    profiles: {
      ...profiles,
      additionalProperties: {
        type: ["object", "null"],
        ...objectOf(shared(OPTIONS.filter(({ file }) => file?.perProfile === true))),
      },
    },
  };
}

function objectOf(all: Readonly<Record<string, Schema>>): Schema {
  return { properties: all, additionalProperties: false };
}

function profileProperties(): Readonly<Record<string, Schema>> {
  return properties(OPTIONS.filter(({ file }) => file?.perProfile === true));
}

function properties(rows: readonly OptionRow[]): Readonly<Record<string, Schema>> {
  return Object.fromEntries(rows.map((row) => [row.file?.key ?? "", propertyOf(row)]));
}

function propertyOf(row: OptionRow): Schema {
  const description = `${row.help.charAt(0).toUpperCase()}${row.help.slice(1)}. The option is ${row.long[0]}` +
    `${row.env === undefined ? "" : `, the environment variable ${row.env}`}.`;
  if (row.type === "flag") return { description, type: ["boolean", "null"], default: false };
  if (row.key === "policyFile") return { description, type: ["object", "null"], required: ["Statement"] };
  if (row.key === "policyArn") {
    const pattern = trimmed(POLICY_ARN.source.slice(1, -1));
    const items = { type: ["string", "null"], pattern };
    return { description, type: ["array", "string", "null"], pattern, items };
  }
  if (row.type === "choice") {
    const choices = row.choices ?? [];
    return { description, ...choice(choices, anyCase(choices.join("|"))), default: row.default };
  }
  if (row.key === "duration") {
    const seconds = "9\\d{2}|[1-9]\\d{3}|[1-3]\\d{4}|4[0-2]\\d{3}|43[01]\\d{2}|43200";
    return {
      description,
      anyOf: [
        { type: "integer", minimum: 900, maximum: 43_200 },
        { enum: [0, null] },
        { type: "string", pattern: trimmed(`[Mm][Aa][Xx]|[+-]?0+|\\+?0*(?:${seconds})`) },
      ],
      default: Number(row.default),
    };
  }
  if (row.type === "integer") {
    const range = { minimum: row.min ?? 0, maximum: row.key === "browserPort" ? 65_535 : Number.MAX_SAFE_INTEGER };
    const pattern = "^\\s*$";
    return { description, type: ["integer", "string", "null"], ...range, pattern, default: Number(row.default) };
  }
  const pattern = PATTERNS[row.key];
  if (row.key === "awsRegion") return { description, type: ["string", "null"], ...defined({ pattern }) };
  return { description, ...TEXT, ...defined({ pattern }) };
}
