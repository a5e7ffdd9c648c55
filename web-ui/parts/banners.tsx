import type { ComponentChildren } from 'preact'
import type { StatusView } from '../../src/core/operations.ts'
import { isReachable, standing } from '../box.ts'
import { hearing } from '../events.ts'
import { to } from '../router.ts'
import { formatTime } from '../words/formats.ts'
import { t } from '../words/language.ts'
import { Icon, type IconName } from './icon.tsx'
import { useAnswer } from './use-answer.ts'

/** What stands above every page, because nothing there is right while it lasts. Each says what to do. */
export function Banners() {
  const { value: status } = useAnswer<Pick<StatusView, 'disk'>>('/status', ['alerts'])
  return (
    <div class="banners" role="status">
      <DoorBanner>
        <a href={to('wizard', 'box')}>{t('banner.clock-do')}</a>
      </DoorBanner>
      {status?.disk.writable === false && (
        <Banner
          icon="hard-drive"
          says={t('banner.disk')}
          cure={t('banner.disk-cure', { detail: status.disk.detail })}
        >
          <a href={to('queue')}>{t('banner.disk-do')}</a>
        </Banner>
      )}
      {isReachable.value && hearing.value === 'asking' && <p class="remark">{t('banner.slow')}</p>}
    </div>
  )
}

/** The same before the door, as far as it may be known there. */
export const DoorBanners = () => (
  <div class="banners" role="status">
    <DoorBanner />
  </div>
)

function DoorBanner({ children }: { readonly children?: ComponentChildren }) {
  const clock = standing.value?.about.clock
  if (!isReachable.value)
    return <Banner icon="wifi-off" says={t('banner.unreachable')} cure={t('banner.unreachable-cure')} />
  if (clock?.isBelievable !== false) return null
  return (
    <Banner
      icon="clock"
      says={t('banner.clock', { time: formatTime(clock.wall) })}
      cure={t('banner.clock-cure')}
    >
      {children}
    </Banner>
  )
}

interface BannerProps {
  readonly icon: IconName
  readonly says: string
  readonly cure: string
  readonly children?: ComponentChildren
}

const Banner = ({ icon, says, cure, children }: BannerProps) => (
  <div class="banner">
    <Icon name={icon} />
    <div>
      <strong>{says}</strong>
      <p>{cure}</p>
      {children}
    </div>
  </div>
)
