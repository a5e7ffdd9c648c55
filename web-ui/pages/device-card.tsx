import type { BoxAddress, DeviceSheet } from '../../src/core/device-view.ts'
import type { DeviceCard } from '../../src/core/operations.ts'
import { ask } from '../box.ts'
import { Answered } from '../parts/answered.tsx'
import { Icon } from '../parts/icon.tsx'
import { tell, tellTrouble } from '../parts/notice.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { t } from '../words/language.ts'
import type { DeviceKnown } from './device.tsx'
import { isGrouped, PlaceFacts, Typed } from './device-card-facts.tsx'
import { Hints } from './device-hints.tsx'
import { deviceApi } from './device-places.ts'
import { PrintAtPrinter } from './device-print.tsx'
import { Sticker } from './device-sticker.tsx'
import { watchPlace } from './live-watch.tsx'

/** What to type at the panel, for an arm's length: the card, and the ways to get it to the printer. */
export function CardTab({ known: { name, sheet } }: { readonly known: DeviceKnown }) {
  const card = useAnswer<DeviceCard>(deviceApi(name, 'card'), ['setup'])
  const facts = sheet.value?.sheet
  return (
    <Answered known={card}>
      {(value) => (
        <>
          <section class="card">
            <h2>{t('card.type')}</h2>
            <Account card={value} />
            {value.place && <PlaceFacts place={value.place} />}
            {facts?.addressWarning && <Warning warning={facts.addressWarning} onDone={sheet.reload} />}
          </section>
          <a class="button main" href={watchPlace({ device: name })}>
            <Icon name="activity" />
            {t('device.watch')}
          </a>
          {facts?.hints && <Hints hints={facts.hints} />}
          <Sticker name={name} card={value} />
          {facts && <PrintAtPrinter name={name} address={facts.address} />}
          {facts?.page !== undefined && (
            <p>
              <a class="button" href={facts.page} target="_blank" rel="noreferrer">
                <Icon name="external" />
                {t('card.own-page')}
              </a>
            </p>
          )}
        </>
      )}
    </Answered>
  )
}

function Account({ card: { username, password, isFromBefore } }: { readonly card: DeviceCard }) {
  if (isFromBefore) return <p>{t('card.from-before')}</p>
  if (username === undefined || password === undefined) return <p>{t('card.no-sign-in')}</p>
  return (
    <dl class="panel">
      <dt>{t('card.username')}</dt>
      <dd>
        <Typed text={username} />
      </dd>
      <dt>{t('card.password')}</dt>
      <dd>
        <Typed text={password} />
      </dd>
      {isGrouped(password) && <dd class="hint">{t('card.no-blanks')}</dd>}
    </dl>
  )
}

interface WarningProps {
  readonly warning: NonNullable<DeviceSheet['addressWarning']>
  readonly onDone: () => void
}

/** The box's address is of DHCP, and nobody said that the router keeps it. */
function Warning({ warning, onDone }: WarningProps) {
  const confirm = async ({ address }: BoxAddress) => {
    const answer = await ask('PUT', `/addresses/${encodeURIComponent(address)}`, {
      body: { isReserved: true },
    })
    if (answer.kind === 'failed') tellTrouble(answer.sentence)
    else tell(t('card.reserved-done'))
    onDone()
  }
  return (
    <div class="warning" role="note">
      <Icon name="triangle-alert" />
      <div>
        <p>{t('card.warning')}</p>
        {warning.addresses.map((each) => (
          <p key={each.address}>
            <bdi class="mono">{each.address}</bdi>{' '}
            <button type="button" onClick={() => confirm(each)}>
              {t('card.reserved')}
            </button>
          </p>
        ))}
      </div>
    </div>
  )
}
