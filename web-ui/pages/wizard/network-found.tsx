import type { AddressWarning, BoxAddress } from '../../../src/core/device-view.ts'
import type { ListenerView } from '../../../src/core/operations.ts'
import { ask } from '../../box.ts'
import { Answered } from '../../parts/answered.tsx'
import { tellTrouble } from '../../parts/notice.tsx'
import { StateWord } from '../../parts/state-word.tsx'
import { useAnswer } from '../../parts/use-answer.ts'
import { to } from '../../router.ts'
import { formatList } from '../../words/formats.ts'
import { t } from '../../words/language.ts'

interface Addresses {
  readonly addresses: readonly BoxAddress[]
  readonly warning: AddressWarning | undefined
}

interface NetworkFoundProps {
  readonly listeners: readonly ListenerView[]
  /** This machine sets its network when it is asked. */
  readonly mayChange: boolean
}

/** Where printers reach the box, and whether that stays so. */
export function NetworkFound({ listeners, mayChange }: NetworkFoundProps) {
  const known = useAnswer<Addresses>('/addresses', ['setup'])
  const closed = listeners.filter(({ trouble }) => trouble !== '')
  return (
    <section class="card">
      <h2>{t('wizard.network')}</h2>
      <Answered known={known}>
        {({ addresses, warning }) => (
          <>
            {addresses.length === 0 && <p>{t('wizard.network-none')}</p>}
            {addresses.map((address) => (
              <Address key={address.address} address={address} isWarned={warning !== undefined} />
            ))}
          </>
        )}
      </Answered>
      {mayChange && (
        <a class="line" href={to('network')}>
          {t('wizard.network-change')}
        </a>
      )}
      <OpenPorts listeners={listeners} />
      {closed.map(({ name, port, trouble }) => (
        <p key={name}>
          <StateWord mood="bad">
            <bdi>{port}</bdi>
          </StateWord>{' '}
          <span lang="en">{trouble}</span>
        </p>
      ))}
    </section>
  )
}

function OpenPorts({ listeners }: { readonly listeners: readonly ListenerView[] }) {
  const open = listeners.filter(({ trouble, protocol }) => trouble === '' && protocol === 'smtp')
  const ports = [...new Set(open.map(({ port }) => String(port)))]
  return (
    <p>
      <StateWord mood={ports.length > 0 ? 'good' : 'bad'}>
        {ports.length > 0
          ? t('wizard.network-accepts', { ports: formatList(ports) })
          : t('wizard.network-nothing')}
      </StateWord>
    </p>
  )
}

function Address({
  address: { address, origin, isReserved },
  isWarned,
}: {
  readonly address: BoxAddress
  readonly isWarned: boolean
}) {
  const isSafe = origin === 'static' || isReserved
  const reserve = async () => {
    const path = `/addresses/${encodeURIComponent(address)}`
    const answer = await ask('PUT', path, { body: { isReserved: true } })
    if (answer.kind === 'failed') tellTrouble(answer.sentence)
  }
  return (
    <div>
      <p>
        <bdi class="mono">{address}</bdi>{' '}
        <StateWord mood={isSafe || !isWarned ? 'good' : 'warn'}>
          {t(isReserved ? 'wizard.address-reserved' : `wizard.address-${origin}`)}
        </StateWord>
      </p>
      {isWarned && !isSafe && (
        <button type="button" onClick={reserve}>
          {t('wizard.reserve')}
        </button>
      )}
    </div>
  )
}
