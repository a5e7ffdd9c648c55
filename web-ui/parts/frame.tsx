import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { standing } from '../box.ts'
import { watchReach } from '../reach.ts'
import { place, to } from '../router.ts'
import { shareStream } from '../shared-stream.ts'
import type { Key } from '../words/en.ts'
import { t } from '../words/language.ts'
import { Banners } from './banners.tsx'
import { Icon, type IconName } from './icon.tsx'
import { Notices } from './notice.tsx'
import { usePageFocus } from './page-focus.ts'

const tabs: readonly { readonly page: string; readonly label: Key; readonly icon: IconName }[] = [
  { page: 'home', label: 'nav.home', icon: 'house' },
  { page: 'live', label: 'nav.live', icon: 'activity' },
  { page: 'devices', label: 'nav.devices', icon: 'printer' },
  { page: 'queue', label: 'nav.queue', icon: 'mails' },
  { page: 'more', label: 'nav.more', icon: 'menu' },
]

/** Under which tab a page is: `more` for all that have none of their own. */
const tabOf = (page: string): string => {
  if (page === 'd') return 'devices'
  if (page === 'messages') return 'queue'
  return tabs.some((tab) => tab.page === page) ? page : 'more'
}

/** The box's name above, five tabs below within the thumb's reach; at the side where there is room. */
export function Frame({ children }: { readonly children: ComponentChildren }) {
  const [here = 'home'] = place.value.parts
  const main = useRef<HTMLElement>(null)
  usePageFocus(main, standing.value?.about.name ?? '')
  useEffect(shareStream, [])
  useEffect(watchReach, [])
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        {t('nav.skip')}
      </button>
      <header class="bar">
        <a href={to('home')}>
          <bdi>{standing.value?.about.name}</bdi>
        </a>
      </header>
      <Banners />
      <main ref={main} tabIndex={-1}>
        {children}
      </main>
      <Notices />
      <nav class="tabs" aria-label={t('nav.label')}>
        {tabs.map(({ page, label, icon }) => (
          <a key={page} href={to(page)} aria-current={page === tabOf(here) ? 'page' : undefined}>
            <Icon name={icon} />
            <span>{t(label)}</span>
          </a>
        ))}
      </nav>
    </>
  )
}
