/** What a call does: look, change what is declared or ordered of groups, or change what concerns the installation. */
export type Permission = 'view' | 'operate' | 'administer';

export const roles = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof roles)[number];

/** A role on the groups whose names match one of the patterns; `*` stands for any characters. */
export type Grant = { readonly role: Role; readonly groups: readonly string[] };

/** How somebody proved who they are; `open`: nobody had to. */
export type Proof = 'open' | 'certificate' | 'iap' | 'token' | 'password';

/** Who calls. */
export type Caller = {
  readonly name: string;
  readonly proof: Proof;
  /** The address that the call came from. */
  readonly source: string;
  readonly grants: readonly Grant[];
};

/** What a call concerns: one group, the installation, or whatever of a list the caller may see. */
export type Scope =
  { readonly kind: 'group'; readonly group: string } | { readonly kind: 'installation' } | { readonly kind: 'visible' };

/** A permission that a call needs, and on what. */
export type Need = { readonly permission: Permission; readonly scope: Scope };

const permissions: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ['view'],
  operator: ['view', 'operate'],
  admin: ['view', 'operate', 'administer'],
};

/** Decides without looking whether the group exists, so that a refusal tells nothing of that. */
export function mayAccess({ grants }: Pick<Caller, 'grants'>, { permission, scope }: Need): boolean {
  return grants.some(
    ({ role, groups }) => permissions[role].includes(permission) && groups.some((pattern) => covers(pattern, scope)),
  );
}

/** Whether the caller may see what concerns the group; an empty name stands for the installation. */
export function seesGroup(caller: Caller, group: string): boolean {
  return mayAccess(caller, {
    permission: 'view',
    scope: group === '' ? { kind: 'installation' } : { kind: 'group', group },
  });
}

/** Whether nothing is hidden from the caller. */
export function seesEverything(caller: Caller): boolean {
  return mayAccess(caller, { permission: 'view', scope: { kind: 'installation' } });
}

/** Whether `name` matches a pattern in which `*` stands for any characters. Linear in the length of both. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return name === pattern;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  const end = name.length - last.length;
  let from = first.length;
  for (const part of rest) {
    const at = name.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}

function covers(pattern: string, scope: Scope): boolean {
  switch (scope.kind) {
    case 'visible':
      return true;
    case 'installation':
      return pattern === '*';
    case 'group':
      return matchesPattern(pattern, scope.group);
  }
}

/** Somebody whom no credential was asked of, which is so only on loopback while no identity is configured. */
export function openCaller(source: string): Caller {
  return { name: 'local', proof: 'open', source, grants: [{ role: 'admin', groups: ['*'] }] };
}
