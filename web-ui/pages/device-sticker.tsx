import type { DeviceCard } from '../../src/core/operations.ts'
import { Icon } from '../parts/icon.tsx'
import { Qr } from '../parts/qr.tsx'
import { t } from '../words/language.ts'
import { PlaceFacts } from './device-card-facts.tsx'

interface StickerProps {
  readonly name: string
  readonly card: DeviceCard
}

/**
 * What is glued to the printer, A6. Without the password, which everybody who passes by could read; its code opens the
 * printer's page, where who signs in finds it.
 */
export function Sticker({ name, card: { username, place } }: StickerProps) {
  return (
    <section class="card">
      <div class="sticker">
        <h2>
          <bdi>{name}</bdi>
        </h2>
        <Qr
          text={`${location.origin}/d/${encodeURIComponent(username ?? name)}`}
          label={t('card.qr', { device: name })}
        />
        {username !== undefined && (
          <p>
            {t('card.username')} <bdi class="mono">{username}</bdi>
          </p>
        )}
        {place && <PlaceFacts place={place} />}
      </div>
      <button type="button" onClick={() => print()}>
        <Icon name="qr-code" />
        {t('card.sticker')}
      </button>
      <p class="hint">{t('card.sticker-hint')}</p>
    </section>
  )
}
