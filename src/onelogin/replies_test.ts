import assert from "node:assert/strict";
import fc from "fast-check";
import type { HttpReply } from "../io/deps.ts";
import { json } from "../testing.ts";
import { decodeLabels, decodeReply, decodeToken, decodeTrigger } from "./replies.ts";

const ASSERTION = "PHNhbWxwOlJlc3BvbnNlIC4uLg==";
const CHALLENGE = {
  state_token: "5xxx604x8xx9x694xx860173xxx3x78x3x870x56",
  devices: [{ device_id: 666666, device_type: "Google Authenticator" }, {
    device_id: "777777",
    device_type: "OneLogin Protect",
  }],
  callback_url: "https://elsewhere.example/verify",
  user: { id: 88888888, username: "ada" },
};
const v1 = (status: Record<string, unknown>, data?: unknown) => json(200, { status, data });

Deno.test("decodeReply() reads an assertion of both versions", () => {
  const expected = { kind: "success", assertion: ASSERTION };
  assert.deepEqual(
    decodeReply(v1({ type: "success", message: "Success", error: false, code: 200 }, ASSERTION)),
    expected,
  );
  assert.deepEqual(decodeReply(json(200, { message: "Success", data: ASSERTION })), expected);
});

Deno.test("decodeReply() reads a challenge of both versions, ids as text", () => {
  const expected = {
    kind: "mfa",
    challenge: {
      stateToken: CHALLENGE.state_token,
      devices: [{ id: "666666", type: "Google Authenticator" }, { id: "777777", type: "OneLogin Protect" }],
      userId: "88888888",
    },
  };
  const message = "MFA is required for this user";
  assert.deepEqual(decodeReply(v1({ type: "success", message, error: false, code: 200 }, [CHALLENGE])), expected);
  assert.deepEqual(decodeReply(json(200, { message, ...CHALLENGE })), expected);
});

Deno.test("decodeReply() reads a challenge without devices and without a user", () => {
  assert.deepEqual(decodeReply(json(200, { message: "MFA is required", state_token: "t" })), {
    kind: "mfa",
    challenge: { stateToken: "t", devices: [] },
  });
});

Deno.test("decodeReply() knows pending in every wording", () => {
  for (
    const reply of [
      v1({ type: "pending", message: "Authentication pending on OL Protect", error: false, code: 200 }),
      json(200, { message: "Authentication pending on OL Protect" }),
      json(200, { message: "SMS token sent to your mobile device. Authentication pending." }),
    ]
  ) assert.equal(decodeReply(reply).kind, "pending");
});

Deno.test("decodeReply() names the cause of a refusal, in both versions and under HTTP 200 too", () => {
  const causes: readonly (readonly [number, string, string])[] = [
    [401, "Authentication Failed: Invalid user credentials", "credentials"],
    [401, "User is locked. Access is unauthorized", "locked"],
    [400, "Invalid subdomain", "subdomain"],
    [400, "username is empty", "username-empty"],
    [400, "password is empty", "password-empty"],
    [400, "bad request", "bad-request"],
    [404, "App could not be found", "app"],
    [404, "something else", "app"],
    [401, "Insufficient Permission", "scope"],
    [401, "Invalid Token", "bearer"],
    [401, "This request requires Authentication", "bearer"],
    [401, "Unauthorized", "bearer"],
    [400, "OTP token blank", "code-missing"],
    [401, "Failed authentication with this factor", "wrong-code"],
    [400, "State token is invalid or expired", "state-expired"],
    [401, "State token is invalid or expired", "state-expired"],
    [400, "MFA enrollment is required", "enrolment"],
    [401, "Authentication Failed", "credentials"],
    [401, "Authentication Failed: Invalid user credentials.", "credentials"],
    [401, "Authentication Failed: Invalid user credentials, 2 attempts left before Friday", "other"],
    [401, "Authentication Failed: This user may not use the API", "other"],
    [401, "Your password has expired", "user-state"],
    [401, "Authentication Failed: Password expired", "user-state"],
    [401, "You must change your password", "user-state"],
    [401, "User is suspended", "user-state"],
    [401, "This user has not been activated", "user-state"],
    [401, "Access token expired", "bearer"],
    [400, "The OTP Token was invalid or expired", "other"],
    [400, "User must enroll in MFA", "enrolment"],
    [
      401,
      "You are not allowed to access Amazon Web Services (AWS) Multi Account from your current IP address",
      "ip-address",
    ],
    [404, "No Route Exists", "no-route"],
    [403, "no", "other"],
  ];
  for (const [status, message, cause] of causes) {
    const expected = { kind: "refused", cause, status, message };
    const body1 = { status: { error: true, code: status, type: "x", message } };
    const body2 = { statusCode: status, name: "BadRequestError", message };
    const described = {
      status: { error: true, code: status, type: "x", message: { description: message, attribute: "y" } },
    };
    for (const body of [body1, body2, described]) {
      assert.deepEqual(decodeReply(json(status, body)), expected, `HTTP ${status} ${JSON.stringify(body)}`);
      assert.deepEqual(decodeReply(json(200, body)), expected, `HTTP 200 ${JSON.stringify(body)}`);
    }
  }
});

Deno.test("decodeReply() finds OneLogin's message in any place", () => {
  const said: readonly (readonly [unknown, string])[] = [
    [{ message: ["First", "Second"] }, "First; Second"],
    [{ status: { error: true, code: 400, message: ["First", "Second"] } }, "First; Second"],
    [{ messages: ["First"] }, "First"],
    [{ error: "invalid_client", error_description: "The client is unknown" }, "The client is unknown"],
    [{ name: "BadRequestError", errors: ["app_id is wrong", { message: "and so on" }] }, "app_id is wrong; and so on"],
    [{ message: "bad request", errors: ["app_id is wrong"] }, "bad request; app_id is wrong"],
    [{ message: "No", error_description: "Because" }, "No; Because"],
    [{ message: "No", errors: ["No"] }, "No"],
    [{ error: "forbidden" }, "forbidden"],
  ];
  for (const [body, words] of said) {
    const decoded = decodeReply(json(400, body as Record<string, unknown>));
    assert.equal(decoded.kind === "refused" ? decoded.message : decoded.kind, words, JSON.stringify(body));
  }
});

Deno.test('decodeReply() keeps device ids under "id" and those above 2^53', () => {
  const body = `{"message":"MFA is required","state_token":"t","user":{"id":90071992547409930},"devices":[` +
    `{"device_id":9007199254740993,"device_type":"OneLogin Protect"},{"id":7,"auth_factor_name":"OneLogin SMS"}]}`;
  assert.deepEqual(decodeReply(json(200, body)), {
    kind: "mfa",
    challenge: {
      stateToken: "t",
      devices: [{ id: "9007199254740993", type: "OneLogin Protect" }, { id: "7", type: "OneLogin SMS" }],
      userId: "90071992547409930",
    },
  });
});

Deno.test("decodeTrigger() takes a success without data for sent, and nothing else", () => {
  for (const message of ["Success", "SMS sent", "Authentication pending on OL Protect"]) {
    assert.deepEqual(decodeTrigger(json(200, { message })), { kind: "pending", message });
    const wrapped = v1({ type: "success", message, error: false, code: 200 });
    assert.deepEqual(decodeTrigger(wrapped), { kind: "pending", message });
  }
  assert.equal(decodeTrigger(json(200, { message: "Success", data: ASSERTION })).kind, "success");
  assert.equal(decodeTrigger(json(400, { message: "SMS sent" })).kind, "refused");
  assert.equal(decodeTrigger(json(200, { message: "State token is invalid or expired" })).kind, "refused");
  assert.equal(decodeTrigger(json(200, {})).kind, "unavailable");
});

Deno.test("decodeReply() takes a refusal without words by its status", () => {
  assert.deepEqual(decodeReply(json(401, "")), { kind: "refused", cause: "other", status: 401, message: "" });
});

Deno.test("decodeReply() calls servers in trouble, redirects and limits unavailable", () => {
  const kinds: readonly (readonly [HttpReply, RegExp])[] = [
    [json(500, "<html><body>500</body></html>"), /HTTP 500/],
    [json(502, ""), /HTTP 502/],
    [json(503, { message: "down" }), /HTTP 503: down/],
    [json(302, "", { location: "https://evil.example/" }), /redirect/],
    [json(407, "<html>"), /proxy/],
    [
      json(429, { status: { error: true, code: 429, message: "Rate limit exceeded" } }, { "x-ratelimit-reset": "832" }),
      /limits/,
    ],
    [json(200, ""), /no JSON object/],
    [json(200, "<html>login</html>"), /no JSON object/],
    [json(200, "[]"), /no JSON object/],
    [json(200, '{"message": "Success", "data": "abc'), /no JSON object/],
    [json(200, {}), /neither/],
    [json(200, { message: "Success" }), /without an assertion/],
    [json(200, { message: "Success", data: 5 }), /without an assertion/],
  ];
  for (const [reply, words] of kinds) {
    const decoded = decodeReply(reply);
    assert.equal(decoded.kind, "unavailable", reply.body);
    assert.match(decoded.kind === "unavailable" ? decoded.message : "", words);
  }
});

Deno.test("decodeReply() reports when to come back after 429", () => {
  const decoded = decodeReply(json(429, "", { "retry-after": "12" }));
  assert.deepEqual(decoded.kind === "unavailable" ? decoded.hints : [], ["try again in 12 seconds"]);
  assert.equal(decoded.kind === "unavailable" ? decoded.retryAfterMs : 0, 12_000);
});

Deno.test("decodeReply() strips control characters from what the server reports", () => {
  const decoded = decodeReply(json(401, { message: "no\u001b[2J\u0007\r\nway" }));
  assert.equal(decoded.kind === "refused" ? decoded.message : "", "no [2J way");
});

Deno.test("decodeReply() never throws, whatever comes", () => {
  fc.assert(fc.property(fc.integer({ min: 100, max: 599 }), fc.oneof(fc.string(), fc.json()), (status, body) => {
    assert.ok(decodeReply({ status, headers: {}, body }).kind);
    assert.ok(decodeToken({ status, headers: {}, body }, 0).kind);
    assert.ok(decodeLabels({ status, headers: {}, body }).size >= 0);
  }));
});

Deno.test("decodeReply() never throws on bodies of the known shape with wrong types", () => {
  const any = fc.anything({ maxDepth: 2 });
  const shape = fc.record({
    status: fc.oneof(any, fc.record({ error: any, code: any, type: any, message: any }, { requiredKeys: [] })),
    data: any,
    message: any,
    statusCode: any,
    state_token: any,
    devices: fc.oneof(any, fc.array(fc.record({ device_id: any, device_type: any }, { requiredKeys: [] }))),
    user: any,
  }, { requiredKeys: [] });
  fc.assert(fc.property(shape, (body) => {
    let text: string;
    try {
      text = JSON.stringify(body);
    } catch {
      return;
    }
    assert.ok(decodeReply({ status: 200, headers: {}, body: text }).kind);
  }));
});

Deno.test("decodeToken() reads the flat and the wrapped form", () => {
  const fields = { access_token: "5f1c2b7d", expires_in: 36000, token_type: "bearer" };
  const expected = { kind: "token", token: { bearer: "5f1c2b7d", expires: 36_000_000 + 7 } };
  assert.deepEqual(decodeToken(json(200, fields), 7), expected);
  assert.deepEqual(decodeToken(json(200, { status: { error: false, code: 200 }, data: [fields] }), 7), expected);
  assert.deepEqual(decodeToken(json(200, { status: { error: false, code: 200 }, data: fields }), 7), expected);
});

Deno.test("decodeToken() refuses a token that would not fit into a header", () => {
  for (const bearer of ["", "a b", "a\r\nx-evil: 1", 5, null, "ä"]) {
    assert.equal(decodeToken(json(200, { access_token: bearer }), 0).kind, "unavailable");
  }
});

Deno.test("decodeToken() reads an error under HTTP 200", () => {
  const body = { status: { error: true, code: 401, type: "Unauthorized", message: "Authentication Failure" } };
  assert.equal(decodeToken(json(200, body), 0).kind, "refused");
});

Deno.test("decodeLabels() names devices by factor and the person's own name", () => {
  const labels = decodeLabels(json(200, {
    status: { error: false, code: 200 },
    data: {
      otp_devices: [
        {
          id: 777777,
          auth_factor_name: "OneLogin Protect",
          type_display_name: "Push",
          user_display_name: "Ada's phone",
        },
        { device_id: "5", type_display_name: "Google Authenticator", active: false },
        { user_display_name: "no id" },
      ],
    },
  }));
  assert.deepEqual([...labels], [
    ["777777", { text: "OneLogin Protect (Ada's phone)", factor: "OneLogin Protect", active: true }],
    ["5", { text: "Google Authenticator", factor: "Google Authenticator", active: false }],
  ]);
});

Deno.test("decodeLabels() is empty when the client may not ask", () => {
  assert.equal(
    decodeLabels(json(401, { status: { error: true, code: 401, message: "Insufficient Permission" } })).size,
    0,
  );
});

Deno.test("decodeReply() survives values that cannot be turned into numbers", () => {
  const hostile = [{ toString: 0, valueOf: 0 }];
  for (
    const body of [{ statusCode: hostile }, { status: { code: hostile } }, { access_token: "t", expires_in: hostile }]
  ) {
    assert.ok(decodeReply(json(200, body)).kind);
    assert.ok(decodeToken(json(200, body), 0).kind);
  }
});
