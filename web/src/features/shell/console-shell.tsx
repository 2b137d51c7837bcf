'use client';
import { Menu as MenuIcon, Search, X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { Brand } from '../../components/layout/brand.tsx';
import { TrackNav } from '../../components/layout/track-nav.tsx';
import { OVERLAY } from '../../components/ui/dialog.tsx';
import { Kbd } from '../../components/ui/kbd.tsx';
import { useSearchKey } from '../../lib/keys.ts';
import { CommandPalette } from './command-palette.tsx';
import { LiveLamp } from './live-lamp.tsx';
import { useLines } from './stations.ts';
import { SupportBanner } from './support-banner.tsx';
import { UserMenu } from './user-menu.tsx';
import { WorkspaceSwitcher } from './workspace-switcher.tsx';

/** Side bar (a sheet on phones), command palette, and the page's own scrolling area. */
export function ConsoleShell({ children }: { children: ReactNode }) {
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  const [isSheetOpen, setSheetOpen] = useState(false);
  useSearchKey();
  const openPalette = () => {
    setSheetOpen(false);
    setPaletteOpen(true);
  };
  return (
    <div className="grid h-dvh grid-rows-[auto_1fr] md:grid-cols-[13.5rem_1fr] md:grid-rows-1">
      <a href="#main" className="sr-only z-50 rounded-md bg-ink px-3 py-2 text-bg focus:not-sr-only focus:fixed focus:left-3 focus:top-3">
        Skip to content
      </a>

      <aside className="hidden border-r border-line bg-sunken md:flex md:flex-col">
        <SideBar onSearch={openPalette} />
      </aside>

      <div className="flex h-12 items-center gap-1 border-b border-line bg-sunken px-2 md:hidden">
        <Dialog.Root open={isSheetOpen} onOpenChange={setSheetOpen}>
          <Dialog.Trigger aria-label="Open navigation" className="rounded-md p-2 text-ink-2 hover:bg-hover">
            <MenuIcon aria-hidden className="size-5" />
          </Dialog.Trigger>
          <Dialog.Portal>
            <Dialog.Overlay className={OVERLAY} />
            <Dialog.Content
              aria-describedby={undefined}
              className="fixed inset-y-0 left-0 z-50 flex w-64 flex-col border-r border-line bg-sunken shadow-pop"
            >
              <Dialog.Title className="sr-only">Navigation</Dialog.Title>
              <Dialog.Close aria-label="Close navigation" className="absolute right-2 top-2.5 rounded-md p-2 text-ink-2 hover:bg-hover">
                <X aria-hidden className="size-4" />
              </Dialog.Close>
              <SideBar onSearch={openPalette} onGo={() => setSheetOpen(false)} />
            </Dialog.Content>
          </Dialog.Portal>
        </Dialog.Root>
        <span className="flex min-w-0 flex-1 items-center gap-2">
          <Brand hasWord={false} />
          <WorkspaceSwitcher isCompact />
        </span>
        <button type="button" aria-label="Search" onClick={openPalette} className="rounded-md p-2 text-ink-2 hover:bg-hover">
          <Search aria-hidden className="size-5" />
        </button>
      </div>

      <main id="main" tabIndex={-1} className="relative min-h-0 min-w-0 overflow-y-auto outline-none">
        <SupportBanner />
        {children}
      </main>
      <CommandPalette isOpen={isPaletteOpen} onOpenChange={setPaletteOpen} />
    </div>
  );
}

function SideBar({ onSearch, onGo }: { onSearch: () => void; onGo?: () => void }) {
  return (
    <>
      <div className="flex h-13 items-center px-4">
        <Brand />
      </div>
      <div className="space-y-2 px-2">
        <WorkspaceSwitcher />
        <button
          type="button"
          onClick={onSearch}
          className="flex h-8 w-full items-center gap-2 rounded-md border border-line bg-surface px-2.5 text-sm text-ink-3 hover:border-line-strong hover:text-ink-2"
        >
          <Search aria-hidden className="size-3.5" />
          <span className="flex-1 text-left">Go to…</span>
          <Kbd>Ctrl K</Kbd>
        </button>
      </div>
      <nav aria-label="Main" className="mt-3 min-h-0 flex-1 overflow-y-auto px-2">
        <TrackNav lines={useLines()} onGo={onGo} />
      </nav>
      <div className="border-t border-line p-2">
        <LiveLamp />
        <UserMenu />
      </div>
    </>
  );
}
