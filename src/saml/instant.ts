/** Points in time as SAML and AWS write them. */

/** `2027-01-15T08:30:00Z`, with or without a fraction, with `Z`, an offset, or nothing (which SAML means as UTC). */
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,18})?(?:Z|([+-])(\d\d):?(\d\d))?$/;

/** Milliseconds since the epoch, or undefined when `text` is not a date and time (XML Schema `dateTime`; SAML core 1.3.3). */
export function parseInstant(text: string): number | undefined {
  const match = DATE_TIME.exec(text.trim());
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const offsetHours = Number(match[9] ?? 0);
  const offsetMinutes = Number(match[10] ?? 0);
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 14 || offsetMinutes > 59) return undefined;
  const day0 = new Date(0);
  day0.setUTCFullYear(year, month - 1, day);
  if (day0.getUTCFullYear() !== year || day0.getUTCMonth() !== month - 1 || day0.getUTCDate() !== day) return undefined;
  const fraction = Number(`${match[7]?.slice(1) ?? ""}000`.slice(0, 3));
  const offset = (offsetHours * 60 + offsetMinutes) * (match[8] === "-" ? -1 : 1);
  return day0.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000 + fraction;
}
