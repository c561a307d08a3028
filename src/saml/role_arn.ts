/** The ARN of a role. */

/** One value of the `Role` attribute: a role and the identity provider it trusts. */
export interface RolePair {
  readonly roleArn: string;
  readonly principalArn: string;
}

/** A role with the parts of its ARN (`arn:<partition>:iam::<account>:role/<path/><name>`). */
export interface Role extends RolePair {
  readonly partition: string;
  /** 12 digits. */
  readonly accountId: string;
  /** Without the leading slash, with the trailing one: `team/dev/`; empty for none. */
  readonly path: string;
  readonly name: string;
}

/** The longest ARN that AWS accepts (AWS STS, AssumeRoleWithSAML: RoleArn). */
export const ARN_MAX = 2048;

/** Not a list of partitions: AWS adds new ones. */
const ARN = /^arn:([a-z0-9-]+):iam::(\d{12}):(role|saml-provider)\/([\x21-\x7e]+)$/;

/** AWS IAM API, CreateRole: RoleName. */
const ROLE_NAME = /^[A-Za-z0-9_+=,.@-]{1,64}$/;

/** The parts of a role ARN, or undefined when `arn` is not one. */
export function parseRoleArn(arn: string): Omit<Role, "principalArn"> | undefined {
  const [, partition, accountId, type, rest] = (arn.length <= ARN_MAX && ARN.exec(arn)) || [];
  if (partition === undefined || accountId === undefined || type !== "role" || rest === undefined) return undefined;
  const slash = rest.lastIndexOf("/") + 1;
  const name = rest.slice(slash);
  return ROLE_NAME.test(name) ? { roleArn: arn, partition, accountId, path: rest.slice(0, slash), name } : undefined;
}

export function isProviderArn(arn: string): boolean {
  return arn.length <= ARN_MAX && ARN.exec(arn)?.[3] === "saml-provider";
}

/** Tells roles apart: one role may be offered by two identity providers. */
export function roleKey(role: RolePair): string {
  return `${role.roleArn},${role.principalArn}`;
}

/** The name that people see and type, with its path: `team/dev/Admin`. */
export function fullName(role: Role): string {
  return role.path + role.name;
}
