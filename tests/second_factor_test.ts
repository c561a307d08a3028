/** The second factor when things go wrong, as people and scripts meet it: the real program against the simulator. */
import assert from "node:assert/strict";
import { AUTHENTICATOR, PROTECT, SMS } from "../simulator/demo_world.ts";
import type { Fault } from "../simulator/scenario.ts";
import type { Simulator } from "../simulator/server.ts";
import { defaultFiles, withSimulator } from "./harness.ts";
import { noPty, openPty } from "./pty.ts";
import { ada, ADMIN, complaint, PASSWORD, run, together } from "./runs.ts";

const CODE = PROTECT.code ?? "";

/** An answer in the shape of version 2 of the API. */
function says(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Fault {
  return {
    kind: "answer",
    status,
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...headers },
  };
}

/** What was posted to the second factor: a code, or whether it notified. */
function factorPosts(simulator: Simulator): readonly string[] {
  return simulator.to("verify-factor").map(({ keys, fields }) =>
    keys.includes("otp_token") ? "code" : fields["do_not_notify"] === true ? "poll" : "notify"
  );
}

Deno.test("second factor: from a pipe the code is asked for after a rejected push, a time-out or a failed trigger", async () => {
  const ends = [
    { change: { push: { rejectAfterPolls: 1 } }, posts: ["notify", "poll", "code"], said: /rejected/ },
    { change: { push: "never" }, posts: undefined, said: /not approved within/ },
    { change: { trouble: { "verify-factor": ["error-500-html"] } }, posts: ["notify", "code"], said: /HTTP 500/ },
    {
      change: { trouble: { "verify-factor": [says(400, { statusCode: 400, message: "Push is not configured" })] } },
      posts: ["notify", "code"],
      said: /Push is not configured/,
    },
  ] as const;
  await together(
    ends.map(({ change, posts, said }) => () =>
      withSimulator({ ...ada([PROTECT]), ...change }, async (simulator) => {
        const result = await run(simulator, { args: [...ADMIN, "--mfa-timeout", "1"], stdin: [CODE] });
        assert.equal(result.code, 0, result.stderr);
        assert.match(result.stderr, said);
        assert.match(result.stderr, /^Enter the OTP Token for OneLogin Protect: $/m);
        if (posts) assert.deepEqual(factorPosts(simulator), posts);
        assert.equal(simulator.passwordPosts, 1);
      })
    ),
  );
});

Deno.test("second factor: with --no-input a rejected push is the end, with exit 4", async () => {
  await withSimulator({ ...ada([PROTECT]), push: { rejectAfterPolls: 1 } }, async (simulator) => {
    const result = await run(simulator, { args: [...ADMIN, "--no-input"] });
    assert.equal(result.code, 4);
    assert.match(complaint(result).error, /rejected/);
    assert.deepEqual(factorPosts(simulator), ["notify", "poll"]);
  });
});

Deno.test(
  "second factor: on a terminal the code is asked for after a rejected push",
  { ignore: await noPty() },
  async () => {
    await withSimulator({ ...ada([PROTECT]), push: { rejectAfterPolls: 1 } }, async (simulator) => {
      await using pty = await openPty({
        allow: { stderr: ["code"] },
        args: ADMIN,
        env: PASSWORD,
        files: defaultFiles,
        simulator,
        stdout: "pipe",
      });
      await pty.expect("Code from OneLogin Protect");
      await pty.send(CODE);
      await pty.sendKey("enter");
      const end = await pty.wait();
      assert.equal(end.code, 0, pty.screen());
      assert.deepEqual(factorPosts(simulator), ["notify", "poll", "code"]);
    });
  },
);

Deno.test("second factor: HTTP 429 while a push is pending is waited out for as long as OneLogin requests", async () => {
  const limited = says(429, { statusCode: 429, message: "Rate limit exceeded" }, { "Retry-After": "2" });
  const change = { trouble: { "verify-factor": [undefined, limited] }, push: { approveAfterPolls: 1 } } as const;
  await withSimulator({ ...ada([PROTECT]), ...change }, async (simulator) => {
    const result = await run(simulator, { args: [...ADMIN, "--no-input"] });
    assert.equal(result.code, 0, result.stderr);
    const times = simulator.to("verify-factor").map(({ time }) => time);
    assert.equal(times.length, 3);
    assert.ok((times[2] ?? 0) - (times[1] ?? 0) >= 2000, times.join());
  });
});

Deno.test("second factor: every refusal of a code is shown and asked again", async () => {
  const refusals = [
    says(400, { statusCode: 400, name: "BadRequestError", message: "Invalid otp_token" }),
    says(422, { statusCode: 422, name: "UnprocessableEntityError", errors: ["otp_token has a wrong length"] }),
    says(200, { message: "Authentication pending" }),
  ];
  await withSimulator({ ...ada([AUTHENTICATOR]), trouble: { "verify-factor": refusals } }, async (simulator) => {
    const result = await run(simulator, {
      args: ADMIN,
      stdin: ["111111", "222222", "333333", AUTHENTICATOR.code ?? ""],
    });
    assert.equal(result.code, 0, result.stderr);
    for (const words of ["Invalid otp_token", "otp_token has a wrong length", "Authentication pending"]) {
      assert.match(result.stderr, new RegExp(`warning: .*not accepted \\(.*${words}`));
    }
    assert.deepEqual(factorPosts(simulator), ["code", "code", "code", "code"]);
  });
});

Deno.test("second factor: after four wrong codes another device completes the same sign-in", async () => {
  await withSimulator(ada([AUTHENTICATOR, SMS]), async (simulator) => {
    const stdin = ["0", "1", "2", "3", "4", "y", "1", SMS.code ?? ""];
    const result = await run(simulator, { args: ADMIN, stdin });
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stderr, /new MFA method\? \(y\/n\)/);
    assert.deepEqual(factorPosts(simulator), ["code", "code", "code", "code", "notify", "code"]);
    assert.equal(simulator.passwordPosts, 1);
    const declined = await run(simulator, { args: ADMIN, stdin: ["0", "1", "2", "3", "4", "n"] });
    assert.equal(declined.code, 4);
  });
});

Deno.test("second factor: an SMS answered without data is taken for sent", async () => {
  for (const message of ["Success", "SMS sent"]) {
    const trouble = {
      "verify-factor": [{ kind: "rewrite", reply: (reply) => ({ ...reply, body: JSON.stringify({ message }) }) }],
    } satisfies { "verify-factor": readonly Fault[] };
    await withSimulator({ ...ada([SMS]), trouble }, async (simulator) => {
      const result = await run(simulator, { args: ADMIN, stdin: [SMS.code ?? ""] });
      assert.equal(result.code, 0, result.stderr);
    });
  }
});

Deno.test('second factor: device ids under "id" and above 2^53 reach OneLogin digit by digit', async () => {
  const rewrite: Fault = {
    kind: "rewrite",
    reply: (reply) => ({ ...reply, body: reply.body.replaceAll('"device_id"', '"id"') }),
  };
  const devices = [{ ...SMS, id: "9007199254740993" }, { ...AUTHENTICATOR, id: "9007199254740995" }];
  await withSimulator({ ...ada(devices), trouble: { assertion: [rewrite] } }, async (simulator) => {
    const result = await run(simulator, { args: ADMIN, stdin: ["1", AUTHENTICATOR.code ?? ""] });
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(simulator.to("verify-factor").map(({ fields }) => fields["device_id"]), ["9007199254740995"]);
  });
});

Deno.test("second factor: piped numbers count the devices as the Python tool does: as the account lists them, active ones only", async () => {
  const devices = [PROTECT, { ...SMS, active: false }, AUTHENTICATOR];
  await withSimulator({ ...ada(devices), scope: "read-users" }, async (simulator) => {
    const result = await run(simulator, { args: ADMIN, stdin: ["1", AUTHENTICATOR.code ?? ""] });
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stderr, /Select the desired MFA Device \[0-1\]: /);
  });
});

Deno.test("sign-in: what OneLogin reports is shown, and the hint fits it", async () => {
  const address = "You are not allowed to access Amazon Web Services (AWS) Multi Account from your current IP address";
  const cases: readonly (readonly [Fault, RegExp, RegExp])[] = [
    [says(401, { statusCode: 401, message: address }), /from your current IP address/, /--saml-api-version 1.*"ip"/],
    [says(500, { statusCode: 500, message: "Internal Server Error" }), /HTTP 500/, /--saml-api-version 1.*"ip"/],
    [says(404, { statusCode: 404, message: "No Route Exists" }), /No Route Exists/, /ONELOGIN_API_URL/],
    ...["Your password has expired", "You must change your password", "User is suspended", "User is not activated"]
      .map((message) =>
        [
          says(401, { statusCode: 401, message }),
          new RegExp(message),
          /^sign in at https:\/\/acme\.onelogin\.com in a browser$/,
        ] as const
      ),
    [says(400, { statusCode: 400, message: "User must enroll a factor" }), /must enroll/, /acme\.onelogin\.com/],
    [says(400, { error: "invalid", error_description: "The app is asleep" }), /The app is asleep/, /./],
    [says(400, { message: ["app_id must be a number", "or a text"] }), /app_id must be a number; or a text/, /./],
  ];
  await together(
    cases.map(([fault, said, hinted]) => () =>
      withSimulator({ ...ada(), trouble: { assertion: [fault] } }, async (simulator) => {
        const result = await run(simulator, { args: ADMIN, stdin: ["another password"] });
        assert.ok([3, 4, 7].includes(result.code), result.stderr);
        const { error, hints } = complaint(result);
        assert.match(error, said);
        assert.match(hints.join(" "), hinted);
        assert.equal(simulator.passwordPosts, 0, "the fault answers the only post");
        assert.equal(simulator.to("assertion").length, 1);
      })
    ),
  );
});

Deno.test("sign-in: an authentication that failed for another reason is no wrong password: no question, no memory", async () => {
  const message = "Authentication Failed: Invalid user credentials or the API is not enabled for this user";
  const trouble = { assertion: [says(401, { statusCode: 401, message })] };
  await withSimulator({ ...ada(), trouble }, async (simulator) => {
    const result = await run(simulator, { args: ADMIN, stdin: ["another password"] });
    assert.equal(result.code, 3, result.stderr);
    assert.match(complaint(result).error, /API is not enabled/);
    assert.equal(simulator.to("assertion").length, 1);
    assert.equal(result.exists(".onelogin/refusals.json"), false);
    const again = await run(simulator, { args: ADMIN, home: result.home });
    assert.equal(again.code, 0, again.stderr);
  });
});
