'use client';
import { Building2, ChevronsUpDown, KeyRound, LogOut, ShieldCheck } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Menu, MenuItem, MenuLabel, MenuRadioGroup, MenuRadioItem, MenuSeparator } from '../../components/ui/menu.tsx';
import { paths } from '../../lib/paths.ts';
import { applyTheme, parseTheme, THEMES } from '../../lib/theme.ts';
import { actorName, signOut, useMay, useSession } from './session.tsx';

const THEME_NAME = { system: 'As the system', light: 'Light', dark: 'Dark' } as const;

export function UserMenu() {
  const { me, theme: initial } = useSession();
  const may = useMay();
  const router = useRouter();
  const [theme, setTheme] = useState(initial);
  const choose = (value: string) => {
    const next = parseTheme(value);
    applyTheme(next);
    setTheme(next);
  };
  return (
    <Menu
      side="top"
      trigger={
        <button type="button" className="flex h-9 w-full items-center gap-2 rounded-md px-2 text-left text-sm hover:bg-hover">
          <span
            aria-hidden
            className="grid size-6 place-items-center rounded-full border border-line-strong bg-surface text-2xs font-semibold"
          >
            {actorName(me).slice(0, 1).toUpperCase()}
          </span>
          <span className="min-w-0 flex-1 truncate">{actorName(me)}</span>
          <ChevronsUpDown aria-hidden className="size-3.5 text-ink-3" />
        </button>
      }
    >
      {me.actor.kind === 'user' && <MenuLabel>{me.actor.email}</MenuLabel>}
      <MenuSeparator />
      <MenuLabel>Theme</MenuLabel>
      <MenuRadioGroup value={theme} onValueChange={choose}>
        {THEMES.map((each) => (
          <MenuRadioItem key={each} value={each} onSelect={(event) => event.preventDefault()}>
            {THEME_NAME[each]}
          </MenuRadioItem>
        ))}
      </MenuRadioGroup>
      <MenuSeparator />
      <MenuItem onSelect={() => router.push(paths.account)}>
        <KeyRound aria-hidden className="size-3.5" />
        Your account
      </MenuItem>
      <MenuItem onSelect={() => router.push(paths.organization)}>
        <Building2 aria-hidden className="size-3.5" />
        Organization
      </MenuItem>
      {may('organization:security') && (
        <MenuItem onSelect={() => router.push(paths.security)}>
          <ShieldCheck aria-hidden className="size-3.5" />
          Sign-in and networks
        </MenuItem>
      )}
      <MenuSeparator />
      <MenuItem onSelect={() => void signOut()}>
        <LogOut aria-hidden className="size-3.5" />
        Sign out
      </MenuItem>
    </Menu>
  );
}
