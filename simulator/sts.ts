/**
 * AWS STS over the query protocol, version 2011-06-15: AssumeRoleWithSAML (unsigned), AssumeRole and GetCallerIdentity
 * (signed). Source: AWS Security Token Service API Reference; messages as they were seen in the wild.
 */
import { createHash } from "node:crypto";
import type { Reply, WireRequest } from "./http_server.ts";
import { escapeXml } from "./saml_document.ts";
import { verifySignature } from "./signature.ts";
import type { SimulatedKey } from "./scenario.ts";
import type { Complain, IssuedAssertion, World } from "./world.ts";

const STS_ACTIONS = ["AssumeRoleWithSAML", "AssumeRole", "GetCallerIdentity"] as const;
type StsAction = typeof STS_ACTIONS[number];

const VERSION = "2011-06-15";
const ARN = /^arn:([a-z0-9-]+):iam::(\d{12}):(role|saml-provider)\/(.+)$/;
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;

/** An STS error on its way out of a check. */
interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export function stsAction(request: WireRequest): StsAction | undefined {
  const action = new URLSearchParams(request.body).get("Action") ?? request.query.get("Action");
  return STS_ACTIONS.find((known) => known === action);
}

/** Whether a request only opens the connection. It carries nothing: no parameter, no body, no proof of anything. */
export function isOpening({ method, query, headers, body }: WireRequest): boolean {
  // The runtime sends the password of a proxy through the tunnel as well.
  const plain = /^(accept|accept-encoding|accept-language|connection|host|proxy-authorization|user-agent)$/;
  return method === "GET" && query.size === 0 && body === "" &&
    [...headers.keys()].every((name) => plain.test(name));
}

/** Answers one request; what the documentation does not allow goes to `complain`. */
export async function answerSts(world: World, request: WireRequest, complain: Complain): Promise<Reply> {
  // As AWS answers a visitor, with a body, which a client has to read before it uses the connection again.
  if (isOpening(request)) return { status: 302, headers: { Location: "https://aws.amazon.com/iam" }, body: "moved" };
  const form = new URLSearchParams(request.body);
  if (request.method !== "POST") {
    complain("the method is POST");
    return errorReply(world, { status: 400, code: "MissingAction", message: "Action is missing" });
  }
  if ([...request.query.keys()].length > 0) complain("parameters in the query string, where they are logged");
  const type = (request.headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") complain(`the content type "${type}"`);
  if ((request.headers.get("accept") ?? "").toLowerCase().includes("json")) complain("asks STS for JSON");
  const repeated = [...form.keys()].filter((key, index, all) => all.indexOf(key) !== index);
  if (repeated.length > 0) complain(`the parameter "${repeated[0]}" twice`);
  const action = stsAction(request);
  if (action === undefined || form.get("Version") !== VERSION) {
    const name = form.get("Action");
    complain("no known Action and Version");
    return errorReply(
      world,
      name === null
        ? { status: 400, code: "MissingAction", message: "Action is missing" }
        : { status: 400, code: "InvalidAction", message: `Could not find operation ${name} for version ${VERSION}` },
    );
  }
  switch (action) {
    case "AssumeRoleWithSAML":
      return assumeRoleWithSaml(world, request, form, complain);
    case "AssumeRole":
      return await assumeRole(world, request, form, complain);
    case "GetCallerIdentity":
      return await getCallerIdentity(world, request, form, complain);
  }
}

function onlyFields(form: URLSearchParams, allowed: readonly string[], complain: Complain): void {
  for (const key of form.keys()) if (!allowed.includes(key)) complain(`the parameter "${key}"`);
}

/** The fields of session policies that are in order: at most ten ARNs, counted from 1, and 2,048 characters in all. */
function policyFields(form: URLSearchParams): readonly string[] {
  const arns = Array.from({ length: 10 }, (_, index) => `PolicyArns.member.${index + 1}.arn`);
  const given = arns.slice(0, [...form.keys()].filter((key) => key.startsWith("PolicyArns.")).length);
  const length = [...given, "Policy"].reduce((sum, key) => sum + (form.get(key)?.length ?? 0), 0);
  return length <= 2048 ? [...given, "Policy"] : [];
}

/** AWS's reply to session policies that the limits of the API let through. */
function policyRefusal(world: World, form: URLSearchParams): Refusal | undefined {
  const document = form.get("Policy") ?? "";
  const arns = [...form].filter(([key]) => key.startsWith("PolicyArns.")).map(([, arn]) => arn);
  if (document !== "" && !isPolicy(document)) {
    return { status: 400, code: "MalformedPolicyDocument", message: "Syntax errors in policy." };
  }
  const percent = Math.ceil([document, ...arns].join("").length / world.scenario.maxPackedPolicy * 100);
  return percent <= 100 ? undefined : {
    status: 400,
    code: "PackedPolicyTooLarge",
    message: `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`,
  };
}

function isPolicy(text: string): boolean {
  const statements = [JSON.parse(text).Statement].flat();
  return statements.length > 0 && statements.every((one) => {
    const { Effect, Action, NotAction, Resource, NotResource } = Object(one);
    return ["Allow", "Deny"].includes(Effect) && (Action ?? NotAction) !== undefined &&
      (Resource ?? NotResource) !== undefined;
  });
}

// ---- AssumeRoleWithSAML -------------------------------------------------------------------------------------------

function assumeRoleWithSaml(world: World, request: WireRequest, form: URLSearchParams, complain: Complain): Reply {
  onlyFields(
    form,
    ["Action", "Version", "RoleArn", "PrincipalArn", "SAMLAssertion", "DurationSeconds", ...policyFields(form)],
    complain,
  );
  for (const name of ["authorization", "x-amz-security-token", "x-amz-date", "x-amz-content-sha256", "cookie"]) {
    if (request.headers.has(name)) {
      complain(`the header "${name}" on an unsigned operation`);
      return errorReply(world, {
        status: 403,
        code: "InvalidClientTokenId",
        message: "The security token included in the request is invalid.",
      });
    }
  }
  const checked = checkSaml(world, form, complain);
  if ("code" in checked) return errorReply(world, checked);
  const { assertion, roleArn, principalArn, duration } = checked;
  const now = world.clock.now();
  const seconds = Math.min(
    duration,
    assertion.sessionDuration ?? duration,
    Math.floor((assertion.sessionNotOnOrAfter - now) / 1000),
  );
  const key = issueKey(world, roleArn, assertion.sessionName, seconds);
  const account = ARN.exec(roleArn)?.[2] ?? "";
  const provider = ARN.exec(principalArn)?.[4] ?? "";
  const nameQualifier = createHash("sha1").update(`${assertion.issuer}${account}/${provider}`).digest("base64");
  return okReply(world, "AssumeRoleWithSAML", [
    ["Audience", assertion.recipient],
    ["AssumedRoleUser", [["AssumedRoleId", key.userId], ["Arn", key.arn]]],
    ["Credentials", credentialElements(world, key)],
    ["Subject", assertion.subject],
    ["NameQualifier", nameQualifier],
    ["SubjectType", "emailAddress"],
    ["Issuer", assertion.issuer],
  ]);
}

interface SamlRequest {
  readonly assertion: IssuedAssertion;
  readonly roleArn: string;
  readonly principalArn: string;
  readonly duration: number;
}

function checkSaml(world: World, form: URLSearchParams, complain: Complain): SamlRequest | Refusal {
  const invalid = (message: string): Refusal => ({ status: 400, code: "InvalidIdentityToken", message });
  const roleArn = form.get("RoleArn");
  const principalArn = form.get("PrincipalArn");
  const base64 = form.get("SAMLAssertion");
  const violations = [
    ...lengthViolations("roleArn", roleArn, 20, 2048),
    ...lengthViolations("principalArn", principalArn, 20, 2048),
    ...lengthViolations("sAMLAssertion", base64, 4, world.scenario.maxAssertionLength),
    ...durationViolations(form.get("DurationSeconds")),
  ];
  if (violations.length > 0 || roleArn === null || principalArn === null || base64 === null) {
    complain(`parameters out of their limits: ${violations.join("; ")}`);
    return validationError(violations);
  }
  const role = ARN.exec(roleArn);
  if (role?.[3] !== "role") {
    complain("a RoleArn that is no role");
    return { status: 400, code: "ValidationError", message: "Request ARN is invalid" };
  }
  const principal = ARN.exec(principalArn);
  if (principal?.[3] !== "saml-provider") {
    complain("a PrincipalArn that is no SAML provider");
    return { status: 400, code: "ValidationError", message: "Principal ARN is invalid" };
  }
  const { scenario } = world;
  if (scenario.stsPartition !== undefined && role[1] !== scenario.stsPartition) {
    return invalid(
      "Specified provider doesn't exist (Service: AWSOpenIdDiscoveryService; Status Code: 400; " +
        `Error Code: AuthSamlManifestNotFoundException; Request ID: ${world.random.uuid()})`,
    );
  }
  if (base64.includes(" ")) complain("spaces in SAMLAssertion: its plus signs were not encoded");
  const assertion = world.assertions.find((issued) => issued.base64 === base64);
  if (!assertion) {
    complain("an assertion that is not byte for byte one that was issued");
    return invalid("Response signature invalid");
  }
  if (assertion.badSignature) return invalid("Response signature invalid");
  const now = world.clock.now();
  if (now >= assertion.issuedAt + scenario.assertionLifeMs) {
    return {
      status: 400,
      code: "ExpiredTokenException",
      message: "Token must be redeemed within 5 minutes of issuance",
    };
  }
  if (assertion.wrongAudience) return invalid("Response does not contain the required audience");
  if (!SESSION_NAME.test(assertion.sessionName)) {
    return invalid("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}");
  }
  if (!assertion.pairs.some((pair) => pair.roleArn === roleArn && pair.providerArn === principalArn)) {
    complain("a pair of role and provider that is not in the assertion");
    return invalid("SAML Assertion doesn't contain the requested Role and Metadata in the attributes");
  }
  const rule = Object.hasOwn(scenario.roleRules, roleArn) ? scenario.roleRules[roleArn] : undefined;
  if (rule?.trusted === false) {
    return { status: 403, code: "AccessDenied", message: "Not authorized to perform sts:AssumeRoleWithSAML" };
  }
  const duration = Number(form.get("DurationSeconds") ?? "3600");
  if (duration > (rule?.maxSessionDuration ?? 43200)) return exceedsMaximum();
  const refusal = policyRefusal(world, form);
  if (refusal !== undefined) return refusal;
  return { assertion, roleArn, principalArn, duration };
}

// ---- Signed operations --------------------------------------------------------------------------------------------

async function assumeRole(
  world: World,
  request: WireRequest,
  form: URLSearchParams,
  complain: Complain,
): Promise<Reply> {
  onlyFields(form, [
    "Action",
    "Version",
    "RoleArn",
    "RoleSessionName",
    "DurationSeconds",
    "ExternalId",
    ...policyFields(form),
  ], complain);
  const verdict = await verify(world, request, complain);
  if (!verdict.ok) return errorReply(world, verdict);
  const caller = verdict.key;
  const roleArn = form.get("RoleArn");
  const sessionName = form.get("RoleSessionName");
  const violations = [
    ...lengthViolations("roleArn", roleArn, 20, 2048),
    ...lengthViolations("roleSessionName", sessionName, 2, 64),
    ...(form.has("ExternalId") ? lengthViolations("externalId", form.get("ExternalId"), 2, 1224) : []),
    ...durationViolations(form.get("DurationSeconds")),
  ];
  if (violations.length > 0 || roleArn === null || sessionName === null) {
    complain(`parameters out of their limits: ${violations.join("; ")}`);
    return errorReply(world, validationError(violations));
  }
  const role = ARN.exec(roleArn);
  if (role?.[3] !== "role" || !SESSION_NAME.test(sessionName)) {
    complain("a RoleArn that is no role, or a RoleSessionName with other characters");
    return errorReply(world, { status: 400, code: "ValidationError", message: `${roleArn} is invalid` });
  }
  const rule = Object.hasOwn(world.scenario.roleRules, roleArn) ? world.scenario.roleRules[roleArn] : undefined;
  const wrongId = rule?.externalId !== undefined && rule.externalId !== form.get("ExternalId");
  if (rule?.trusted === false || wrongId || role[1] !== caller.arn.split(":")[1]) {
    return errorReply(world, {
      status: 403,
      code: "AccessDenied",
      message: `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
    });
  }
  const duration = Number(form.get("DurationSeconds") ?? "3600");
  if (caller.arn.includes(":assumed-role/") && duration > 3600) {
    return errorReply(world, {
      status: 400,
      code: "ValidationError",
      message: "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
    });
  }
  if (duration > (rule?.maxSessionDuration ?? 43200)) return errorReply(world, exceedsMaximum());
  const refusal = policyRefusal(world, form);
  if (refusal !== undefined) return errorReply(world, refusal);
  const key = issueKey(world, roleArn, sessionName, duration, caller.arn.includes(":assumed-role/"));
  return okReply(world, "AssumeRole", [
    ["AssumedRoleUser", [["AssumedRoleId", key.userId], ["Arn", key.arn]]],
    ["Credentials", credentialElements(world, key)],
  ]);
}

async function getCallerIdentity(
  world: World,
  request: WireRequest,
  form: URLSearchParams,
  complain: Complain,
): Promise<Reply> {
  onlyFields(form, ["Action", "Version"], complain);
  const verdict = await verify(world, request, complain);
  if (!verdict.ok) return errorReply(world, verdict);
  const { arn, userId, account } = verdict.key;
  return okReply(world, "GetCallerIdentity", [["Arn", arn], ["UserId", userId], ["Account", account]]);
}

async function verify(world: World, request: WireRequest, complain: Complain) {
  const verdict = await verifySignature(request, (id) => keyOf(world, id), world.clock.now());
  // A wrong or missing signature is a fault of the client; expired, unknown keys and a wrong clock are the user's.
  if (!verdict.ok && ["IncompleteSignature", "MissingAuthenticationToken"].includes(verdict.code)) {
    complain(`the signature: ${verdict.message}`);
  }
  if (!verdict.ok && verdict.code === "SignatureDoesNotMatch" && !verdict.message.startsWith("Signature expired")) {
    complain(`the signature: ${verdict.message}`);
  }
  if (verdict.ok && !regionFits(verdict.region, world.scenario.stsPartition)) {
    complain(`the signature is for the region "${verdict.region}", of another partition`);
  }
  return verdict;
}

function regionFits(region: string, partition: string | undefined): boolean {
  if (partition === undefined) return true;
  const prefixes = { "aws-cn": "cn-", "aws-us-gov": "us-gov-", "aws-eusc": "eusc-" };
  const owner = Object.entries(prefixes).find(([, prefix]) => region.startsWith(prefix))?.[0] ?? "aws";
  return owner === partition;
}

// ---- Keys ---------------------------------------------------------------------------------------------------------

export function keyOf(world: World, accessKeyId: string): SimulatedKey | undefined {
  return world.issuedKeys.get(accessKeyId) ?? world.scenario.keys.find((key) => key.accessKeyId === accessKeyId);
}

/** Temporary keys for a role. The path of the role is not in the ARN of its session. */
export function issueKey(
  world: World,
  roleArn: string,
  sessionName: string,
  seconds: number,
  chained = false,
): SimulatedKey {
  const { random, clock } = world;
  const [, partition, account, , nameWithPath] = ARN.exec(roleArn) ?? [];
  const name = nameWithPath?.split("/").at(-1);
  const key: SimulatedKey = {
    accessKeyId: `ASIA${random.id(16)}`,
    secretAccessKey: random.base64(40),
    sessionToken: `IQoJb3JpZ2luX2Vj${random.base64(400)}==`,
    arn: `arn:${partition}:sts::${account}:assumed-role/${name}/${sessionName}`,
    account: account ?? "",
    userId: `AROA${random.id(17)}:${sessionName}`,
    expiresAt: Math.floor(clock.now() / 1000) * 1000 + seconds * 1000,
    chained,
  };
  world.issuedKeys.set(key.accessKeyId, key);
  world.secrets.push({ kind: "secret-key", value: key.secretAccessKey });
  world.secrets.push({ kind: "session-token", value: (key.sessionToken ?? "").slice(16, 80) });
  return key;
}

function credentialElements(world: World, key: SimulatedKey): readonly Element[] {
  const iso = new Date(key.expiresAt ?? 0).toISOString();
  return [
    ["AccessKeyId", key.accessKeyId],
    ["SecretAccessKey", key.secretAccessKey],
    ["SessionToken", key.sessionToken ?? ""],
    ["Expiration", world.scenario.fractionalExpiration ? iso : iso.replace(/\.\d+Z$/, "Z")],
  ];
}

// ---- Limits -------------------------------------------------------------------------------------------------------

function lengthViolations(name: string, value: string | null, min: number, max: number): readonly string[] {
  const fault = (rule: string) => [
    `Value ${value === null ? "null" : "'…'"} at '${name}' failed to satisfy constraint: Member must ${rule}`,
  ];
  if (value === null) return fault("not be null");
  if (value.length < min) return fault(`have length greater than or equal to ${min}`);
  return value.length > max ? fault(`have length less than or equal to ${max}`) : [];
}

function durationViolations(value: string | null): readonly string[] {
  if (value === null) return [];
  const fault = (rule: string) => [
    `Value '${value}' at 'durationSeconds' failed to satisfy constraint: Member must have value ${rule}`,
  ];
  if (!/^\d+$/.test(value) || Number(value) < 900) return fault("greater than or equal to 900");
  return Number(value) > 43200 ? fault("less than or equal to 43200") : [];
}

function validationError(violations: readonly string[]): Refusal {
  const plural = violations.length === 1 ? "error" : "errors";
  return {
    status: 400,
    code: "ValidationError",
    message: `${violations.length} validation ${plural} detected: ${violations.join("; ")}`,
  };
}

function exceedsMaximum(): Refusal {
  return {
    status: 400,
    code: "ValidationError",
    message: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
  };
}

// ---- XML ----------------------------------------------------------------------------------------------------------

type Element = readonly [name: string, content: string | readonly Element[]];

function okReply(world: World, action: StsAction, result: readonly Element[]): Reply {
  const requestId = world.random.uuid();
  return reply(200, requestId, world, [`${action}Response`, [
    [`${action}Result`, result],
    ["ResponseMetadata", [["RequestId", requestId]]],
  ]]);
}

function errorReply(world: World, refusal: Refusal): Reply {
  const requestId = world.random.uuid();
  return reply(refusal.status, requestId, world, ["ErrorResponse", [
    ["Error", [
      ["Type", refusal.status < 500 ? "Sender" : "Receiver"],
      ["Code", refusal.code],
      ["Message", refusal.message],
    ]],
    ["RequestId", requestId],
  ]]);
}

function reply(status: number, requestId: string, world: World, root: Element): Reply {
  const { stsPrefix } = world.scenario;
  const prefix = stsPrefix === "" ? "" : `${stsPrefix}:`;
  const declaration = `xmlns${stsPrefix === "" ? "" : `:${stsPrefix}`}="https://sts.amazonaws.com/doc/2011-06-15/"`;
  const write = ([name, content]: Element, indent: string, attributes = ""): string =>
    typeof content === "string"
      ? `${indent}<${prefix}${name}>${escapeXml(content)}</${prefix}${name}>\n`
      : `${indent}<${prefix}${name}${attributes}>\n` +
        content.map((child) => write(child, `${indent}  `)).join("") + `${indent}</${prefix}${name}>\n`;
  return {
    status,
    headers: { "Content-Type": "text/xml", "x-amzn-RequestId": requestId },
    body: write(root, "", ` ${declaration}`),
  };
}
