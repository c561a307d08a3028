import assert from "node:assert/strict";
import fc from "fast-check";
import { Exit, Interrupted, orUserError, type UserError } from "../errors.ts";
import { assertionReader, readReceived } from "./assertion.ts";
import { attributeXml, responseBase64, responseXml, rolePair, toBase64 } from "./testing.ts";
import { refused, threadTime } from "../testing.ts";

const readAssertion = await assertionReader();

function refusal(base64: string): UserError {
  const error = refused(orUserError(() => readAssertion(base64)), Exit.refused);
  assert.match(error.message, /^cannot read the SAML assertion from OneLogin: .*[^.]$/);
  assert.ok(error.hints.length > 0);
  return error;
}

const arns = (base64: string) => readAssertion(base64).roles.map((role) => role.roleArn);

Deno.test("readAssertion: reads OneLogin's response and keeps the text as it came", () => {
  const base64 = responseBase64({
    roles: [
      rolePair("123456789012", "Admin"),
      "arn:aws:iam::123456789012:saml-provider/OneLogin,arn:aws:iam::123456789012:role/team/dev/Admin",
      "arn:aws-us-gov:iam::210987654321:role/ReadOnly,arn:aws-us-gov:iam::210987654321:saml-provider/OneLogin",
    ],
  });
  const assertion = readAssertion(base64);
  assert.equal(assertion.base64, base64);
  assert.deepEqual(assertion.warnings, []);
  assert.deepEqual(
    assertion.roles.map(({ roleArn, principalArn, partition, accountId, path, name }) => [
      roleArn,
      principalArn,
      partition,
      accountId,
      path,
      name,
    ]),
    [
      [
        "arn:aws:iam::123456789012:role/Admin",
        "arn:aws:iam::123456789012:saml-provider/OneLogin",
        "aws",
        "123456789012",
        "",
        "Admin",
      ],
      [
        "arn:aws:iam::123456789012:role/team/dev/Admin",
        "arn:aws:iam::123456789012:saml-provider/OneLogin",
        "aws",
        "123456789012",
        "team/dev/",
        "Admin",
      ],
      [
        "arn:aws-us-gov:iam::210987654321:role/ReadOnly",
        "arn:aws-us-gov:iam::210987654321:saml-provider/OneLogin",
        "aws-us-gov",
        "210987654321",
        "",
        "ReadOnly",
      ],
    ],
  );
  assert.equal(assertion.issueInstant, Date.UTC(2027, 0, 15, 8, 30));
  assert.equal(assertion.notBefore, Date.UTC(2027, 0, 15, 8, 27));
  assert.equal(assertion.notOnOrAfter, Date.UTC(2027, 0, 15, 8, 33));
  assert.equal(assertion.sessionNotOnOrAfter, Date.UTC(2027, 0, 16, 8, 30));
  assert.equal(assertion.sessionDuration, 28800);
  assert.equal(assertion.roleSessionName, "ada@example.com");
});

Deno.test("readAssertion: tags, transitive keys and source identity of the session", () => {
  const attribute = (name: string, ...values: readonly string[]) =>
    `<saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/${name}">${
      values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join("")
    }</saml:Attribute>`;
  const more = attribute("PrincipalTag:Team", " red <!-- x -->") + attribute("PrincipalTag:__proto__", "a&amp;b") +
    attribute("PrincipalTag:Empty") + attribute("TransitiveTagKeys", "Team", "Empty") +
    attribute("SourceIdentity", "ada") + attribute("principaltag:Case", "x");
  const read = readAssertion(
    toBase64(responseXml().replace("<saml:AttributeStatement>", `<saml:AttributeStatement>${more}`)),
  );
  assert.deepEqual(Object.entries(read.sessionTags ?? {}), [["Team", "red"], ["__proto__", "a&b"], ["Empty", ""]]);
  assert.deepEqual([read.transitiveTagKeys, read.sourceIdentity], [["Team", "Empty"], "ada"]);
});

Deno.test("readAssertion: base64 with line ends is read and kept with them", () => {
  const wrapped = responseBase64().replace(/.{60}/g, "$&\r\n") + "\n";
  assert.equal(readAssertion(wrapped).base64, wrapped);
  assert.equal(readAssertion(wrapped).roles.length, 1);
});

Deno.test("readAssertion: a role's text is read whole, however it is written", async (t) => {
  const admin = "arn:aws:iam::123456789012:role/Admin";
  const provider = "arn:aws:iam::123456789012:saml-provider/OneLogin";
  const forms: Readonly<Record<string, string>> = {
    "a comment in the name": `arn:aws:iam::123456789012:role/Ad<!-- x -->min,${provider}`,
    "a comment at the comma": `${admin}<!---->,<!-- , -->${provider}`,
    "an instruction in the name": `arn:aws:iam::123456789012:role/Ad<?x y?>min,${provider}`,
    "CDATA": `<![CDATA[${admin},${provider}]]>`,
    "half CDATA": `${admin},<![CDATA[arn:aws:iam::123456789012:]]>saml-provider/OneLogin`,
    "decimal reference": `${admin}&#44;${provider}`,
    "hexadecimal reference": `${admin}&#x2C;${provider}`,
    "spaces and line ends around": `\r\n  ${admin} , ${provider}\n`,
    "elements inside": `<b>${admin}</b>,<i>${provider}</i>`,
    "provider first": `${provider},${admin}`,
  };
  for (const [name, form] of Object.entries(forms)) {
    await t.step(name, () => {
      const [role, ...more] = readAssertion(responseBase64({ roles: [form] })).roles;
      assert.deepEqual([role?.roleArn, role?.principalArn, more.length], [admin, provider, 0]);
    });
  }
  await t.step("a space inside the name does not vanish", () => {
    const read = readAssertion(
      responseBase64({ roles: [`arn:aws:iam::123456789012:role/Ad<!-- --> <!-- -->min,${provider}`] }),
    );
    assert.deepEqual(read.roles, []);
    assert.match(read.warnings.join(), /Ad min/);
  });
});

Deno.test("readAssertion: any prefix and the default namespace mean the same", () => {
  const xml = responseXml();
  const want = arns(toBase64(xml));
  assert.equal(want.length, 1);
  const other = xml.replaceAll("saml:", "saml2:").replace("xmlns:saml=", "xmlns:saml2=");
  assert.deepEqual(arns(toBase64(other)), want);
  const byDefault = xml.replaceAll(/(<\/?)saml:/g, "$1").replace(
    "<Issuer>",
    '<Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">',
  ).replace("<Assertion ", '<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ');
  assert.deepEqual(arns(toBase64(byDefault)), want);
});

Deno.test("readAssertion: the right prefix with another namespace is not taken for SAML", () => {
  const foreign = responseXml().replace('xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"', 'xmlns:saml="urn:evil"');
  assert.match(refusal(toBase64(foreign)).message, /contains no assertion/);
  const inner = responseXml({
    attributes: `<x:Attribute xmlns:x="urn:evil" Name="https://aws.amazon.com/SAML/Attributes/Role">` +
      `<x:AttributeValue>${rolePair("999999999999", "Evil")}</x:AttributeValue></x:Attribute>`,
  });
  assert.deepEqual(arns(toBase64(inner)), ["arn:aws:iam::123456789012:role/Admin"]);
});

Deno.test("readAssertion: roles outside Response/Assertion/AttributeStatement are not seen", () => {
  const planted = attributeXml("Role", [rolePair("999999999999", "Evil")]);
  for (
    const xml of [
      responseXml().replace("<saml:Subject>", `${planted}<saml:Subject>`),
      responseXml().replace(
        "</samlp:Response>",
        `<saml:AttributeStatement>${planted}</saml:AttributeStatement></samlp:Response>`,
      ),
      responseXml().replace(
        "<ds:SignatureValue>",
        `<ds:Object><saml:Assertion><saml:AttributeStatement>${planted}</saml:AttributeStatement></saml:Assertion></ds:Object><ds:SignatureValue>`,
      ),
    ]
  ) assert.deepEqual(arns(toBase64(xml)), ["arn:aws:iam::123456789012:role/Admin"]);
});

Deno.test("readAssertion: attributes of the same name are merged, repetitions dropped", () => {
  const base64 = responseBase64({
    roles: [rolePair("123456789012", "A"), rolePair("123456789012", "A")],
    attributes: attributeXml("Role", [rolePair("123456789012", "B"), rolePair("123456789012", "A")]),
  });
  assert.deepEqual(arns(base64), ["arn:aws:iam::123456789012:role/A", "arn:aws:iam::123456789012:role/B"]);
});

Deno.test("readAssertion: the attribute's name is told apart by case", () => {
  assert.deepEqual(
    arns(responseBase64({ roles: [], attributes: attributeXml("role", [rolePair("123456789012", "A")]) })),
    [],
  );
});

Deno.test("readAssertion: no AWS role is an empty list, not an error", () => {
  for (const roles of [[], [""], ["Default"], ["Default,"], ["arn:aws:iam::123456789012:role/A,"]]) {
    const read = readAssertion(responseBase64({ roles }));
    assert.deepEqual([read.roles, read.warnings], [[], []]);
  }
});

Deno.test("readAssertion: a malformed role is skipped with a warning that is safe to print", () => {
  const read = readAssertion(
    responseBase64({ roles: ["arn:aws:iam::123456789012:role/A&#x202E;x\n[31m", rolePair("123456789012", "B")] }),
  );
  assert.deepEqual(read.roles.map(({ name }) => name), ["B"]);
  assert.equal(read.warnings.length, 1);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(read.warnings.join(), /[\u0000-\u001f\u202e]/);
});

Deno.test("readAssertion: what cannot be read reports why", async (t) => {
  const encrypted = responseXml({ assertion: "<saml:EncryptedAssertion>x</saml:EncryptedAssertion>" });
  const cases: Readonly<Record<string, readonly [string, RegExp]>> = {
    "nothing": ["", /it is empty/],
    "spaces": [" \n ", /it is empty/],
    "no base64": ["<html>", /not base64/],
    "URL-safe base64": ["PHNhbWw-_w==", /not base64/],
    "base64 cut short": [responseBase64().slice(0, -1), /not base64/],
    "padding in the middle": ["AAA=AAAA", /not base64/],
    "invalid UTF-8": [toBase64(new Uint8Array([0x3c, 0xff, 0xfe])), /not UTF-8/],
    "UTF-16": [toBase64(new Uint8Array(new Uint16Array([0xfeff, 0x3c, 0x61, 0x2f, 0x3e]).buffer)), /not UTF-8/],
    "UTF-16 without a mark": [toBase64("<\0a\0/\0>\0"), /XML does not allow/],
    "overlong UTF-8": [toBase64(new Uint8Array([0xc0, 0xbc, 0x61, 0x2f, 0x3e])), /not UTF-8/],
    "no XML": [toBase64("hello"), /text outside/],
    "cut in the middle": [toBase64(responseXml().slice(0, 900)), /well-formed/],
    "doctype": [responseBase64({ prolog: '<!DOCTYPE r [<!ENTITY e "x">]>' }), /DOCTYPE/],
    "another root": [toBase64("<html><body/></html>"), /not a SAML 2.0 response/],
    "an assertion alone": [
      toBase64('<a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion"/>'),
      /not a SAML 2.0 response/,
    ],
    "no assertion": [responseBase64({ assertion: "" }), /contains no assertion/],
    "encrypted": [toBase64(encrypted), /encrypted/],
    "refused by OneLogin": [
      toBase64(responseXml({ assertion: "" }).replace("status:Success", "status:Responder\u009b2J")),
      /the status "Responder 2J"/,
    ],
    "larger than a megabyte": [toBase64(`<a>${" ".repeat(1_048_600)}</a>`), /larger than 1 MiB/],
    "far larger": ["A".repeat(8_000_000), /larger than 1 MiB/],
  };
  for (const [name, [base64, why]] of Object.entries(cases)) {
    await t.step(name, () => {
      assert.match(refusal(base64).message, why);
    });
  }
});

Deno.test("readAssertion: a byte order mark is passed over", () => {
  assert.equal(arns(toBase64("\ufeff" + responseXml())).length, 1);
});

Deno.test("readAssertion: an assertion AWS would find too long is read with a warning", () => {
  const roles = Array.from({ length: 600 }, (_, index) => rolePair("123456789012", `Role${index}`));
  const start = threadTime();
  const read = readAssertion(responseBase64({ roles }));
  assert.ok(threadTime() - start < 1000);
  assert.equal(read.roles.length, 600);
  assert.match(read.warnings.join(), /AWS accepts at most 100000/);
});

Deno.test("readAssertion: of several conditions the strictest count; missing and broken ones are absent", () => {
  const two = responseXml().replace(
    "<saml:AuthnStatement ",
    '<saml:Conditions NotBefore="2027-01-15T08:28:00.5Z" NotOnOrAfter="2027-01-15T09:32:00+01:00"/><saml:AuthnStatement ',
  );
  const read = readAssertion(toBase64(two));
  assert.equal(read.notBefore, Date.UTC(2027, 0, 15, 8, 28, 0, 500));
  assert.equal(read.notOnOrAfter, Date.UTC(2027, 0, 15, 8, 32));
  const none = readAssertion(responseBase64({ conditions: 'NotBefore="soon"', issueInstant: "" }));
  assert.deepEqual(Object.keys(none).sort(), [
    "base64",
    "issuer",
    "nameId",
    "roleSessionName",
    "roles",
    "sessionDuration",
    "sessionNotOnOrAfter",
    "warnings",
  ]);
});

Deno.test("readAssertion: whatever comes, it is read or refused with exit 3, in time", () => {
  const seed = new TextEncoder().encode(responseXml());
  const edits = fc.array(
    fc.record({
      at: fc.nat(seed.length - 1),
      cut: fc.nat(40),
      put: fc.oneof(
        fc.constantFrom(
          "<",
          ">",
          "&",
          '"',
          "<!--",
          "-->",
          "<![CDATA[",
          "]]>",
          "<?",
          "?>",
          "</",
          "/>",
          "<!DOCTYPE",
          "xmlns:saml=''",
          "&#x",
          ";",
        ),
        fc.string({ maxLength: 8 }),
      ),
    }),
    { minLength: 1, maxLength: 4 },
  );
  const mutated = edits.map((list) =>
    list.reduce((bytes, { at, cut, put }) => {
      const from = Math.min(at, bytes.length);
      return new Uint8Array([...bytes.slice(0, from), ...new TextEncoder().encode(put), ...bytes.slice(from + cut)]);
    }, seed)
  );
  fc.assert(
    fc.property(fc.oneof({ arbitrary: mutated, weight: 4 }, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      const base64 = toBase64(bytes);
      let read;
      try {
        read = readAssertion(base64);
      } catch {
        refusal(base64);
        return;
      }
      assert.equal(read.base64, base64);
      for (const role of read.roles) assert.match(role.roleArn, /^arn:[a-z0-9-]+:iam::\d{12}:role\/[\x21-\x7e]+$/);
    }),
    { numRuns: 500 },
  );
});

Deno.test("readAssertion: nothing that is accepted takes a second to read (attacker: who writes the assertion)", () => {
  const many = (piece: string, bytes = 1_040_000) => piece.repeat(Math.floor(bytes / piece.length));
  const values = (value: string) => responseXml({ roles: [value] });
  const documents = {
    "elements": values(many("<a/>", 19_900 * 4)),
    "nested elements": values(many("<a>".repeat(20) + "</a>".repeat(20), 19_900 * 7)),
    "attributes": values(many(`<a b="c" d='"' e=""/>`, 19_900 * 21)),
    "namespaces": values(many(`<a xmlns:b="c" xmlns:d="e" xmlns:f="g"/>`, 19_900 * 40)),
    "references": values(many("&#44;")),
    "escapes": values(`<![CDATA[${many("&", 200_000)}]]>`),
    "comments": values(many("x<!---->")),
    "line ends": values(many("\r")),
  };
  for (const [name, document] of Object.entries(documents)) {
    const time = () => {
      const before = threadTime();
      readAssertion(toBase64(document));
      return threadTime() - before;
    };
    const most = 1000 * SLOW;
    const first = time();
    // A second time, when nothing is compiled any more and the collector has less to do.
    const took = first < most ? first : time();
    assert.ok(took < most, `${name}: ${took} ms`);
  }
  // A megabyte of "&" is five for the parser.
  assert.match(refusal(toBase64(values(`<![CDATA[${many("&")}]]>`))).message, /it is too large$/);
});

/** What other programs on the machine may take of it. */
const SLOW = 3;

Deno.test("readReceived: a signal that came during the reading of a long document ends the run", async () => {
  const stop = new AbortController();
  let now = 0;
  const clock = { now: () => now += 150, sleep: () => Promise.resolve(stop.abort(new Interrupted(130))) };
  await assert.rejects(readReceived(responseBase64(), { clock, signal: stop.signal }), Interrupted);
  const still = { ...clock, now: () => 0 };
  assert.equal((await readReceived(responseBase64(), { clock: still })).roles.length, 1);
});
