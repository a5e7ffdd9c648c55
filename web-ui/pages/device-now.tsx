import type { DeviceSheet } from '../../src/core/device-view.ts'
import type { Whereabouts } from '../../src/core/learning.ts'
import type { DeviceMail } from '../../src/core/operations.ts'
import { get } from '../box.ts'
import { Answered } from '../parts/answered.tsx'
import { Icon } from '../parts/icon.tsx'
import { tellTrouble } from '../parts/notice.tsx'
import { When } from '../parts/when.tsx'
import { isAtLeast } from '../role.ts'
import { to } from '../router.ts'
import { t } from '../words/language.ts'
import type { DeviceKnown, SeenDevice } from './device.tsx'
import { DeviceActions } from './device-actions.tsx'
import { History } from './device-history.tsx'
import { deviceApi } from './device-places.ts'
import { watchPlace } from './live-watch.tsx'

/** How a device does: for the person who stands before it. */
export function NowTab({ known }: { readonly known: DeviceKnown }) {
  const { name, seen, sheet } = known
  const facts = sheet.value?.sheet
  return (
    <Answered known={seen}>
      {(value) => (
        <>
          <a class="button main" href={watchPlace({ device: name })}>
            <Icon name="activity" />
            {t('device.watch')}
          </a>
          <Where known={known} whereabouts={value.whereabouts} />
          <Facts seen={value} sheet={facts} />
          <History name={name} />
          <Mail mail={value.mail} />
          {isAtLeast('technician') && <DeviceActions known={known} device={value.device} sheet={facts} />}
        </>
      )}
    </Answered>
  )
}

interface WhereProps {
  readonly known: DeviceKnown
  readonly whereabouts: Whereabouts
}

function Where({ known: { name, seen }, whereabouts }: WhereProps) {
  const look = async () => {
    const answer = await get<{ readonly whereabouts: Whereabouts }>(deviceApi(name, 'whereabouts'))
    if (answer.kind === 'failed') tellTrouble(answer.sentence)
    else if (seen.value) seen.set({ ...seen.value, ...answer.value })
  }
  return (
    <p class="actions">
      <bdi>{whereWords(whereabouts)}</bdi>
      {isAtLeast('technician') && whereabouts.kind !== 'here' && (
        <button type="button" onClick={look}>
          <Icon name="search" />
          {t('device.look')}
        </button>
      )}
    </p>
  )
}

function whereWords(whereabouts: Whereabouts): string {
  switch (whereabouts.kind) {
    case 'here':
      return t('device.where.here')
    case 'silent':
      return t('device.where.silent', { address: whereabouts.address })
    case 'absent':
      return t('device.where.absent', { address: whereabouts.address })
    case 'unknowable':
      // The box says why in English: isolated, it keeps its order in a sentence from right to left.
      return t('device.where.unknowable', { why: `\u2068${whereabouts.why}\u2069` })
  }
}

interface FactsProps {
  readonly seen: SeenDevice
  /** Undefined: not known yet. */
  readonly sheet: DeviceSheet | undefined
}

function Facts({ seen: { device, whereabouts }, sheet }: FactsProps) {
  const { addresses, seen, weak } = device
  const { lastSeen } = whereabouts
  return (
    <dl class="pairs card">
      <dt>{t('device.address')}</dt>
      <dd>
        <bdi>{sheet?.address ?? (addresses.join(', ') || t('device.addresses-any'))}</bdi>
      </dd>
      {sheet?.lastMail !== undefined && (
        <>
          <dt>{t('device.last-mail')}</dt>
          <dd>
            <When at={sheet.lastMail} />
          </dd>
        </>
      )}
      {lastSeen !== undefined && (
        <>
          <dt>{t('device.last-seen')}</dt>
          <dd>
            <When at={lastSeen} />
          </dd>
        </>
      )}
      {seen && (
        <>
          <dt>{t('device.encryption')}</dt>
          <dd>
            <bdi>{seen.tls === '' ? t('device.in-clear') : seen.tls}</bdi>
            {weak !== '' && seen.tls !== '' && <bdi> ({t('device.weak', { what: weak })})</bdi>}
          </dd>
          <dt>{t('device.sign-in')}</dt>
          <dd>
            <bdi>{seen.mechanism === '' ? t('device.by-address') : seen.mechanism}</bdi>
          </dd>
          <dt>{t('device.last-session')}</dt>
          <dd>
            <a href={to('live', seen.lastSession)}>
              <bdi>{seen.lastSession}</bdi>
            </a>
          </dd>
        </>
      )}
      {seen && seen.repairs.length > 0 && (
        <>
          <dt>{t('device.repairs')}</dt>
          <dd>
            <bdi>{seen.repairs.map(({ name }) => name).join(', ')}</bdi>
          </dd>
        </>
      )}
      {sheet && sheet.maker !== '' && (
        <>
          <dt>{t('device.maker')}</dt>
          <dd>
            <bdi>{sheet.maker}</bdi>
          </dd>
        </>
      )}
      {sheet?.page !== undefined && (
        <>
          <dt>{t('device.page')}</dt>
          <dd>
            <a href={sheet.page} target="_blank" rel="noreferrer">
              <bdi>{sheet.page}</bdi>
            </a>
          </dd>
        </>
      )}
    </dl>
  )
}

function Mail({ mail: { lastDay, lastMonth, suppressed } }: { readonly mail: DeviceMail }) {
  return (
    <dl class="pairs">
      <dt>{t('device.mail-day')}</dt>
      <dd>{t('device.counts', { sent: lastDay.sent, failed: lastDay.failed })}</dd>
      <dt>{t('device.mail-month')}</dt>
      <dd>{t('device.counts', { sent: lastMonth.sent, failed: lastMonth.failed })}</dd>
      {suppressed.length > 0 && (
        <>
          <dt>{t('device.suppressed')}</dt>
          <dd>
            {suppressed.map(({ address }) => (
              <div key={address}>
                <bdi>{address}</bdi>
              </div>
            ))}
          </dd>
        </>
      )}
    </dl>
  )
}
